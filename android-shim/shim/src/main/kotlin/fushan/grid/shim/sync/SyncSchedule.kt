package fushan.grid.shim.sync

import android.app.job.JobInfo
import android.app.job.JobScheduler
import android.content.ComponentName
import android.content.Context
import android.os.SystemClock
import fushan.grid.core.SyncReport

/**
 * Asks the system to run [SyncJob]: every quarter of an hour while there is any network, and once soon after a run that has more to do.
 * Which work moves over which network and at which battery the engine decides, so the job asks for no more than a network.
 *
 * To schedule a job anew stops it when it is running. So there are two ids for what runs once, and the one that runs is left alone:
 * what is written while a run goes on gets a run of its own.
 */
class SyncSchedule(context: Context) {
    private val context = context.applicationContext
    private val scheduler = context.getSystemService(JobScheduler::class.java)
    private val running = HashSet<Int>()
    private val due = HashMap<Int, Long>()

    /** Keeps the regular job going, also over reboots. Asking again changes nothing. */
    fun regular() {
        if (scheduler.getPendingJob(REGULAR) != null) return
        scheduler.schedule(job(REGULAR).setPeriodic(PERIOD_MS).setPersisted(true).build())
    }

    /** Runs once, not before the delay. One that comes sooner and has not begun does this work as well, and is left as it is. */
    @Synchronized
    fun soon(delayMs: Long) {
        val delay = delayMs.coerceAtLeast(0)
        val then = SystemClock.elapsedRealtime() + delay
        if (ONCE.any { comesBy(it, then) }) return
        val id = ONCE.firstOrNull { it !in running } ?: return
        scheduler.schedule(job(id).setMinimumLatency(delay).setPersisted(true).build())
        due[id] = then
    }

    /** What a run said about the next one. */
    fun after(report: SyncReport) {
        val next = report.nextAttemptMs?.toLong() ?: AT_ONCE_MS.takeIf { report.moreWork } ?: return
        if (next < PERIOD_MS) soon(next)
    }

    /** Stops all of it: the phone was wiped. */
    fun stop() {
        scheduler.cancel(REGULAR)
        ONCE.forEach(scheduler::cancel)
    }

    /** A job has begun. */
    @Synchronized
    internal fun began(id: Int) {
        running += id
        due -= id
    }

    /** A job is over, whichever way. */
    @Synchronized
    internal fun ended(id: Int) {
        running -= id
    }

    private fun comesBy(id: Int, then: Long): Boolean {
        if (id in running) return false
        val pending = scheduler.getPendingJob(id) ?: return false
        // what an earlier process asked for comes no later than this
        val latest = due[id] ?: (SystemClock.elapsedRealtime() + pending.minLatencyMillis)
        return latest <= then
    }

    private fun job(id: Int) = JobInfo.Builder(id, ComponentName(context, SyncJob::class.java))
        .setRequiredNetworkType(JobInfo.NETWORK_TYPE_ANY)

    companion object {
        /** Id of the regular job. */
        const val REGULAR = 71_001

        /** Ids of those that run once. */
        val ONCE = listOf(71_002, 71_003)

        /** The least that the system grants. */
        const val PERIOD_MS = 15 * 60_000L
        private const val AT_ONCE_MS = 5_000L
    }
}
