package fushan.grid.shell.decide

import android.view.View
import fushan.grid.core.Conflict
import fushan.grid.core.RefusedOperation
import fushan.grid.shell.Screen
import fushan.grid.shell.Shell
import fushan.grid.shim.DecisionsView

/** What waits for the worker: records changed on both sides, and reports that the platform refused. */
class DecisionsScreen(shell: Shell) : Screen(shell) {
    override val title get() = kit.say("等您决定", "Waits for you")

    override fun shown() {
        draw(grid.views.decisions(), ::page)
    }

    private fun page(waiting: DecisionsView): View {
        val none = waiting.conflicts.isEmpty() && waiting.refused.isEmpty()
        return kit.page(
            kit.column(
                kit.text(kit.say("没有要决定的，都处理好了。", "Nothing to decide; all is settled.")).takeIf { none },
                kit.quiet(kit.say("您写的都还在。决定之前，平台的内容不变。", "All you wrote is kept. Until you decide, the platform stays as it is.")).takeIf { !none },
                *waiting.conflicts.map(::conflict).toTypedArray(),
                *waiting.refused.map(::refused).toTypedArray(),
            ),
        )
    }

    private fun conflict(conflict: Conflict): View {
        val words = ConflictWords(kit)
        val what = words.what(conflict)
        val fields = conflict.fields.joinToString("、") { kit.say(it.zh, it.en) }
        return kit.controls.entry(what, kit.text(what, 19f), kit.quiet(fields).takeIf { fields.isNotEmpty() }) {
            shell.open(ConflictScreen(shell, conflict.id))
        }
    }

    private fun refused(operation: RefusedOperation): View {
        val why = kit.say(operation.told)
        return kit.card(
            kit.text(kit.say("平台没有接受", "The platform did not accept"), 19f, kit.palette.danger),
            kit.text(why, 17f),
            kit.row(
                kit.controls.secondary(kit.say("再交一次", "Send again")) { shell.act { grid.write { it.refusedRequeue(operation.op, "{}") } } },
                kit.controls.secondary(kit.say("放弃这条", "Give it up"), kit.palette.danger) { ask(operation) },
            ),
        )
    }

    private fun ask(operation: RefusedOperation) = shell.open(
        DropScreen(shell, kit.say(operation.told)) {
            grid.write { it.refusedDrop(operation.op) }
            shell.back()
        },
    )
}
