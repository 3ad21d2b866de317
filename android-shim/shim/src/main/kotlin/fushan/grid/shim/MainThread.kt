package fushan.grid.shim

import android.os.Handler
import android.os.Looper
import kotlin.coroutines.CoroutineContext
import kotlinx.coroutines.CoroutineDispatcher

/** Runs coroutines on the drawing thread, without a library of its own for it. */
object MainThread : CoroutineDispatcher() {
    override fun dispatch(context: CoroutineContext, block: Runnable) {
        // a handler each time costs little, and outlives no looper
        Handler(Looper.getMainLooper()).post(block)
    }
}
