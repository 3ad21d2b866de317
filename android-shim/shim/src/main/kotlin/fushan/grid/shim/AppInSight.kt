package fushan.grid.shim

import android.app.Activity
import android.app.Application
import android.os.Bundle
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch

/**
 * Watches whether any screen of the app can be seen, and tells the keeper: the engine's files are closed when the app goes into the
 * background and opened when it comes back. Going out of sight counts only after a moment, since turning the phone is no farewell.
 */
class AppInSight(
    private val keeper: EngineKeeper,
    private val scope: CoroutineScope,
    private val graceMs: Long = 700,
) : Application.ActivityLifecycleCallbacks {
    private var seen = 0
    private var change: Job? = null

    override fun onActivityStarted(activity: Activity) {
        seen += 1
        if (seen == 1) tell(true, 0)
    }

    override fun onActivityStopped(activity: Activity) {
        seen -= 1
        if (seen == 0) tell(false, graceMs)
    }

    private fun tell(inSight: Boolean, afterMs: Long) {
        change?.cancel()
        change = scope.launch {
            delay(afterMs)
            keeper.inSight(inSight)
        }
    }

    override fun onActivityCreated(activity: Activity, state: Bundle?) = Unit
    override fun onActivityResumed(activity: Activity) = Unit
    override fun onActivityPaused(activity: Activity) = Unit
    override fun onActivitySaveInstanceState(activity: Activity, state: Bundle) = Unit
    override fun onActivityDestroyed(activity: Activity) = Unit
}
