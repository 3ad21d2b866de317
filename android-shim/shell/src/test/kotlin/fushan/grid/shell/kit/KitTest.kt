package fushan.grid.shell.kit

import android.view.View
import android.view.accessibility.AccessibilityNodeInfo
import android.widget.EditText
import android.widget.FrameLayout
import android.widget.LinearLayout
import android.widget.TextView
import fushan.grid.shell.Contrast
import fushan.grid.shim.support.GridRule
import fushan.grid.shim.support.HostRunner
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.annotation.Config

/** What screens are made of. */
@RunWith(HostRunner::class)
@Config(qualifiers = "zh-rCN-w360dp-h740dp-xhdpi")
class KitTest {
    @get:Rule val phone = GridRule()
    private val kit by lazy { Kit(phone.app) }

    @Test fun `texts can be read on their grounds by day`() = readable()

    @Test @Config(qualifiers = "zh-rCN-night") fun `texts can be read on their grounds by night`() {
        assertTrue(kit.palette.isNight)
        readable()
    }

    private fun readable() {
        val p = kit.palette
        val pairs = listOf(p.text, p.quiet).flatMap { colour -> listOf(p.ground, p.surface).map { colour to it } } +
            listOf(p.text to p.accentSoft, p.accent to p.surface, p.accent to p.accentSoft, p.onAccent to p.accent, p.danger to p.surface, p.danger to p.dangerSoft, p.warn to p.surface, p.warn to p.ground, p.warn to p.warnSoft, p.danger to p.ground)
        for ((text, ground) in pairs) {
            assertTrue("%08x on %08x: ${Contrast.of(text, ground)}".format(text, ground), Contrast.of(text, ground) >= 4.5)
        }
    }

    private fun told(view: View): AccessibilityNodeInfo = AccessibilityNodeInfo.obtain(view).also(view::onInitializeAccessibilityNodeInfo).also { info ->
        view.accessibilityDelegate?.onInitializeAccessibilityNodeInfo(view, info)
    }

    @Test fun `a choice is told as one that is taken or not`() {
        val choice = kit.controls.choice("是", true) {}
        val taken = told(choice)
        assertEquals("android.widget.RadioButton", taken.className)
        assertTrue(taken.isCheckable && taken.isChecked)
        assertEquals("read out without its mark", "是", choice.contentDescription)
        assertTrue(!told(kit.controls.choice("否", false) {}).isChecked)
        assertEquals("android.widget.CheckBox", told(kit.controls.choice("甲", true, several = true) {}).className)
    }

    @Test fun `a line that leads on is told as a button with all that it says`() {
        var gone = 0
        val entry = kit.controls.entry("小面馆，已超期", kit.text("小面馆"), kit.quiet("已超期")) { gone += 1 }
        assertEquals("android.widget.Button", told(entry).className)
        assertEquals("小面馆，已超期", entry.contentDescription)
        entry.performClick()
        assertEquals(1, gone)
    }

    @Test fun `a field is named by its label and gives every letter`() {
        var typed = ""
        val field: LinearLayout = kit.controls.field("标题", "旧") { typed = it }
        val edit = field.getChildAt(1) as EditText
        assertEquals(edit.id, (field.getChildAt(0) as TextView).labelFor)
        edit.setText("新的")
        assertEquals("新的", typed)
    }

    @Test fun `what cannot be done now can be seen and not be touched`() {
        var done = 0
        val button = kit.controls.primary("提交", enabled = false) { done += 1 }
        assertTrue(!button.isEnabled)
        assertTrue(Contrast.of(button.currentTextColor, kit.palette.ground) >= 4.5)
    }

    @Test fun `a search keeps its field while what it finds changes`() {
        val found = SearchPage(kit, "找什么") {}
        val field = fields(found.view).single()
        found.put(listOf(kit.text("一")), "没有")
        found.put(emptyList(), "没有")
        assertEquals(field, fields(found.view).single())
        field.setText("甲")
        assertEquals("甲", found.text)
    }

    @Test fun `a redraw keeps the cursor only in the field of the same name`() {
        val frame = FrameLayout(phone.app)
        Redraw.put(frame, kit.page(kit.column(kit.controls.field("一", "abcdef") {}, kit.controls.field("二", "xyz") {})))
        fields(frame).first().run {
            requestFocus()
            setSelection(2, 4)
        }
        Redraw.put(frame, kit.page(kit.column(kit.controls.field("二", "xyz") {}, kit.controls.field("一", "abc") {})))
        val focused = frame.findFocus() as EditText
        assertEquals("一", focused.tag)
        assertEquals(2 to 3, focused.selectionStart to focused.selectionEnd)
    }

    private fun fields(view: View): List<EditText> = when (view) {
        is EditText -> listOf(view)
        is android.view.ViewGroup -> (0 until view.childCount).flatMap { fields(view.getChildAt(it)) }
        else -> emptyList()
    }
}
