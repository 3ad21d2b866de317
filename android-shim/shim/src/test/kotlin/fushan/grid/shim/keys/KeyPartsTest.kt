package fushan.grid.shim.keys

import android.security.keystore.KeyPermanentlyInvalidatedException
import android.security.keystore.KeyProperties
import fushan.grid.core.HostException
import fushan.grid.shim.support.FakeKeystore
import fushan.grid.shim.support.HostRunner
import javax.crypto.AEADBadTagException
import javax.crypto.spec.SecretKeySpec
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertSame
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RuntimeEnvironment

/** The parts below the two keys: the sealed form, the key store's entries, and what failures are told as. */
@RunWith(HostRunner::class)
class KeyPartsTest {
    @get:Rule val keystore = FakeKeystore.Rule()
    private val key = SecretKeySpec(ByteArray(32) { it.toByte() }, "AES")
    private val plain = "楼道堆物".toByteArray()

    @Test fun `what was sealed opens with its key and no other, and every changed byte is noticed`() {
        val sealed = SealedBytes.seal(key, plain)
        assertArrayEquals(plain, SealedBytes.open(key, sealed))
        assertThrows(AEADBadTagException::class.java) { SealedBytes.open(SecretKeySpec(ByteArray(32), "AES"), sealed) }
        for (at in sealed.indices) {
            val changed = sealed.copyOf().also { it[at] = (it[at] + 1).toByte() }
            assertThrows("byte $at", AEADBadTagException::class.java) { SealedBytes.open(key, changed) }
        }
        for (size in 0..13) assertThrows("$size bytes", AEADBadTagException::class.java) { SealedBytes.open(key, sealed.copyOf(size)) }
    }

    @Test fun `an empty text is sealed too, and no two seals are the same`() {
        assertArrayEquals(ByteArray(0), SealedBytes.open(key, SealedBytes.seal(key, ByteArray(0))))
        assertFalse(SealedBytes.seal(key, plain).contentEquals(SealedBytes.seal(key, plain)))
    }

    @Test fun `only what is gone for good is missing, and what may pass is not`() {
        assertThrows(HostException.Missing::class.java) { hostCall { throw KeyPermanentlyInvalidatedException() } }
        assertThrows(HostException.Wrong::class.java) { hostCall { throw AEADBadTagException() } }
        assertThrows(HostException.Unavailable::class.java) { hostCall { throw IllegalStateException("daemon") } }
        val own = HostTrouble.missing()
        assertSame("told already", own, assertThrows(HostException::class.java) { hostCall { throw own } })
        assertEquals(7, hostCall { 7 })
    }

    @Test fun `the cause stays with a failure for the log`() {
        val cause = IllegalStateException("daemon")
        assertSame(cause, HostTrouble.unavailable(cause).cause)
        assertSame(cause, HostTrouble.failed(cause).cause)
    }

    @Test fun `keys are asked for as they are used, and found by their names`() {
        val keys = Keystore(RuntimeEnvironment.getApplication())
        assertFalse(keys.has("a"))
        assertNull(keys.secret("a"))
        keys.makeSecret("a")
        keys.makeSigning("b", "nonce".toByteArray())
        val (secret, signing) = FakeKeystore.entries.values.map { it.spec }
        assertEquals(256, secret.keySize)
        assertEquals(listOf(KeyProperties.BLOCK_MODE_GCM), secret.blockModes.toList())
        assertEquals(KeyProperties.PURPOSE_SIGN, signing.purposes)
        assertArrayEquals("nonce".toByteArray(), signing.attestationChallenge)
        assertFalse("work goes on behind a locked screen", secret.isUserAuthenticationRequired || signing.isUserAuthenticationRequired)
        assertEquals(2, keys.certificates("b").size)
        keys.delete("b")
        assertTrue(keys.has("a") && !keys.has("b"))
        assertEquals(0, keys.certificates("b").size)
    }
}
