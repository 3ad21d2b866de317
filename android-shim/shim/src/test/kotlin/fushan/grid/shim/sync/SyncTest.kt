package fushan.grid.shim.sync

import android.app.NotificationManager
import android.app.job.JobScheduler
import fushan.grid.core.Crs
import fushan.grid.core.GeoPoint
import fushan.grid.core.GridException
import fushan.grid.core.IncidentReport
import fushan.grid.core.SyncOutcome
import fushan.grid.core.SyncTrigger
import fushan.grid.shim.Loaded
import fushan.grid.shim.support.GridRule
import fushan.grid.shim.support.HostRunner
import fushan.grid.shim.support.TestPlatform
import fushan.grid.shim.support.await
import fushan.grid.shim.support.waiting
import java.util.concurrent.CopyOnWriteArrayList
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.ClassRule
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.Shadows.shadowOf

@RunWith(HostRunner::class)
class SyncTest {
    companion object {
        @ClassRule @JvmField val platform = TestPlatform()
    }

    @get:Rule val phone = GridRule()
    private val grid get() = phone.grid
    private val scheduler get() = phone.app.getSystemService(JobScheduler::class.java)

    private suspend fun note(title: String) = grid.write {
        it.incidentDraft(IncidentReport("A01.03", title, "纸箱", point = GeoPoint(121.2645, 37.5025, Crs.WGS84)))
    }

    @Test fun `a run tells where it is and how it ended`() = waiting {
        val states = CopyOnWriteArrayList<SyncState>()
        val watching = launch(Dispatchers.Default) { grid.sync.state.collect(states::add) }
        val report = phone.enrol(platform)
        assertEquals(SyncOutcome.Done, report.outcome)
        assertTrue("${report.pulled}", report.pulled > 0uL)
        await("the end") { states.lastOrNull() is SyncState.Ended }
        assertTrue("$states", states.any { it is SyncState.Running })
        watching.cancel()
    }

    @Test fun `a phone that is not enrolled says so and keeps its work`() = waiting {
        val error = runCatching { grid.sync.run(SyncTrigger.WORKER, 1_000) }.exceptionOrNull()
        assertTrue("$error", error is GridException.Locked)
        assertTrue(grid.sync.state.value is SyncState.Failed)
    }

    @Test fun `the regular job is asked for once and outlives a reboot`() {
        SyncSchedule(phone.app).regular()
        SyncSchedule(phone.app).regular()
        val job = scheduler.allPendingJobs.single()
        assertTrue(job.isPersisted && job.isPeriodic)
        SyncSchedule(phone.app).stop()
        assertEquals(0, scheduler.allPendingJobs.size)
    }

    @Test fun `the engine's own wish for the next run is followed`() = waiting {
        val report = phone.enrol(platform)
        grid.schedule.after(report)
        assertNull("nothing to do", scheduler.getPendingJob(SyncSchedule.SOON))
        grid.schedule.after(report.copy(nextAttemptMs = 90_000uL))
        assertEquals(90_000L, scheduler.getPendingJob(SyncSchedule.SOON)?.minLatencyMillis)
    }

    @Test fun `a write is followed by a run`() = waiting {
        phone.enrol(platform)
        note("一")
        assertNotNull(scheduler.getPendingJob(SyncSchedule.SOON))
        Unit
    }

    @Test fun `screens hear of what changed`() = waiting {
        phone.enrol(platform)
        val drafts = CopyOnWriteArrayList<ULong>()
        val scope = CoroutineScope(Dispatchers.Default)
        scope.launch { grid.views.sync().collect { if (it is Loaded.Here) drafts.add(it.value.drafts) } }
        await("a first look") { drafts.isNotEmpty() }
        note("二")
        await("the draft") { drafts.last() == drafts.first() + 1uL }
        scope.cancel()
    }

    @Test fun `an error is a value of the flow and not its end`() = waiting {
        val seen = CopyOnWriteArrayList<Loaded<*>>()
        val scope = CoroutineScope(Dispatchers.Default)
        scope.launch { grid.views.incident("00000000-0000-7000-8000-000000000000").collect(seen::add) }
        await("trouble") { seen.lastOrNull() is Loaded.Trouble }
        grid.bell.ring()
        assertTrue(scope.coroutineContext[kotlinx.coroutines.Job]?.isActive == true)
        scope.cancel()
    }

    @Test fun `the job settles and says that it has finished`() {
        phone.enrol(platform)
        grid.schedule.regular()
        val job = Robolectric.buildService(SyncJob::class.java).create().get()
        val parameters = parametersOf(SyncSchedule.REGULAR)
        assertTrue("works on", job.onStartJob(parameters))
        await("the end of the job") { shadowOf(job).isJobFinished }
        assertFalse("no back-off of the system's own", shadowOf(job).isRescheduleNeeded)
        assertTrue(waiting { grid.keeper.isSuspended() })
    }

    @Test fun `a job that the system stops is asked for again, and the engine is let go of`() {
        phone.enrol(platform)
        val job = Robolectric.buildService(SyncJob::class.java).create().get()
        val parameters = parametersOf(SyncSchedule.REGULAR)
        job.onStartJob(parameters)
        assertTrue(job.onStopJob(parameters))
        await("let go") { waiting { grid.keeper.isSuspended() } }
    }

    @Test fun `a notice says that something waits and never what`() {
        fushan.grid.shim.Channels.make(phone.app)
        grid.notices.waitsForPerson()
        val manager = phone.app.getSystemService(NotificationManager::class.java)
        val notice = shadowOf(manager).allNotifications.single()
        assertEquals("fushan.waits", notice.channelId)
        assertEquals(2, manager.notificationChannels.size)
    }
}
