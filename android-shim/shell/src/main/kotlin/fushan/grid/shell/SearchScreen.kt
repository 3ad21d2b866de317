package fushan.grid.shell

import android.view.View
import fushan.grid.shell.kit.SearchPage
import fushan.grid.shim.Loaded
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.Flow

/** A screen that finds something while the worker types. */
abstract class SearchScreen<T>(shell: Shell) : Screen(shell) {
    /** What the field asks for. */
    protected abstract val asks: String

    /** What is said where nothing was found. */
    protected abstract val none: String

    /** What is said before anything is looked for. */
    protected open val hint: String get() = none

    private var reading: Job? = null
    private val page by lazy { SearchPage(kit, asks, ::look) }

    /** What a text finds; nothing while the text is too little to look for. */
    protected abstract fun find(text: String): Flow<Loaded<List<T>>>?

    /** One line of what was found. */
    protected abstract fun entry(found: T): View

    override fun shown() {
        put(page.view)
        look(page.text)
    }

    private fun look(text: String) {
        reading?.cancel()
        val finds = find(text) ?: return page.put(emptyList(), hint)
        reading = whileShown {
            finds.collect { loaded ->
                if (loaded is Loaded.Here) page.put(loaded.value.map(::entry), none)
                if (loaded is Loaded.Trouble) shell.tell(kit.say(loaded.told))
            }
        }
    }
}
