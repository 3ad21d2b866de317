package fushan.grid.shim.support

import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyInfo
import android.security.keystore.KeyProperties
import android.security.keystore.StrongBoxUnavailableException
import java.io.InputStream
import java.io.OutputStream
import java.security.Key
import java.security.KeyFactorySpi
import java.security.KeyPair
import java.security.KeyPairGenerator
import java.security.KeyPairGeneratorSpi
import java.security.KeyStoreException
import java.security.KeyStoreSpi
import java.security.Provider
import java.security.PublicKey
import java.security.SecureRandom
import java.security.Security
import java.security.cert.Certificate
import java.security.spec.AlgorithmParameterSpec
import java.security.spec.ECGenParameterSpec
import java.security.spec.KeySpec
import java.util.Collections
import java.util.Date
import javax.crypto.KeyGeneratorSpi
import javax.crypto.SecretKey
import javax.crypto.spec.SecretKeySpec
import org.junit.rules.ExternalResource

/** An `AndroidKeyStore` for tests: it keeps keys in memory, remembers how each was asked for, and can break as real ones do. */
object FakeKeystore {
    class Entry(val key: Key, val spec: KeyGenParameterSpec, val chain: List<Certificate>)

    val entries = LinkedHashMap<String, Entry>()

    /** The phone says that it has a StrongBox and refuses keys for it. */
    var strongBoxRefuses = false

    /** The daemon does not answer. */
    var broken = false

    /** What the key store tells of its keys. */
    var level = KeyProperties.SECURITY_LEVEL_TRUSTED_ENVIRONMENT

    fun reset() {
        entries.clear()
        strongBoxRefuses = false
        broken = false
        level = KeyProperties.SECURITY_LEVEL_TRUSTED_ENVIRONMENT
    }

    internal fun keep(spec: KeyGenParameterSpec, key: Key, chain: List<Certificate>) {
        if (spec.isStrongBoxBacked && strongBoxRefuses) throw StrongBoxUnavailableException()
        entries[spec.keystoreAlias] = Entry(key, spec, chain)
    }

    /** Installs the provider for a test and takes it away after. */
    class Rule : ExternalResource() {
        override fun before() {
            reset()
            Security.addProvider(FakeProvider())
        }

        override fun after() = Security.removeProvider("AndroidKeyStore")
    }
}

class FakeProvider : Provider("AndroidKeyStore", "1.0", "fake") {
    init {
        put("KeyStore.AndroidKeyStore", FakeStore::class.java.name)
        put("KeyGenerator.AES", FakeAes::class.java.name)
        put("KeyPairGenerator.EC", FakeEc::class.java.name)
        put("KeyFactory.EC", FakeFactory::class.java.name)
    }
}

class FakeAes : KeyGeneratorSpi() {
    private lateinit var spec: KeyGenParameterSpec

    override fun engineInit(random: SecureRandom?) = Unit
    override fun engineInit(size: Int, random: SecureRandom?) = Unit
    override fun engineInit(params: AlgorithmParameterSpec, random: SecureRandom?) {
        spec = params as KeyGenParameterSpec
    }

    override fun engineGenerateKey(): SecretKey =
        SecretKeySpec(ByteArray(32).also(SecureRandom()::nextBytes), "AES").also { FakeKeystore.keep(spec, it, emptyList()) }
}

class FakeEc : KeyPairGeneratorSpi() {
    private lateinit var spec: KeyGenParameterSpec

    override fun initialize(size: Int, random: SecureRandom?) = Unit
    override fun initialize(params: AlgorithmParameterSpec, random: SecureRandom?) {
        spec = params as KeyGenParameterSpec
    }

    override fun generateKeyPair(): KeyPair {
        val made = KeyPairGenerator.getInstance("EC").apply { initialize(ECGenParameterSpec("secp256r1")) }.generateKeyPair()
        val own = FakeCertificate(made.public, "own".toByteArray() + spec.attestationChallenge)
        FakeKeystore.keep(spec, made.private, listOf(own, FakeCertificate(made.public, "root".toByteArray())))
        return made
    }
}

class FakeCertificate(private val key: PublicKey, private val bytes: ByteArray) : Certificate("X.509") {
    override fun getEncoded() = bytes
    override fun getPublicKey() = key
    override fun verify(key: PublicKey) = Unit
    override fun verify(key: PublicKey, provider: String) = Unit
    override fun toString() = "fake"
}

class FakeFactory : KeyFactorySpi() {
    @Suppress("UNCHECKED_CAST")
    override fun <T : KeySpec> engineGetKeySpec(key: Key, type: Class<T>): T {
        val maker = KeyInfo::class.java.declaredConstructors.single { it.parameterCount > 1 }
        val values = maker.parameterTypes.map { type -> if (type == Int::class.java) 0 else if (type == Boolean::class.java) false else null }
        val filled = values.toTypedArray<Any?>()
        // alias, whether in hardware, origin, …, level, uses left
        filled[0] = "alias"
        filled[filled.size - 2] = FakeKeystore.level
        return maker.newInstance(*filled) as T
    }

    override fun engineGeneratePublic(spec: KeySpec) = throw UnsupportedOperationException()
    override fun engineGeneratePrivate(spec: KeySpec) = throw UnsupportedOperationException()
    override fun engineTranslateKey(key: Key) = throw UnsupportedOperationException()
}

class FakeStore : KeyStoreSpi() {
    private val entries get() = if (FakeKeystore.broken) throw KeyStoreException("daemon") else FakeKeystore.entries

    override fun engineGetKey(alias: String, password: CharArray?) = entries[alias]?.key
    override fun engineGetCertificateChain(alias: String): Array<Certificate>? =
        entries[alias]?.chain?.takeIf { it.isNotEmpty() }?.toTypedArray()
    override fun engineGetCertificate(alias: String) = entries[alias]?.chain?.firstOrNull()
    override fun engineGetCreationDate(alias: String) = Date()
    override fun engineSetKeyEntry(a: String, key: Key, p: CharArray?, chain: Array<out Certificate>?) = throw KeyStoreException()
    override fun engineSetKeyEntry(a: String, key: ByteArray, chain: Array<out Certificate>?) = throw KeyStoreException()
    override fun engineSetCertificateEntry(alias: String, certificate: Certificate?) = throw KeyStoreException()
    override fun engineDeleteEntry(alias: String) {
        entries.remove(alias)
    }
    override fun engineAliases() = Collections.enumeration(entries.keys)
    override fun engineContainsAlias(alias: String) = alias in entries
    override fun engineSize() = entries.size
    override fun engineIsKeyEntry(alias: String) = alias in entries
    override fun engineIsCertificateEntry(alias: String) = false
    override fun engineGetCertificateAlias(certificate: Certificate) = null
    override fun engineStore(stream: OutputStream?, password: CharArray?) = Unit
    override fun engineLoad(stream: InputStream?, password: CharArray?) {
        if (FakeKeystore.broken) throw java.io.IOException("daemon")
    }
}
