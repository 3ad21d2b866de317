package fushan.grid.shim.sync

import android.app.job.JobParameters
import android.app.job.JobService
import fushan.grid.core.GridException
import fushan.grid.core.SyncOutcome
import fushan.grid.core.SyncTrigger
import fushan.grid.shim.Grid
import fushan.grid.shim.GridHost
import kotlinx.coroutines.Job
import kotlinx.coroutines.launch

/** Settles in the background, when the system says so and as long as it lets it. */
class SyncJob : JobService() {
    private val running = HashMap<Int, Job>()

    override fun onStartJob(parameters: JobParameters): Boolean {
        val grid = GridHost.of(this)
        running[parameters.jobId] = grid.scope.launch {
            val again = settle(grid)
            jobFinished(parameters, again)
        }
        return true
    }

    /** The system takes the network or the time away: the run is cancelled, keeps what it has, and is asked for again. */
    override fun onStopJob(parameters: JobParameters): Boolean {
        running.remove(parameters.jobId)?.cancel()
        return true
    }

    /** Whether the system should come again by its own back-off: only when not even the engine could say when. */
    private suspend fun settle(grid: Grid): Boolean = try {
        val report = grid.sync.run(SyncTrigger.SCHEDULE, BUDGET_MS)
        if (report.outcome is SyncOutcome.Wiped) grid.schedule.stop() else grid.schedule.after(report)
        if (report.waitsForPerson) grid.notices.waitsForPerson()
        false
    } catch (error: GridException) {
        // not enrolled and locked are no reason to come again sooner than usual
        error is GridException.Storage || error is GridException.Internal
    }

    private companion object {
        /** The system gives ten minutes; the end of a run needs some of them. */
        const val BUDGET_MS = 8 * 60_000L
    }
}
