package fushan.grid.shell

import android.view.View
import android.widget.FrameLayout
import fushan.grid.core.Fix
import fushan.grid.shell.kit.Kit
import fushan.grid.shell.kit.Redraw
import fushan.grid.shim.Grid
import fushan.grid.shim.Loaded
import fushan.grid.shim.MainThread
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.launch

/** One screen. It reads while it is shown, and draws itself anew when what it shows has changed. */
abstract class Screen(protected val shell: Shell) {
    protected val kit: Kit get() = shell.kit
    protected val grid: Grid get() = shell.grid
    private var showing: CoroutineScope? = null

    /** Where it is drawn. */
    val view: FrameLayout by lazy { FrameLayout(shell.kit.context).apply { addView(blank()) } }

    /** What the top bar says. */
    abstract val title: String

    /** How the screen is found again when the process died under it: see [Places.again]. Nothing when the worker begins below it. */
    open val address: List<String>? get() = null

    /** The screen has come into sight: begin to read. */
    protected abstract fun shown()

    /** The screen goes out of sight: keep what was typed. */
    protected open fun hidden() = Unit

    internal fun show() {
        if (showing != null) return
        showing = CoroutineScope(SupervisorJob() + MainThread)
        shown()
    }

    internal fun hide() {
        if (showing == null) return
        try {
            hidden()
        } catch (error: Exception) {
            // told after the next screen is there
            shell.act { throw error }
        }
        showing?.cancel()
        showing = null
    }

    /** Runs something as long as the screen is shown; what goes wrong is told. */
    protected fun whileShown(work: suspend CoroutineScope.() -> Unit): Job? = showing?.launch {
        try {
            work()
        } catch (error: Exception) {
            shell.tell(error)
        }
    }

    /** Keeps the receiver running as long as the screen is shown: the last position that somebody asked for may be of yesterday. */
    protected fun whereverShown(placed: (Fix) -> Unit = {}): Job? = whileShown { grid.location.updates(PLACE_MS).collect { placed(it) } }

    /** Draws every value of a flow; an error is drawn as what it is. */
    protected fun <T> draw(flow: Flow<Loaded<T>>, made: (T) -> View): Job? = whileShown {
        flow.collect { loaded ->
            when (loaded) {
                is Loaded.Here -> put(made(loaded.value))
                is Loaded.Trouble -> put(kit.page(kit.notice(kit.say(loaded.told), kit.palette.danger, kit.palette.dangerSoft)))
                Loaded.Waiting -> Unit
            }
        }
    }

    /** Puts a view in the place of what was there, scrolled as that was, and with the cursor where somebody types. */
    protected fun put(made: View, atTop: Boolean = false) = Redraw.put(view, made, atTop)

    /** What stands there before anything is read. */
    protected fun blank(): View = kit.page(kit.quiet(kit.say("正在读取…", "Reading…")))

    private companion object {
        const val PLACE_MS = 2_000L
    }
}
