package fushan.grid.shell.decide

import fushan.grid.shell.Screen
import fushan.grid.shell.Shell

/** Asks once more before work is given up: nothing else in the app deletes what a worker wrote. [drop] does it and leaves the screen. */
class DropScreen(shell: Shell, private val words: String, private val drop: suspend () -> Unit) : Screen(shell) {
    override val title get() = kit.say("放弃这条？", "Give it up?")

    override fun shown() {
        val content = kit.column(
            kit.text(words),
            kit.notice(kit.say("放弃后不能恢复。", "It cannot be brought back."), kit.palette.danger, kit.palette.dangerSoft),
        )
        val keep = kit.controls.primary(kit.say("先留着", "Keep it")) { shell.back() }
        val drop = kit.controls.secondary(kit.say("放弃", "Give up"), kit.palette.danger) { shell.once { drop() } }
        put(kit.page(content, kit.column(kit.row(drop, keep))))
    }
}
