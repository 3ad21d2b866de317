package fushan.grid.shell.kit

import android.graphics.Typeface
import android.text.Editable
import android.text.InputType
import android.text.TextWatcher
import android.view.Gravity
import android.view.View
import android.view.accessibility.AccessibilityNodeInfo
import android.widget.Button
import android.widget.EditText
import android.widget.LinearLayout

/** What can be touched: never lower than 56 dp, with a name for TalkBack. */
class Controls(private val kit: Kit) {
    private val palette get() = kit.palette

    /** The one thing that a screen is there for. */
    fun primary(text: String, enabled: Boolean = true, act: () -> Unit): Button = button(text, palette.onAccent, act).apply {
        val ground = if (enabled) kit.shapes.round(palette.accent, 12) else kit.shapes.bordered(palette.ground, palette.line, 12, width = 2)
        background = kit.shapes.touchable(ground)
        setTextColor(if (enabled) palette.onAccent else palette.quiet)
        isEnabled = enabled
        typeface = Typeface.DEFAULT_BOLD
    }

    /** Something else that can be done. */
    fun secondary(text: String, colour: Int = palette.accent, act: () -> Unit): Button = button(text, colour, act).apply {
        background = kit.shapes.touchable(kit.shapes.bordered(palette.surface, colour, 12, width = 2))
    }

    /** A choice: a line around it and a mark before it tell whether it is taken, not only a colour. With [several] others may be too. */
    fun choice(text: String, taken: Boolean, several: Boolean = false, act: () -> Unit): Button = button(mark(taken, several) + text, palette.text, act).apply {
        gravity = Gravity.CENTER_VERTICAL or Gravity.START
        background = kit.shapes.touchable(
            if (taken) kit.shapes.bordered(palette.accentSoft, palette.accent, 12, width = 3)
            else kit.shapes.bordered(palette.surface, palette.line, 12),
        )
        isSelected = taken
        contentDescription = text
        accessibilityDelegate = Chosen(taken, several)
    }

    private fun mark(taken: Boolean, several: Boolean) = if (several) (if (taken) "■  " else "□  ") else (if (taken) "●  " else "○  ")

    /** A line of a list that leads on. The parts are read out as one. */
    fun entry(name: String, vararg parts: View?, act: () -> Unit): LinearLayout = kit.card(*parts).apply {
        background = kit.shapes.touchable(kit.shapes.bordered(palette.surface, palette.line, 12))
        minimumHeight = kit.dp(64)
        gravity = Gravity.CENTER_VERTICAL
        contentDescription = name
        isClickable = true
        isFocusable = true
        setOnClickListener { act() }
        accessibilityDelegate = ActsAsButton
    }

    /** A field with its label above; TalkBack reads the label with the field. */
    fun field(label: String, value: String, lines: Int = 1, type: Int = InputType.TYPE_CLASS_TEXT, typed: (String) -> Unit): LinearLayout {
        val edit = EditText(kit.context).apply {
            id = View.generateViewId()
            // by its name the cursor finds it again after a redraw
            tag = label
            setText(value)
            textSize = 18f
            setTextColor(palette.text)
            inputType = if (lines > 1) type or InputType.TYPE_TEXT_FLAG_MULTI_LINE else type
            // both set the least height, so that the later one would win
            if (lines > 1) minLines = lines else minHeight = kit.dp(56)
            gravity = if (lines > 1) Gravity.TOP or Gravity.START else Gravity.CENTER_VERTICAL or Gravity.START
            background = kit.shapes.bordered(palette.surface, palette.quiet, 10)
            setPadding(kit.dp(14), kit.dp(12), kit.dp(14), kit.dp(12))
            addTextChangedListener(Typed(typed))
        }
        val name = kit.text(label, 17f, palette.quiet).apply { labelFor = edit.id }
        return kit.column(name, edit, gap = 6)
    }

    private fun button(text: String, colour: Int, act: () -> Unit): Button = Button(kit.context).apply {
        this.text = text
        textSize = 18f
        isAllCaps = false
        setTextColor(colour)
        stateListAnimator = null
        minHeight = kit.dp(56)
        minimumHeight = kit.dp(56)
        minWidth = kit.dp(56)
        setPadding(kit.dp(14), kit.dp(10), kit.dp(14), kit.dp(10))
        setOnClickListener { act() }
    }

    private class Typed(private val typed: (String) -> Unit) : TextWatcher {
        override fun beforeTextChanged(text: CharSequence?, start: Int, count: Int, after: Int) = Unit
        override fun onTextChanged(text: CharSequence?, start: Int, before: Int, count: Int) = Unit
        override fun afterTextChanged(text: Editable) = typed(text.toString())
    }

    private class Chosen(private val taken: Boolean, private val several: Boolean) : View.AccessibilityDelegate() {
        override fun onInitializeAccessibilityNodeInfo(host: View, info: AccessibilityNodeInfo) {
            super.onInitializeAccessibilityNodeInfo(host, info)
            info.className = if (several) "android.widget.CheckBox" else "android.widget.RadioButton"
            info.isCheckable = true
            @Suppress("DEPRECATION")
            info.isChecked = taken
        }
    }

    private object ActsAsButton : View.AccessibilityDelegate() {
        override fun onInitializeAccessibilityNodeInfo(host: View, info: AccessibilityNodeInfo) {
            super.onInitializeAccessibilityNodeInfo(host, info)
            info.className = Button::class.java.name
        }
    }
}
