package fushan.grid.shim.keys

import android.content.Context
import android.content.pm.PackageManager
import android.os.Build
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyProperties
import android.security.keystore.StrongBoxUnavailableException
import java.security.KeyPairGenerator
import java.security.KeyStore
import java.security.PrivateKey
import java.security.cert.Certificate
import java.security.spec.ECGenParameterSpec
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey

/** The phone's key store: makes keys in StrongBox where there is one, and hands them out by alias. No key ever leaves it. */
internal class Keystore(private val context: Context) {
    private fun store() = KeyStore.getInstance(NAME).apply { load(null) }

    fun has(alias: String): Boolean = store().containsAlias(alias)

    fun secret(alias: String): SecretKey? = store().getKey(alias, null) as SecretKey?

    fun signing(alias: String): PrivateKey? = store().getKey(alias, null) as PrivateKey?

    /** Certificates about a key, its own first; none for a key that is not there. */
    fun certificates(alias: String): List<Certificate> = store().getCertificateChain(alias)?.toList().orEmpty()

    fun delete(alias: String) = store().deleteEntry(alias)

    /** Makes an AES key of 256 bits for GCM. */
    fun makeSecret(alias: String) = strongest { strongBox ->
        val use = KeyProperties.PURPOSE_ENCRYPT or KeyProperties.PURPOSE_DECRYPT
        val spec = KeyGenParameterSpec.Builder(alias, use)
            .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
            .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
            .setKeySize(256)
            .strongBoxed(strongBox)
            .build()
        KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, NAME).apply { init(spec) }.generateKey()
    }

    /** Makes a P-256 key that signs digests, attested with the challenge. */
    fun makeSigning(alias: String, challenge: ByteArray) = strongest { strongBox ->
        val spec = KeyGenParameterSpec.Builder(alias, KeyProperties.PURPOSE_SIGN)
            .setAlgorithmParameterSpec(ECGenParameterSpec("secp256r1"))
            // the engine hashes, the key store signs what it is given
            .setDigests(KeyProperties.DIGEST_NONE)
            .setAttestationChallenge(challenge)
            .strongBoxed(strongBox)
            .build()
        KeyPairGenerator.getInstance(KeyProperties.KEY_ALGORITHM_EC, NAME).apply { initialize(spec) }.generateKeyPair()
    }

    private fun KeyGenParameterSpec.Builder.strongBoxed(strongBox: Boolean): KeyGenParameterSpec.Builder {
        if (strongBox && Build.VERSION.SDK_INT >= Build.VERSION_CODES.P) setIsStrongBoxBacked(true)
        return this
    }

    /** Some phones say that they have a StrongBox and then refuse: the trusted environment serves them as well. */
    private fun <T> strongest(make: (strongBox: Boolean) -> T): T {
        if (!hasStrongBox()) return make(false)
        return try {
            make(true)
        } catch (_: StrongBoxUnavailableException) {
            make(false)
        }
    }

    private fun hasStrongBox(): Boolean = Build.VERSION.SDK_INT >= Build.VERSION_CODES.P &&
        context.packageManager.hasSystemFeature(PackageManager.FEATURE_STRONGBOX_KEYSTORE)

    companion object {
        const val NAME = "AndroidKeyStore"
    }
}
