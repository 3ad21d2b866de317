package fushan.grid.shell

import android.view.View
import android.view.ViewGroup
import android.widget.FrameLayout
import android.widget.ScrollView
import fushan.grid.shell.kit.Kit
import fushan.grid.shim.Grid
import fushan.grid.shim.Loaded
import fushan.grid.shim.MainThread
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.launch

/** One screen. It reads while it is shown, and draws itself anew when what it shows has changed. */
abstract class Screen(protected val shell: Shell) {
    protected val kit: Kit get() = shell.kit
    protected val grid: Grid get() = shell.grid
    private var showing: CoroutineScope? = null

    /** Where it is drawn. */
    val view: FrameLayout by lazy { FrameLayout(shell.kit.context).apply { addView(kit.page(kit.quiet(kit.say("正在读取…", "Reading…")))) } }

    /** What the top bar says. */
    abstract val title: String

    /** The screen has come into sight: begin to read. */
    protected abstract fun shown()

    /** The screen goes out of sight: keep what was typed. */
    protected open fun hidden() = Unit

    internal fun show() {
        if (showing != null) return
        showing = CoroutineScope(Job() + MainThread)
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

    /** Puts a view in the place of what was there, scrolled as that was. */
    protected fun put(made: View) {
        val at = scroll(view)?.scrollY ?: 0
        view.removeAllViews()
        view.addView(made)
        if (at > 0) scroll(view)?.let { page -> page.post { page.scrollTo(0, at) } }
    }

    private fun scroll(inside: View): ScrollView? = when (inside) {
        is ScrollView -> inside
        is ViewGroup -> (0 until inside.childCount).firstNotNullOfOrNull { scroll(inside.getChildAt(it)) }
        else -> null
    }
}
