package fushan.grid.shim.patrol

import android.app.PendingIntent
import android.app.Service
import android.content.Context
import android.content.Intent
import android.content.pm.ServiceInfo
import android.os.Build
import android.os.IBinder
import fushan.grid.core.GridException
import fushan.grid.shim.Channels
import fushan.grid.shim.Grid
import fushan.grid.shim.GridHost
import fushan.grid.shim.Notices
import fushan.grid.shim.place.LocationReader
import kotlinx.coroutines.launch

/**
 * Records a patrol while the worker walks, with a notice that can be seen all the time. Every reading is on the disk before the next
 * is taken, and a patrol ends only when all of them are. When the system kills the process, it starts the service again with the same
 * patrol.
 */
class PatrolService : Service() {
    @Volatile private var recording: Recording? = null

    override fun onBind(intent: Intent?): IBinder? = null

    override fun onStartCommand(intent: Intent?, flags: Int, startId: Int): Int {
        val grid = GridHost.of(this)
        val patrol = intent?.getStringExtra(PATROL)
        if (patrol == null) {
            stopSelf()
            return START_NOT_STICKY
        }
        val shown = showNotice(grid, patrol)
        when {
            intent.action == FINISH -> finish(grid, patrol)
            shown -> record(grid, patrol, TrackWriter(grid.keeper, patrol))
            else -> return refused(grid)
        }
        return START_REDELIVER_INTENT
    }

    override fun onDestroy() {
        val last = recording ?: return super.onDestroy()
        // what was heard is still written
        GridHost.of(this).scope.launch { last.end() }
        super.onDestroy()
    }

    private fun record(grid: Grid, patrol: String, track: TrackWriter) {
        val before = recording
        grid.scope.launch { before?.end() }
        recording = Recording(grid.scope, grid.location.updates(INTERVAL_MS), track) { leave(grid) }
    }

    private fun finish(grid: Grid, patrol: String) {
        val last = recording
        recording = null
        grid.scope.launch {
            val written = last?.end() ?: true
            if (written && ends(grid, patrol)) return@launch leave(grid)
            // disk or key store do not answer: nothing is thrown away, and the worker can end it again
            record(grid, patrol, last?.track ?: TrackWriter(grid.keeper, patrol))
            grid.notices.patrolGoesOn()
        }
    }

    /** Whether the patrol has ended: now, or already before. */
    private suspend fun ends(grid: Grid, patrol: String): Boolean = try {
        grid.keeper.use { it.patrolFinish(patrol) }
        true
    } catch (error: GridException) {
        error is GridException.Forbidden || error is GridException.NotFound || error is GridException.Invalid
    }

    private fun leave(grid: Grid) {
        grid.bell.ring()
        stopForeground(STOP_FOREGROUND_REMOVE)
        stopSelf()
    }

    /** The system lets nobody record now: no permission, or it started the service again where it may not. The patrol stays open. */
    private fun refused(grid: Grid): Int {
        grid.notices.patrolStopped()
        stopSelf()
        return START_NOT_STICKY
    }

    private fun showNotice(grid: Grid, patrol: String): Boolean {
        Channels.make(this)
        val finish = PendingIntent.getService(this, 0, intent(this, patrol).setAction(FINISH), FLAGS)
        return try {
            inForeground(grid, finish)
            true
        } catch (_: SecurityException) {
            // without the permission for the place, Android 14 has no such service
            false
        } catch (_: IllegalStateException) {
            // not from the background, as Android 12 and later say
            false
        }
    }

    private fun inForeground(grid: Grid, finish: PendingIntent) {
        val notice = grid.notices.patrol(finish)
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q) {
            startForeground(Notices.PATROL, notice, ServiceInfo.FOREGROUND_SERVICE_TYPE_LOCATION)
        } else {
            startForeground(Notices.PATROL, notice)
        }
    }

    companion object {
        private const val PATROL = "patrol"
        private const val FINISH = "fushan.grid.FINISH_PATROL"
        private const val INTERVAL_MS = 5_000L
        private const val FLAGS = PendingIntent.FLAG_IMMUTABLE or PendingIntent.FLAG_UPDATE_CURRENT

        /**
         * Records a patrol that `patrolStart` has begun. Call it while the app can be seen; the system refuses it otherwise.
         *
         * @return whether it could begin: not without the permission to know the place, which the app must ask for first.
         */
        fun start(context: Context, patrol: String): Boolean {
            if (!LocationReader(context).allowed()) return false
            context.startForegroundService(intent(context, patrol))
            return true
        }

        /** Ends the patrol and the recording. Call it while the app can be seen. */
        fun finish(context: Context, patrol: String) {
            context.startService(intent(context, patrol).setAction(FINISH))
        }

        private fun intent(context: Context, patrol: String) =
            Intent(context, PatrolService::class.java).putExtra(PATROL, patrol)
    }
}
