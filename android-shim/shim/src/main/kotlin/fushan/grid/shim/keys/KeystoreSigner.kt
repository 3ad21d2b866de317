package fushan.grid.shim.keys

import android.content.Context
import android.os.Build
import android.security.keystore.KeyInfo
import android.security.keystore.KeyProperties
import java.security.KeyFactory
import java.security.PrivateKey
import java.security.SecureRandom
import java.security.Signature
import fushan.grid.core.DeviceSigner
import fushan.grid.core.HostException
import fushan.grid.core.NewSigningKey
import fushan.grid.core.SigningKeyKind

/**
 * Signs evidence with a P-256 key that the key store made and keeps. Its certificates, which tell the district where the key lives,
 * are passed on as they are; nobody judges them here.
 *
 * Keys have generations. The one in use is written down when it is made, so that a key that has gone is told from one that never was:
 * the first is [HostException.Missing] until [startOver].
 *
 * @param challenge what the key store writes into its certificates: the district's nonce where it gives one, else random bytes.
 */
class KeystoreSigner(
    context: Context,
    private val challenge: () -> ByteArray = { ByteArray(32).also(SecureRandom()::nextBytes) },
) : DeviceSigner {
    private val keys = Keystore(context.applicationContext)
    private val notes = context.applicationContext.getSharedPreferences("fushan.signer", Context.MODE_PRIVATE)

    override fun sign(digest: ByteArray): ByteArray = hostCall {
        if (digest.size != 32) throw HostTrouble.wrong()
        Signature.getInstance("NONEwithECDSA").apply { initSign(current()) }.run {
            update(digest)
            sign()
        }
    }

    override fun publicKey(): ByteArray = hostCall {
        current()
        keys.certificates(alias(generation())).first().publicKey.encoded
    }

    override fun attestation(): List<ByteArray> = hostCall {
        if (kindOf(current()) == SigningKeyKind.SOFTWARE) emptyList() else chain(alias(generation()))
    }

    override fun kind(): SigningKeyKind = hostCall { kindOf(current()) }

    override fun nextKey(): NewSigningKey = hostCall {
        current()
        val next = alias(generation() + 1)
        if (!keys.has(next)) keys.makeSigning(next, challenge())
        NewSigningKey(publicKey = keys.certificates(next).first().publicKey.encoded, attestation = chain(next))
    }

    override fun useNext() = hostCall {
        val old = generation()
        if (!keys.has(alias(old + 1))) throw HostTrouble.missing()
        note(old + 1)
        keys.delete(alias(old))
    }

    /**
     * Makes a new key in the place of one that has gone; does nothing while the key is there, and nothing before there was one. The
     * engine begins a new chain of evidence with it that says so (`key_lost`), and what was not signed stays unsigned. Only call it
     * while the key store is known to answer, such as just after the engine has opened.
     *
     * @return whether a key was made.
     */
    @Synchronized
    fun startOver(): Boolean = hostCall {
        val gone = generation() != NONE && !keys.has(alias(generation()))
        // a key that was to follow it may be there already, and evidence may name it
        if (gone && keys.has(alias(generation() + 1))) note(generation() + 1) else if (gone) make(generation() + 1)
        gone
    }

    @Synchronized
    private fun current(): PrivateKey {
        if (generation() == NONE) make(1)
        return keys.signing(alias(generation())) ?: throw HostTrouble.missing()
    }

    private fun make(generation: Int) {
        keys.makeSigning(alias(generation), challenge())
        note(generation)
    }

    private fun generation() = notes.getInt(GENERATION, NONE)

    private fun note(generation: Int) {
        // on the disk before anybody relies on it
        if (!notes.edit().putInt(GENERATION, generation).commit()) throw HostTrouble.unavailable()
    }

    private fun chain(alias: String) = keys.certificates(alias).map { it.encoded }

    private fun kindOf(key: PrivateKey): SigningKeyKind {
        val info = KeyFactory.getInstance(key.algorithm, Keystore.NAME).getKeySpec(key, KeyInfo::class.java)
        return if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) byLevel(info) else byHardware(info)
    }

    private fun byLevel(info: KeyInfo) = when (info.securityLevel) {
        KeyProperties.SECURITY_LEVEL_STRONGBOX -> SigningKeyKind.STRONGBOX
        KeyProperties.SECURITY_LEVEL_TRUSTED_ENVIRONMENT, KeyProperties.SECURITY_LEVEL_UNKNOWN_SECURE -> SigningKeyKind.TEE
        else -> SigningKeyKind.SOFTWARE
    }

    @Suppress("DEPRECATION") // before Android 12 nothing else tells
    private fun byHardware(info: KeyInfo) =
        if (info.isInsideSecureHardware) SigningKeyKind.TEE else SigningKeyKind.SOFTWARE

    private fun alias(generation: Int) = "fushan.evidence.$generation"

    private companion object {
        const val GENERATION = "generation"
        const val NONE = 0
    }
}
