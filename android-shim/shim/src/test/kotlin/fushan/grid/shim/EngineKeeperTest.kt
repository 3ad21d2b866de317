package fushan.grid.shim

import android.app.Activity
import fushan.grid.core.GridException
import fushan.grid.shim.support.FakeKeystore
import fushan.grid.shim.support.GridRule
import fushan.grid.shim.support.HostRunner
import fushan.grid.shim.support.await
import fushan.grid.shim.support.waiting
import java.io.File
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.launch
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric

@RunWith(HostRunner::class)
class EngineKeeperTest {
    @get:Rule val phone = GridRule()
    private val keeper get() = phone.grid.keeper
    private val folder get() = File(phone.app.noBackupFilesDir, "grid")

    /** Files of the database that this process has open. */
    private fun openFiles() = File("/proc/self/fd").listFiles().orEmpty()
        .mapNotNull { runCatching { it.canonicalPath }.getOrNull() }.count { it.startsWith(folder.canonicalPath) && ".db" in it }

    @Test fun `the engine opens when it is needed and closes its files when it is not`() = waiting {
        assertEquals(EngineState.Shut, keeper.state.value)
        keeper.use { assertTrue("open files", openFiles() > 0) }
        assertTrue(keeper.state.value is EngineState.Ready)
        assertTrue(keeper.isSuspended())
        assertEquals("files open in the background", 0, openFiles())
        assertEquals(0, keeper.use { it.inspectDrafts() }.size)
    }

    @Test fun `in sight it stays open, out of sight it closes`() = waiting {
        keeper.inSight(true)
        keeper.use { }
        assertFalse(keeper.isSuspended())
        keeper.inSight(false)
        assertTrue(keeper.isSuspended())
    }

    @Test fun `work in the background holds it open to its end`() = waiting {
        val go = CompletableDeferred<Unit>()
        val begun = CompletableDeferred<Unit>()
        val work = launch {
            keeper.use {
                begun.complete(Unit)
                go.await()
                it.inspectDrafts()
            }
        }
        begun.await()
        keeper.inSight(true)
        keeper.inSight(false)
        assertFalse("closed under somebody's hands", keeper.isSuspended())
        go.complete(Unit)
        work.join()
        assertTrue(keeper.isSuspended())
    }

    @Test fun `a lost key is a state of its own, and every file is kept`() = waiting {
        keeper.use { }
        keeper.shutDown()
        val before = folder.walk().filter(File::isFile).map { it.path to it.readBytes().contentHashCode() }.toMap()
        FakeKeystore.entries.clear()
        val state = keeper.open()
        assertTrue("$state", state is EngineState.KeyLost)
        assertTrue((state as EngineState.KeyLost).told.zh.isNotEmpty())
        val after = folder.walk().filter(File::isFile).map { it.path to it.readBytes().contentHashCode() }.toMap()
        assertEquals(before, after)
    }

    @Test fun `a key store that does not answer locks, and opening can be tried again`() = waiting {
        keeper.use { }
        keeper.shutDown()
        FakeKeystore.broken = true
        assertTrue("${keeper.open()}", keeper.open() is EngineState.Locked)
        FakeKeystore.broken = false
        assertTrue(keeper.open() is EngineState.Ready)
    }

    @Test fun `coming into sight while the disk fails is told by the state and throws nothing`() = waiting {
        keeper.use { }
        val folder = File(phone.app.noBackupFilesDir, "grid")
        val away = File(phone.app.noBackupFilesDir, "away")
        assertTrue(folder.renameTo(away) && folder.createNewFile())
        keeper.inSight(true)
        assertTrue("${keeper.state.value}", keeper.state.value is EngineState.Failed)
        assertTrue(folder.delete() && away.renameTo(folder))
        assertTrue("${keeper.open()}", keeper.open() is EngineState.Ready)
    }

    @Test fun `an error of the work is the caller's, and the engine is let go of`() = waiting {
        val error = runCatching { keeper.use { it.incident("no id") } }.exceptionOrNull()
        assertTrue("$error", error is GridException.Invalid)
        assertTrue(keeper.isSuspended())
    }

    @Test fun `the app's screens are watched`() {
        phone.app.registerActivityLifecycleCallbacks(AppInSight(keeper, phone.grid.scope, graceMs = 30))
        val screen = Robolectric.buildActivity(Activity::class.java).setup()
        waiting { keeper.use { } }
        await("in sight") { waiting { !keeper.isSuspended() } }
        screen.pause().stop()
        await("out of sight") { waiting { keeper.isSuspended() } }
    }
}
