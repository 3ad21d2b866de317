package fushan.grid.shell.report

import android.view.View
import android.widget.TextView
import fushan.grid.shell.Shell

/** Where the worker stands, in words; and what to do when the phone does not tell. */
internal class Spot(private val shell: Shell) {
    private val kit get() = shell.kit
    private val location get() = shell.grid.location
    private var line: TextView? = null

    fun part(): View {
        val ask = when {
            !location.allowed() -> kit.say("允许使用位置", "Allow the position")
            !location.exactly() -> kit.say("允许精确位置", "Allow the exact position")
            !location.switchedOn() -> kit.say("打开手机定位", "Switch positions on")
            else -> null
        }
        return kit.column(
            kit.text(words(), 18f).also { line = it },
            ask?.let { kit.controls.secondary(it) { shell.askForPlace() } },
        )
    }

    /** A reading has come: the words change, and nothing else on the screen does. */
    fun moved() {
        line?.text = words()
    }

    private fun words(): String {
        if (!location.allowed()) return kit.say("应用没有位置权限。没有位置不能上报。", "The app may not know the position. Without one nothing can be reported.")
        val fix = location.lastFix() ?: return kit.say("还没有定位，请到开阔处稍等。", "No position yet; wait a moment in the open.")
        val mock = if (fix.mock) kit.say("（系统说是模拟位置）", " (the system says it is mocked)") else ""
        val minutes = fix.ageMs / 60_000uL
        val old = if (minutes >= 2uL) kit.say("，$minutes 分钟前的", ", $minutes minutes old") else ""
        return kit.say("现在的位置，误差约 ${fix.accuracyM.toInt()} 米", "Where you stand, within ${fix.accuracyM.toInt()} m") + old + mock
    }
}
