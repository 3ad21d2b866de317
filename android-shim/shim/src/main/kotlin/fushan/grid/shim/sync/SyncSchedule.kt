package fushan.grid.shim.sync

import android.app.job.JobInfo
import android.app.job.JobScheduler
import android.content.ComponentName
import android.content.Context
import fushan.grid.core.SyncReport

/**
 * Asks the system to run [SyncJob]: every quarter of an hour while there is any network, and once soon after a run that has more to do.
 * Which work moves over which network and at which battery the engine decides, so the job asks for no more than a network.
 */
class SyncSchedule(context: Context) {
    private val context = context.applicationContext
    private val scheduler = context.getSystemService(JobScheduler::class.java)

    /** Keeps the regular job going, also over reboots. Asking again changes nothing. */
    fun regular() {
        if (scheduler.getPendingJob(REGULAR) != null) return
        scheduler.schedule(job(REGULAR).setPeriodic(PERIOD_MS).setPersisted(true).build())
    }

    /** Runs once, not before the delay. A later call replaces an earlier one. */
    fun soon(delayMs: Long) {
        scheduler.schedule(job(SOON).setMinimumLatency(delayMs.coerceAtLeast(0)).setPersisted(true).build())
    }

    /** What a run said about the next one. */
    fun after(report: SyncReport) {
        val next = report.nextAttemptMs?.toLong() ?: AT_ONCE_MS.takeIf { report.moreWork } ?: return
        if (next < PERIOD_MS) soon(next)
    }

    /** Stops all of it: the phone was wiped. */
    fun stop() {
        scheduler.cancel(REGULAR)
        scheduler.cancel(SOON)
    }

    private fun job(id: Int) = JobInfo.Builder(id, ComponentName(context, SyncJob::class.java))
        .setRequiredNetworkType(JobInfo.NETWORK_TYPE_ANY)

    companion object {
        /** Id of the regular job. */
        const val REGULAR = 71_001

        /** Id of the one that runs once. */
        const val SOON = 71_002

        /** The least that the system grants. */
        const val PERIOD_MS = 15 * 60_000L
        private const val AT_ONCE_MS = 5_000L
    }
}
