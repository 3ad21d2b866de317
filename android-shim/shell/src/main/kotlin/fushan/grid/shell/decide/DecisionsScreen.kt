package fushan.grid.shell.decide

import android.view.View
import fushan.grid.core.Conflict
import fushan.grid.core.Engine
import fushan.grid.core.RefusedOperation
import fushan.grid.shell.Screen
import fushan.grid.shell.Shell

/** What waits for the worker: records changed on both sides, and reports that the platform refused. */
class DecisionsScreen(shell: Shell) : Screen(shell) {
    override val title get() = kit.say("等您决定", "Waits for you")

    override fun shown() {
        draw(grid.views.watch { Waiting.read(it) }, ::page)
    }

    private fun page(waiting: Waiting): View {
        val none = waiting.conflicts.isEmpty() && waiting.refused.isEmpty()
        return kit.page(
            kit.column(
                kit.text(kit.say("没有要决定的，都处理好了。", "Nothing to decide; all is settled.")).takeIf { none },
                kit.quiet(kit.say("您写的都还在。决定之前，平台的内容不变。", "All you wrote is kept. Until you decide, the platform stays as it is.")).takeIf { !none },
                *waiting.conflicts.map { conflict(it, waiting.nameOf(it.record)) }.toTypedArray(),
                *waiting.refused.map { refused(it, waiting.nameOf(it.record)) }.toTypedArray(),
            ),
        )
    }

    private fun Waiting.nameOf(record: String): String? = names[record]?.let { kit.say(it.zh, it.en) }

    private fun conflict(conflict: Conflict, name: String?): View {
        val words = ConflictWords(kit)
        val what = words.what(conflict)
        val fields = conflict.fields.joinToString(kit.say("、", ", ")) { kit.say(it.zh, it.en) }
        return kit.controls.entry(
            listOfNotNull(what, name, fields).joinToString("，"),
            kit.text(what, 19f),
            name?.let { kit.text(it, 17f) },
            kit.quiet(fields).takeIf { fields.isNotEmpty() },
        ) { shell.open(ConflictScreen(shell, conflict.id)) }
    }

    private fun refused(operation: RefusedOperation, name: String?): View = kit.card(
        kit.text(kit.say("平台没有接受", "The platform did not accept"), 19f, kit.palette.danger),
        name?.let { kit.text(it, 18f) },
        kit.text(kit.say(operation.told), 17f),
        kit.row(
            kit.controls.secondary(kit.say("再交一次", "Send again")) { shell.once { grid.write { it.refusedRequeue(operation.op, "{}") } } },
            kit.controls.secondary(kit.say("放弃这条", "Give it up"), kit.palette.danger) { ask(operation, name) },
        ),
    )

    private fun ask(operation: RefusedOperation, name: String?) = shell.open(
        DropScreen(shell, listOfNotNull(name, kit.say(operation.told)).joinToString("\n")) {
            grid.write { it.refusedDrop(operation.op) }
            shell.back()
        },
    )
}

/** What waits, with the names of the records it is about. */
internal data class Waiting(val conflicts: List<Conflict>, val refused: List<RefusedOperation>, val names: Map<String, RecordName>) {
    companion object {
        fun read(engine: Engine): Waiting {
            val (conflicts, refused) = engine.conflicts() to engine.refused()
            val records = (conflicts.map(Conflict::record) + refused.map(RefusedOperation::record)).distinct()
            val names = records.mapNotNull { record -> RecordName.of(engine, record)?.let { record to it } }
            return Waiting(conflicts, refused, names.toMap())
        }
    }
}
