package fushan.grid.shim.keys

import android.security.keystore.KeyProperties
import fushan.grid.core.HostException
import fushan.grid.core.SigningKeyKind
import fushan.grid.shim.support.FakeKeystore
import fushan.grid.shim.support.HostRunner
import java.security.KeyFactory
import java.security.MessageDigest
import java.security.Signature
import java.security.spec.X509EncodedKeySpec
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RuntimeEnvironment

@RunWith(HostRunner::class)
class KeystoreSignerTest {
    @get:Rule val keystore = FakeKeystore.Rule()
    private val nonce = "nonce of the district".toByteArray()

    private fun signer() = KeystoreSigner(RuntimeEnvironment.getApplication()) { nonce }

    private fun verifies(spki: ByteArray, message: ByteArray, signature: ByteArray): Boolean {
        val key = KeyFactory.getInstance("EC").generatePublic(X509EncodedKeySpec(spki))
        return Signature.getInstance("SHA256withECDSA").apply { initVerify(key) }.run {
            update(message)
            verify(signature)
        }
    }

    @Test fun `a digest is signed as it is and not hashed again`() {
        val message = "manifest".toByteArray()
        val signature = signer().sign(MessageDigest.getInstance("SHA-256").digest(message))
        assertTrue(verifies(signer().publicKey(), message, signature))
        assertThrows(HostException.Wrong::class.java) { signer().sign(message) }
    }

    @Test fun `the certificates are passed on, the key's own first`() {
        val chain = signer().attestation()
        assertEquals(2, chain.size)
        assertArrayEquals("own".toByteArray() + nonce, chain.first())
    }

    @Test fun `the key store itself says where the key lives`() {
        assertEquals(SigningKeyKind.TEE, signer().kind())
        FakeKeystore.level = KeyProperties.SECURITY_LEVEL_STRONGBOX
        assertEquals(SigningKeyKind.STRONGBOX, signer().kind())
        FakeKeystore.level = KeyProperties.SECURITY_LEVEL_SOFTWARE
        assertEquals(SigningKeyKind.SOFTWARE, signer().kind())
        assertEquals("a software key has nobody to vouch for it", emptyList<ByteArray>(), signer().attestation())
    }

    @Test fun `a key follows only when it is taken into use`() {
        val first = signer().publicKey()
        val next = signer().nextKey()
        assertArrayEquals("asked again it is the same", next.publicKey, signer().nextKey().publicKey)
        assertArrayEquals(first, signer().publicKey())
        signer().useNext()
        assertArrayEquals(next.publicKey, signer().publicKey())
        assertEquals("the old key is destroyed", 1, FakeKeystore.entries.size)
        assertThrows(HostException.Missing::class.java) { signer().useNext() }
    }

    @Test fun `a key that has gone is missing until somebody starts over`() {
        val first = signer().publicKey()
        FakeKeystore.entries.clear()
        assertThrows(HostException.Missing::class.java) { signer().sign(ByteArray(32)) }
        signer().startOver()
        assertFalse(first.contentEquals(signer().publicKey()))
        val second = signer().publicKey()
        signer().startOver()
        assertArrayEquals("a key that is there is left alone", second, signer().publicKey())
    }

    @Test fun `a key that never was is none that has gone`() {
        assertFalse(signer().startOver())
        assertTrue(FakeKeystore.entries.isEmpty())
    }

    @Test fun `the key that was to follow is taken where the one before it has gone`() {
        signer().publicKey()
        val next = signer().nextKey()
        FakeKeystore.entries.remove("fushan.evidence.1")
        assertTrue(signer().startOver())
        assertArrayEquals("evidence may name it already", next.publicKey, signer().publicKey())
    }

    @Test fun `a key store that does not answer has lost nothing`() {
        val first = signer().publicKey()
        FakeKeystore.broken = true
        assertThrows(HostException.Unavailable::class.java) { signer().startOver() }
        FakeKeystore.broken = false
        assertArrayEquals(first, signer().publicKey())
    }
}
