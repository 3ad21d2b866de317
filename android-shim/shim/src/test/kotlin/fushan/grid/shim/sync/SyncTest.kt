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
        assertNull("nothing to do", scheduler.getPendingJob(SyncSchedule.ONCE.first()))
        grid.schedule.after(report.copy(nextAttemptMs = 90_000uL))
        assertEquals(90_000L, scheduler.getPendingJob(SyncSchedule.ONCE.first())?.minLatencyMillis)
    }

    @Test fun `a write is followed by a run`() = waiting {
        phone.enrol(platform)
        note("一")
        assertNotNull(scheduler.getPendingJob(SyncSchedule.ONCE.first()))
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

    @Test fun `what is written while a run goes on gets a run of its own, and the one that runs is not stopped`() {
        val (first, second) = SyncSchedule.ONCE
        grid.schedule.soon(1_000)
        assertNotNull(scheduler.getPendingJob(first))
        grid.schedule.began(first)
        grid.schedule.soon(1_000)
        assertEquals("to schedule an id that runs stops it", 1_000L, scheduler.getPendingJob(second)?.minLatencyMillis)
        scheduler.cancelAll()
        grid.schedule.ended(first)
        grid.schedule.soon(2_000)
        assertEquals(2_000L, scheduler.getPendingJob(first)?.minLatencyMillis)
    }

    @Test fun `a later wish does not put off a run that comes sooner, and a sooner one is followed`() {
        val first = SyncSchedule.ONCE.first()
        grid.schedule.soon(10_000)
        grid.schedule.soon(600_000)
        assertEquals(10_000L, scheduler.getPendingJob(first)?.minLatencyMillis)
        grid.schedule.soon(1_000)
        assertEquals(1_000L, scheduler.getPendingJob(first)?.minLatencyMillis)
        // another process knows no more than what the system tells it
        SyncSchedule(phone.app).soon(600_000)
        assertEquals(1_000L, scheduler.getPendingJob(first)?.minLatencyMillis)
        assertEquals(1, scheduler.allPendingJobs.size)
    }

    @Test fun `a job that was stopped says nothing more and leaves the schedule free`() {
        phone.enrol(platform)
        val job = Robolectric.buildService(SyncJob::class.java).create().get()
        val parameters = parametersOf(SyncSchedule.ONCE.first())
        job.onStartJob(parameters)
        job.onStopJob(parameters)
        await("let go") { waiting { grid.keeper.isSuspended() } }
        assertFalse(shadowOf(job).isJobFinished)
        grid.schedule.soon(1_000)
        assertNotNull(scheduler.getPendingJob(SyncSchedule.ONCE.first()))
    }

    @Test fun `a phone that is not enrolled ends its job at once and does not come again sooner`() {
        val job = Robolectric.buildService(SyncJob::class.java).create().get()
        job.onStartJob(parametersOf(SyncSchedule.REGULAR))
        await("the end of the job") { shadowOf(job).isJobFinished }
        assertFalse(shadowOf(job).isRescheduleNeeded)
    }
}
