package fushan.grid.shim.keys

import javax.crypto.Cipher
import javax.crypto.SecretKey
import javax.crypto.spec.GCMParameterSpec

/** AES-GCM with a key of the key store: the sealed form is one byte of version, 12 of nonce, then text and tag. */
internal object SealedBytes {
    private const val VERSION: Byte = 1
    private const val NONCE = 12
    private const val TAG_BITS = 128

    /** Seals; the key store chooses the nonce, an app may not. */
    fun seal(key: SecretKey, plain: ByteArray): ByteArray {
        val cipher = Cipher.getInstance("AES/GCM/NoPadding").apply { init(Cipher.ENCRYPT_MODE, key) }
        val text = cipher.doFinal(plain)
        check(cipher.iv.size == NONCE) { "nonce" }
        return byteArrayOf(VERSION) + cipher.iv + text
    }

    /** Opens; throws [javax.crypto.AEADBadTagException] for bytes that another key sealed, or that were changed. */
    fun open(key: SecretKey, sealed: ByteArray): ByteArray {
        if (sealed.size <= 1 + NONCE || sealed[0] != VERSION) throw javax.crypto.AEADBadTagException("form")
        val nonce = GCMParameterSpec(TAG_BITS, sealed, 1, NONCE)
        val cipher = Cipher.getInstance("AES/GCM/NoPadding").apply { init(Cipher.DECRYPT_MODE, key, nonce) }
        return cipher.doFinal(sealed, 1 + NONCE, sealed.size - 1 - NONCE)
    }
}
