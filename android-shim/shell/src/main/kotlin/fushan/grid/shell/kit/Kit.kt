package fushan.grid.shell.kit

import android.content.Context
import android.graphics.Typeface
import android.view.Gravity
import android.view.View
import android.view.ViewGroup.LayoutParams.MATCH_PARENT
import android.view.ViewGroup.LayoutParams.WRAP_CONTENT
import android.widget.LinearLayout
import android.widget.ScrollView
import android.widget.Space
import android.widget.TextView
import fushan.grid.core.Told
import fushan.grid.shim.Language

/** What screens are made of: large texts, cards, columns. Everything that can be touched is made by [Controls]. */
class Kit(val context: Context) {
    val palette = Palette.of(context)
    val language = Language.of(context)
    val controls = Controls(this)
    val shapes = Shapes(this)

    /** The text in the worker's language. */
    fun say(zh: String, en: String): String = language.of(zh, en)

    /** The text of something the engine told. */
    fun say(told: Told): String = language.of(told)

    /** Whole pixels of so many dp. */
    fun dp(value: Int): Int = (value * context.resources.displayMetrics.density + 0.5f).toInt()

    /** A heading; TalkBack jumps from one to the next. */
    fun heading(text: String): TextView = text(text, 22f).apply {
        typeface = Typeface.DEFAULT_BOLD
        if (android.os.Build.VERSION.SDK_INT >= 28) isAccessibilityHeading = true
        setPadding(0, dp(4), 0, dp(4))
    }

    /** Plain text. */
    fun text(text: String, size: Float = 18f, colour: Int = palette.text): TextView = TextView(context).apply {
        this.text = text
        textSize = size
        setTextColor(colour)
        setLineSpacing(0f, 1.15f)
    }

    /** Text of less weight. */
    fun quiet(text: String): TextView = text(text, 16f, palette.quiet)

    /** A short mark with a soft ground, such as an urgency. */
    fun tag(text: String, colour: Int, ground: Int): TextView = text(text, 16f, colour).apply {
        typeface = Typeface.DEFAULT_BOLD
        background = shapes.round(ground, 6)
        setPadding(dp(8), dp(2), dp(8), dp(2))
    }

    /** Views below each other. */
    fun column(vararg views: View?, gap: Int = 12): LinearLayout = LinearLayout(context).apply {
        orientation = LinearLayout.VERTICAL
        views.filterNotNull().forEachIndexed { index, view ->
            addView(view, LinearLayout.LayoutParams(MATCH_PARENT, WRAP_CONTENT).apply { if (index > 0) topMargin = dp(gap) })
        }
    }

    /** Views beside each other, all of the same width. */
    fun row(vararg views: View?, gap: Int = 12): LinearLayout = LinearLayout(context).apply {
        orientation = LinearLayout.HORIZONTAL
        views.filterNotNull().forEachIndexed { index, view ->
            addView(view, LinearLayout.LayoutParams(0, MATCH_PARENT, 1f).apply { if (index > 0) leftMargin = dp(gap) })
        }
    }

    /** A text that takes the room, and something small at its end. */
    fun ends(first: View, last: View): LinearLayout = LinearLayout(context).apply {
        gravity = Gravity.CENTER_VERTICAL
        addView(first, LinearLayout.LayoutParams(0, WRAP_CONTENT, 1f))
        addView(last, LinearLayout.LayoutParams(WRAP_CONTENT, WRAP_CONTENT).apply { leftMargin = dp(8) })
    }

    /** Small things beside each other at the beginning of a line. */
    fun tags(vararg views: View?): LinearLayout = LinearLayout(context).apply {
        views.filterNotNull().forEach { addView(it, LinearLayout.LayoutParams(WRAP_CONTENT, WRAP_CONTENT).apply { rightMargin = dp(8) }) }
    }

    /** A card around views. */
    fun card(vararg views: View?, gap: Int = 8): LinearLayout = column(*views, gap = gap).apply {
        background = shapes.bordered(palette.surface, palette.line, 12)
        setPadding(dp(16), dp(14), dp(16), dp(14))
    }

    /** A message that TalkBack reads out when it appears. */
    fun notice(text: String, colour: Int, ground: Int): TextView = text(text, 17f, colour).apply {
        background = shapes.round(ground, 12)
        accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE
        setPadding(dp(16), dp(12), dp(16), dp(12))
    }

    /** A page: what is read scrolls above, what is done stays at the thumb. */
    fun page(content: View, actions: View? = null): LinearLayout = LinearLayout(context).apply {
        orientation = LinearLayout.VERTICAL
        content.setPadding(dp(16), dp(12), dp(16), dp(24))
        val scroll = ScrollView(context).apply {
            isFillViewport = true
            addView(content)
        }
        addView(scroll, LinearLayout.LayoutParams(MATCH_PARENT, 0, 1f))
        if (actions != null) {
            actions.setPadding(dp(16), dp(12), dp(16), dp(12))
            actions.setBackgroundColor(palette.surface)
            addView(actions, LinearLayout.LayoutParams(MATCH_PARENT, WRAP_CONTENT))
        }
    }

    /** Nothing, where a layout wants something. */
    fun nothing(): View = Space(context)
}
