package fushan.grid.shell.decide

import fushan.grid.core.RefusedOperation
import fushan.grid.shell.Screen
import fushan.grid.shell.Shell

/** Asks once more before work is given up: nothing else in the app deletes what a worker wrote. */
class DropScreen(shell: Shell, private val operation: RefusedOperation) : Screen(shell) {
    override val title get() = kit.say("放弃这条？", "Give it up?")

    override fun shown() {
        val content = kit.column(
            kit.text(kit.say(operation.told)),
            kit.notice(kit.say("放弃后不能恢复。", "It cannot be brought back."), kit.palette.danger, kit.palette.dangerSoft),
        )
        val keep = kit.controls.primary(kit.say("先留着", "Keep it")) { shell.back() }
        val drop = kit.controls.secondary(kit.say("放弃", "Give up"), kit.palette.danger) { shell.act { drop() } }
        put(kit.page(content, kit.column(kit.row(drop, keep))))
    }

    private suspend fun drop() {
        grid.write { it.refusedDrop(operation.op) }
        shell.back()
    }
}
