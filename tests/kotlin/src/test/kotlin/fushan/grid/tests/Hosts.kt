package fushan.grid.tests

import fushan.grid.core.*
import java.io.File
import java.io.InputStream
import java.security.KeyPairGenerator
import java.security.SecureRandom
import java.security.Signature
import java.security.spec.ECGenParameterSpec
import javax.crypto.Cipher
import javax.crypto.spec.GCMParameterSpec
import javax.crypto.spec.SecretKeySpec

/** A key store in memory: AES-GCM under a key of its own. */
class MemoryKeys(private val name: String = "memory") : KeyProvider {
    private val key = SecretKeySpec(ByteArray(32).also { SecureRandom().nextBytes(it) }, "AES")

    override fun keyId() = name

    override fun wrap(key: ByteArray): ByteArray {
        val cipher = Cipher.getInstance("AES/GCM/NoPadding")
        cipher.init(Cipher.ENCRYPT_MODE, this.key)
        return cipher.iv + cipher.doFinal(key)
    }

    override fun unwrap(wrapped: ByteArray): ByteArray {
        val cipher = Cipher.getInstance("AES/GCM/NoPadding")
        cipher.init(Cipher.DECRYPT_MODE, key, GCMParameterSpec(128, wrapped, 0, 12))
        return cipher.doFinal(wrapped, 12, wrapped.size - 12)
    }
}

/** A signing key of the JVM. */
class JvmSigner : DeviceSigner {
    private fun pair() = KeyPairGenerator.getInstance("EC").apply { initialize(ECGenParameterSpec("secp256r1")) }.generateKeyPair()
    private var now = pair()
    private val following by lazy { pair() }

    override fun sign(digest: ByteArray): ByteArray {
        // the digest is signed as it is: it is not hashed again
        val signer = Signature.getInstance("NONEwithECDSA")
        signer.initSign(now.private)
        signer.update(digest)
        return signer.sign()
    }

    override fun publicKey(): ByteArray = now.public.encoded
    override fun attestation(): List<ByteArray> = emptyList()
    override fun kind() = SigningKeyKind.SOFTWARE
    override fun nextKey() = NewSigningKey(following.public.encoded, emptyList())
    override fun useNext() { now = following }
}

/** A stream of the app's, read piece by piece. */
class Stream(private val input: InputStream) : ByteSource {
    var largest = 0u
    override fun read(most: UInt): ByteArray {
        largest = maxOf(largest, most)
        return input.readNBytes(most.toInt())
    }
}

/** A place in the first basic grid of the sample district. */
val here = GeoPoint(121.264, 37.502, Crs.CGCS2000)
const val GRID = "370611001901001"

fun fix(point: GeoPoint = here) = Fix(point, 5.0, "gnss", 0uL)

class At(private val fix: Fix?) : LocationSource {
    override fun lastFix() = fix
}

/** A phone of the tests: its folder, its key store, and its engine. */
class Phone(val dir: File, val host: Host = Host(MemoryKeys(), JvmSigner())) {
    suspend fun open(limitMs: ULong = 30_000uL): Engine =
        Engine.open(EngineConfig(dir = dir.path, hostLimitMs = limitMs), host)
}

/** A picture that differs from every other by its number. */
fun picture(number: Int, file: File): File {
    val image = java.awt.image.BufferedImage(640, 480, java.awt.image.BufferedImage.TYPE_INT_RGB)
    val random = java.util.Random(number.toLong())
    for (x in 0 until 640 step 16) for (y in 0 until 480 step 16) {
        val colour = random.nextInt(0xffffff)
        for (dx in 0 until 16) for (dy in 0 until 16) image.setRGB(x + dx, y + dy, colour)
    }
    check(javax.imageio.ImageIO.write(image, "jpeg", file))
    return file
}

fun photo(role: String, source: PhotoSource = PhotoSource.APP_CAMERA) = PhotoContext(role = role, source = source, fix = fix())
