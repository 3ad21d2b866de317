package fushan.grid.shell.decide

import android.view.View
import fushan.grid.core.Conflict
import fushan.grid.core.ConflictField
import fushan.grid.core.Resolution
import fushan.grid.shell.Screen
import fushan.grid.shell.Shell
import org.json.JSONObject
import org.json.JSONTokener

/** Both sides of a conflict: what I wrote and what the platform has, field by field, and the worker chooses. */
class ConflictScreen(shell: Shell, private val id: String) : Screen(shell) {
    override val title get() = kit.say("两边不一致", "Both sides differ")
    private val words = ConflictWords(shell.kit)
    private val mine = HashMap<String, Boolean>()

    override fun shown() {
        draw(grid.views.watch { it.conflict(id) }, ::page)
    }

    private fun page(conflict: Conflict): View {
        val content = kit.column(
            kit.text(words.what(conflict), 20f),
            *conflict.fields.map { field(conflict, it) }.toTypedArray(),
            gap = 20,
        )
        return kit.page(content, if (conflict.fields.isEmpty()) sides() else decide(conflict))
    }

    private fun field(conflict: Conflict, field: ConflictField): View = kit.column(
        kit.heading(kit.say(field.zh, field.en)),
        side(conflict, field, true, kit.say("我写的", "What I wrote"), field.phoneJson),
        side(conflict, field, false, kit.say("平台上的", "What the platform has"), field.platformJson),
        kit.quiet(kit.say("原来是：", "Before: ") + words.value(field.baseJson)),
        gap = 8,
    )

    private fun side(conflict: Conflict, field: ConflictField, isMine: Boolean, whose: String, json: String): View =
        kit.controls.choice(kit.say("$whose：", "$whose: ") + words.value(json), mine[field.name] == isMine) {
            mine[field.name] = isMine
            put(page(conflict))
        }

    private fun decide(conflict: Conflict): View {
        val open = conflict.fields.count { it.name !in mine }
        val text = if (open == 0) kit.say("就这样定", "Settle it so") else kit.say("还有 $open 处没选", "$open still to choose")
        return kit.column(kit.controls.primary(text, enabled = open == 0) { shell.act { resolve(resolution(conflict)) } })
    }

    /** A conflict about a step has no fields: one side or the other holds. */
    private fun sides(): View = kit.column(
        kit.controls.secondary(kit.say("按我做的", "As I did")) { shell.act { resolve(Resolution.Phone) } },
        kit.controls.primary(kit.say("按平台的", "As the platform has it")) { shell.act { resolve(Resolution.Platform) } },
    )

    private fun resolution(conflict: Conflict): Resolution = when {
        conflict.fields.all { mine[it.name] == true } -> Resolution.Phone
        conflict.fields.none { mine[it.name] == true } -> Resolution.Platform
        else -> Resolution.Values(chosen(conflict).toString())
    }

    private fun chosen(conflict: Conflict) = JSONObject().apply {
        for (field in conflict.fields) {
            put(field.name, JSONTokener(if (mine[field.name] == true) field.phoneJson else field.platformJson).nextValue())
        }
    }

    private suspend fun resolve(resolution: Resolution) {
        grid.write { it.conflictResolve(id, resolution) }
        shell.back()
        shell.tell(kit.say("已决定；有网时告诉平台。", "Decided; the platform hears of it when there is a network."))
    }
}
