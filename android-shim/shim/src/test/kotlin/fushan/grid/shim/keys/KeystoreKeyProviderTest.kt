package fushan.grid.shim.keys

import android.content.pm.PackageManager
import fushan.grid.core.HostException
import fushan.grid.shim.support.FakeKeystore
import fushan.grid.shim.support.HostRunner
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotEquals
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf

@RunWith(HostRunner::class)
class KeystoreKeyProviderTest {
    @get:Rule val keystore = FakeKeystore.Rule()
    private val app = RuntimeEnvironment.getApplication()
    private val key = ByteArray(32) { it.toByte() }

    private fun provider() = KeystoreKeyProvider(app)

    @Test fun `what was wrapped comes back, also after a restart`() {
        val wrapped = provider().wrap(key)
        assertArrayEquals(key, provider().unwrap(wrapped))
        assertTrue("two wrappings tell nothing of each other", !wrapped.contentEquals(provider().wrap(key)))
        assertFalse("the key lies open", wrapped.toList().windowed(32).contains(key.toList()))
    }

    @Test fun `a key that has gone is missing and is not made anew`() {
        val wrapped = provider().wrap(key)
        FakeKeystore.entries.clear()
        assertThrows(HostException.Missing::class.java) { provider().unwrap(wrapped) }
        assertTrue(FakeKeystore.entries.isEmpty())
    }

    @Test fun `bytes of another key and changed bytes are wrong`() {
        val wrapped = provider().wrap(key)
        val changed = wrapped.copyOf().also { it[20] = (it[20] + 1).toByte() }
        assertThrows(HostException.Wrong::class.java) { provider().unwrap(changed) }
        assertThrows(HostException.Wrong::class.java) { provider().unwrap(ByteArray(3)) }
        FakeKeystore.entries.clear()
        provider().wrap(key)
        assertThrows(HostException.Wrong::class.java) { provider().unwrap(wrapped) }
    }

    @Test fun `a key store that does not answer may answer later`() {
        val wrapped = provider().wrap(key)
        FakeKeystore.broken = true
        assertThrows(HostException.Unavailable::class.java) { provider().unwrap(wrapped) }
        FakeKeystore.broken = false
        assertArrayEquals(key, provider().unwrap(wrapped))
    }

    @Test fun `the key lives in StrongBox where there is one`() {
        shadowOf(app.packageManager).setSystemFeature(PackageManager.FEATURE_STRONGBOX_KEYSTORE, true)
        provider().wrap(key)
        assertTrue(FakeKeystore.entries.values.single().spec.isStrongBoxBacked)
    }

    @Test fun `a StrongBox that refuses is done without`() {
        shadowOf(app.packageManager).setSystemFeature(PackageManager.FEATURE_STRONGBOX_KEYSTORE, true)
        FakeKeystore.strongBoxRefuses = true
        assertArrayEquals(key, provider().unwrap(provider().wrap(key)))
        assertFalse(FakeKeystore.entries.values.single().spec.isStrongBoxBacked)
    }

    @Test fun `wrapping keys of two databases have two names`() {
        assertNotEquals(provider().keyId(), KeystoreKeyProvider(app, "other").keyId())
    }
}
