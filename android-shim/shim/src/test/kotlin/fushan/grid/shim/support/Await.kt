package fushan.grid.shim.support

import android.os.Looper
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.robolectric.Shadows.shadowOf

/** Lets the main thread work until something holds, at most a minute: a library built for tests is slow where many build. */
fun await(what: String, holds: () -> Boolean) = await({ what }, holds)

/** The same with words that are made only when they are needed. */
fun await(what: () -> String, holds: () -> Boolean) {
    val until = System.nanoTime() + PATIENCE_S * 1_000_000_000
    while (!holds()) {
        check(System.nanoTime() < until) { "not in time: ${what()}" }
        shadowOf(Looper.getMainLooper()).idle()
        Thread.sleep(10)
    }
    shadowOf(Looper.getMainLooper()).idle()
}

private val PATIENCE_S = System.getProperty("fushan.patience", "60").toLong()

/** Runs what waits, at most three minutes: a test that hangs says where. */
fun <T> waiting(work: suspend CoroutineScope.() -> T): T = runBlocking {
    try {
        withTimeout(180_000, work)
    } catch (late: TimeoutCancellationException) {
        throw AssertionError("not within three minutes", late)
    }
}
