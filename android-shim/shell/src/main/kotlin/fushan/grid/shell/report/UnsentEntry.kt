package fushan.grid.shell.report

import android.view.View
import fushan.grid.shell.Shell

/** The way to what lies aside, where there is any. */
internal class UnsentEntry(private val shell: Shell) {
    private val kit get() = shell.kit

    fun of(unsent: Unsent): View? {
        if (unsent.count == 0) return null
        val text = kit.say("还有 ${unsent.count} 份没交的，点这里看", if (unsent.count == 1) "1 is not sent yet; look here" else "${unsent.count} are not sent yet; look here")
        return kit.controls.entry(text, kit.text("✎ $text", 18f, kit.palette.warn)) { shell.open(UnsentScreen(shell)) }
    }
}
