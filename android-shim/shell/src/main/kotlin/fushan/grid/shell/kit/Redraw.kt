package fushan.grid.shell.kit

import android.view.View
import android.view.ViewGroup
import android.widget.EditText
import android.widget.FrameLayout
import android.widget.ScrollView

/** Draws a screen anew without taking it from under the worker's hands: it stays scrolled, and the cursor stays where somebody types. */
internal object Redraw {
    /** @param atTop whether it is seen from its top instead. */
    fun put(frame: FrameLayout, made: View, atTop: Boolean = false) {
        val scrolled = if (atTop) 0 else scroll(frame)?.scrollY ?: 0
        val typing = (frame.findFocus() as? EditText)?.let { Typing(it.tag, it.selectionStart, it.selectionEnd) }
        frame.removeAllViews()
        frame.addView(made)
        if (scrolled > 0) scroll(frame)?.let { page -> page.post { page.scrollTo(0, scrolled) } }
        typing?.goOn(frame)
    }

    /** Where somebody types: the name of the field, and what is marked in it. */
    private class Typing(private val name: Any?, private val from: Int, private val to: Int) {
        fun goOn(frame: View) {
            val field = fields(frame).firstOrNull { it.tag != null && it.tag == name } ?: return
            field.requestFocus()
            field.setSelection(from.coerceIn(0, field.length()), to.coerceIn(0, field.length()))
        }
    }

    private fun fields(view: View): Sequence<EditText> = sequence {
        if (view is EditText) yield(view)
        if (view is ViewGroup) for (index in 0 until view.childCount) yieldAll(fields(view.getChildAt(index)))
    }

    private fun scroll(inside: View): ScrollView? = when (inside) {
        is ScrollView -> inside
        is ViewGroup -> (0 until inside.childCount).firstNotNullOfOrNull { scroll(inside.getChildAt(it)) }
        else -> null
    }
}
