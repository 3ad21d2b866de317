package fushan.grid.shell.kit

import android.view.View
import android.widget.LinearLayout

/** A search field that stays while what it finds changes below it. */
class SearchPage(private val kit: Kit, label: String, private val typed: (String) -> Unit) {
    private val found: LinearLayout = kit.column()

    /** What is typed. */
    var text = ""
        private set

    val view: View by lazy {
        val field = kit.controls.field(label, "") {
            text = it
            typed(it)
        }
        kit.page(kit.column(field, found, gap = 16))
    }

    /** Shows what was found; the words stand where nothing was. */
    fun put(entries: List<View>, none: String) {
        found.removeAllViews()
        found.addView(kit.column(*(entries.ifEmpty { listOf(kit.quiet(none)) }).toTypedArray()))
    }
}
