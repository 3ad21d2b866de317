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
import kotlinx.coroutines.Job
import kotlinx.coroutines.launch

/**
 * Records a patrol while the worker walks, with a notice that can be seen all the time. Every reading is on the disk before the next
 * is taken. When the system kills the process, it starts the service again with the same patrol.
 */
class PatrolService : Service() {
    private var recording: Job? = null

    override fun onBind(intent: Intent?): IBinder? = null

    override fun onStartCommand(intent: Intent?, flags: Int, startId: Int): Int {
        val grid = GridHost.of(this)
        val patrol = intent?.getStringExtra(PATROL)
        if (patrol == null) {
            stopSelf()
            return START_NOT_STICKY
        }
        showNotice(grid, patrol)
        if (intent.action == FINISH) finish(grid, patrol) else record(grid, patrol)
        return START_REDELIVER_INTENT
    }

    override fun onDestroy() {
        recording?.cancel()
        super.onDestroy()
    }

    private fun record(grid: Grid, patrol: String) {
        recording?.cancel()
        recording = grid.scope.launch {
            val track = TrackWriter(grid.keeper, patrol)
            grid.location.updates(INTERVAL_MS).collect { track.add(it) }
        }
    }

    private fun finish(grid: Grid, patrol: String) {
        recording?.cancel()
        grid.scope.launch {
            try {
                grid.keeper.use { it.patrolFinish(patrol) }
            } catch (_: GridException) {
                // it has ended already, or stays open: the list of patrols shows it
            }
            grid.bell.ring()
            stopForeground(STOP_FOREGROUND_REMOVE)
            stopSelf()
        }
    }

    private fun showNotice(grid: Grid, patrol: String) {
        Channels.make(this)
        val finish = PendingIntent.getService(this, 0, intent(this, patrol).setAction(FINISH), FLAGS)
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

        /** Records a patrol that `patrolStart` has begun. Call it while the app can be seen; the system refuses it otherwise. */
        fun start(context: Context, patrol: String) {
            context.startForegroundService(intent(context, patrol))
        }

        /** Ends the patrol and the recording. */
        fun finish(context: Context, patrol: String) {
            context.startForegroundService(intent(context, patrol).setAction(FINISH))
        }

        private fun intent(context: Context, patrol: String) =
            Intent(context, PatrolService::class.java).putExtra(PATROL, patrol)
    }
}
