package fushan.grid.shell

import android.graphics.Typeface
import android.view.Gravity
import android.view.View
import android.view.ViewGroup.LayoutParams.MATCH_PARENT
import android.view.ViewGroup.LayoutParams.WRAP_CONTENT
import android.widget.Button
import android.widget.FrameLayout
import android.widget.LinearLayout
import android.widget.TextView
import fushan.grid.shell.kit.Kit

/** Title above, screen in the middle, the places at the thumb. */
class Frame(private val kit: Kit, private val go: (Place) -> Unit, private val back: () -> Unit) {
    private val title = kit.text("", 24f).apply {
        typeface = Typeface.DEFAULT_BOLD
        if (android.os.Build.VERSION.SDK_INT >= 28) isAccessibilityHeading = true
    }
    private val backButton = plain("‹", 36f) { back() }.apply {
        contentDescription = kit.say("返回", "Back")
        gravity = Gravity.CENTER_VERTICAL or Gravity.START
    }
    private val screen = FrameLayout(kit.context)
    private val message: TextView = kit.notice("", kit.palette.warn, kit.palette.warnSoft).apply {
        visibility = View.GONE
        minimumHeight = kit.dp(56)
        gravity = Gravity.CENTER_VERTICAL
        setOnClickListener { visibility = View.GONE }
    }
    private val bar = LinearLayout(kit.context).apply {
        setBackgroundColor(kit.palette.surface)
        // until it is known what can be shown, nobody can go anywhere
        visibility = View.GONE
    }

    /** The place that is shown. */
    var place = Place.TODAY
        set(value) {
            field = value
            drawBar()
        }

    val view: LinearLayout = LinearLayout(kit.context).apply {
        orientation = LinearLayout.VERTICAL
        setBackgroundColor(kit.palette.ground)
        fitsSystemWindows = true
        addView(top(), LinearLayout.LayoutParams(MATCH_PARENT, WRAP_CONTENT))
        addView(screen, LinearLayout.LayoutParams(MATCH_PARENT, 0, 1f))
        val around = LinearLayout.LayoutParams(MATCH_PARENT, WRAP_CONTENT).apply { setMargins(kit.dp(12), kit.dp(4), kit.dp(12), kit.dp(8)) }
        addView(message, around)
        addView(bar, LinearLayout.LayoutParams(MATCH_PARENT, WRAP_CONTENT))
    }

    init {
        drawBar()
    }

    /** Shows a screen; a deep one has a way back, one before enrolment has no places. */
    fun show(shown: Screen, deep: Boolean, places: Boolean) {
        title.text = shown.title
        backButton.visibility = if (deep) View.VISIBLE else View.GONE
        bar.visibility = if (places) View.VISIBLE else View.GONE
        message.visibility = View.GONE
        screen.removeAllViews()
        screen.addView(shown.view)
        // TalkBack says where the worker has come to
        if (android.os.Build.VERSION.SDK_INT >= 28) screen.accessibilityPaneTitle = shown.title
    }

    /** Says something, until it is touched away or the screen changes. */
    fun tell(text: String) {
        message.text = text
        message.contentDescription = text
        message.visibility = View.VISIBLE
    }

    private fun top() = LinearLayout(kit.context).apply {
        gravity = Gravity.CENTER_VERTICAL
        minimumHeight = kit.dp(60)
        setPadding(kit.dp(16), kit.dp(4), kit.dp(16), kit.dp(4))
        addView(backButton, LinearLayout.LayoutParams(kit.dp(56), kit.dp(56)))
        addView(title, LinearLayout.LayoutParams(0, WRAP_CONTENT, 1f))
    }

    private fun drawBar() {
        bar.removeAllViews()
        for (each in Place.entries) bar.addView(tab(each), LinearLayout.LayoutParams(0, WRAP_CONTENT, 1f))
    }

    private fun tab(each: Place): View {
        val here = each == place
        return plain(kit.say(each.zh, each.en), if (kit.language == fushan.grid.shim.Language.ZH) 18f else 16f) { go(each) }.apply {
            setTextColor(if (here) kit.palette.accent else kit.palette.quiet)
            typeface = if (here) Typeface.DEFAULT_BOLD else Typeface.DEFAULT
            // a bar above the word, so that not only the colour tells
            background = kit.shapes.touchable(kit.shapes.round(if (here) kit.palette.accentSoft else kit.palette.surface, 0))
            isSelected = here
            maxLines = 1
        }
    }

    private fun plain(text: String, size: Float, act: () -> Unit) = Button(kit.context).apply {
        this.text = text
        textSize = size
        isAllCaps = false
        stateListAnimator = null
        setTextColor(kit.palette.text)
        background = null
        minWidth = 0
        minimumWidth = 0
        minHeight = kit.dp(60)
        setPadding(0, 0, 0, 0)
        setOnClickListener { act() }
    }
}
