package fushan.grid.shell

import android.app.Activity
import android.app.job.JobScheduler
import fushan.grid.shim.EngineState
import fushan.grid.shim.GridHost
import fushan.grid.shim.support.FakeKeystore
import fushan.grid.shim.support.HostRunner
import fushan.grid.shim.support.await
import fushan.grid.shim.support.waiting
import fushan.grid.shim.sync.SyncSchedule
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertSame
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config

/** The reference app itself, as the system makes it. */
@RunWith(HostRunner::class)
@Config(application = ShellApp::class, qualifiers = "zh-rCN-w360dp-h740dp-xhdpi")
class ShellAppTest {
    @get:Rule val keystore = FakeKeystore.Rule()

    @Test fun `the app that the system makes keeps one grid, has asked for its job, and opens the engine with its first screen`() {
        val app = RuntimeEnvironment.getApplication() as ShellApp
        assertSame(app.grid, GridHost.of(app))
        assertNotNull(app.getSystemService(JobScheduler::class.java).getPendingJob(SyncSchedule.REGULAR))
        val robot = ShellRobot("app")
        robot.awaits("登记码")
        await("open while it is seen") { app.grid.keeper.state.value is EngineState.Ready && !waiting { app.grid.keeper.isSuspended() } }
        val second = Robolectric.buildActivity(Activity::class.java).setup()
        robot.end()
        second.pause().stop().destroy()
        await("closed when nobody sees it") { waiting { app.grid.keeper.isSuspended() } }
        waiting { app.grid.keeper.shutDown() }
    }
}
