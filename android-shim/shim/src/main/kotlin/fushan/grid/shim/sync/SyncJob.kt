package fushan.grid.shim.sync

import android.app.job.JobParameters
import android.app.job.JobService
import fushan.grid.core.GridException
import fushan.grid.core.SyncOutcome
import fushan.grid.core.SyncReport
import fushan.grid.core.SyncTrigger
import fushan.grid.shim.Grid
import fushan.grid.shim.GridHost
import kotlinx.coroutines.Job
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.isActive
import kotlinx.coroutines.launch

/** Settles in the background, when the system says so and as long as it lets it. */
class SyncJob : JobService() {
    private val running = HashMap<Int, Job>()

    override fun onStartJob(parameters: JobParameters): Boolean {
        val grid = GridHost.of(this)
        grid.schedule.began(parameters.jobId)
        running[parameters.jobId] = grid.scope.launch { work(grid, parameters) }
        return true
    }

    /** The system takes the network or the time away: the run is cancelled, keeps what it has, and is asked for again. */
    override fun onStopJob(parameters: JobParameters): Boolean {
        running.remove(parameters.jobId)?.cancel()
        GridHost.of(this).schedule.ended(parameters.jobId)
        return true
    }

    private suspend fun work(grid: Grid, parameters: JobParameters) {
        var report: SyncReport? = null
        var again = true
        try {
            report = grid.sync.run(SyncTrigger.SCHEDULE, BUDGET_MS)
            again = false
        } catch (error: GridException) {
            // not enrolled and locked are no reason to come again sooner than usual; when not even the engine could say when, it is
            again = error is GridException.Storage || error is GridException.Internal
        } finally {
            grid.schedule.ended(parameters.jobId)
            // whatever happened: a job that does not say so keeps the phone awake. One that was stopped is over already
            if (currentCoroutineContext().isActive) jobFinished(parameters, again)
        }
        follow(grid, report ?: return)
    }

    /** What comes after a run. Only now: to ask for a job that is still running stops it. */
    private fun follow(grid: Grid, report: SyncReport) {
        if (report.outcome is SyncOutcome.Wiped) grid.schedule.stop() else grid.schedule.after(report)
        if (report.waitsForPerson) grid.notices.waitsForPerson()
    }

    private companion object {
        /** The system gives ten minutes; the end of a run needs some of them. */
        const val BUDGET_MS = 8 * 60_000L
    }
}
