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
        draw(grid.views.watch { ConflictRead.read(it, id) }, ::page)
    }

    private fun page(read: ConflictRead): View {
        val conflict = read.conflict
        val content = kit.column(
            kit.text(words.what(conflict), 20f),
            read.name?.let { kit.quiet(kit.say(it.zh, it.en)) },
            *conflict.fields.map { field(read, it) }.toTypedArray(),
            gap = 20,
        )
        return kit.page(content, if (conflict.fields.isEmpty()) sides() else decide(conflict))
    }

    private fun field(read: ConflictRead, field: ConflictField): View = kit.column(
        kit.heading(kit.say(field.zh, field.en)),
        side(read, field, true, kit.say("我写的", "What I wrote"), field.phoneJson),
        side(read, field, false, kit.say("平台上的", "What the platform has"), field.platformJson),
        kit.quiet(kit.say("原来是：", "Before: ") + value(read, field, field.baseJson)),
        gap = 8,
    )

    private fun side(read: ConflictRead, field: ConflictField, isMine: Boolean, whose: String, json: String): View =
        kit.controls.choice(kit.say("$whose：", "$whose: ") + value(read, field, json), mine[field.name] == isMine) {
            mine[field.name] = isMine
            put(page(read))
        }

    private fun value(read: ConflictRead, field: ConflictField, json: String): String =
        words.value(json).let { text -> read.codes[field.name]?.get(text)?.let { kit.say(it.first, it.second) } ?: text }

    private fun decide(conflict: Conflict): View {
        val open = conflict.fields.count { it.name !in mine }
        val text = if (open == 0) kit.say("就这样定", "Settle it so") else kit.say("还有 $open 处没选", "$open still to choose")
        return kit.column(kit.controls.primary(text, enabled = open == 0) { shell.once { resolve(resolution(conflict)) } })
    }

    /** A conflict about a step has no fields: one side or the other holds. */
    private fun sides(): View = kit.column(
        kit.controls.secondary(kit.say("按我做的", "As I did")) { shell.once { resolve(Resolution.Phone) } },
        kit.controls.primary(kit.say("按平台的", "As the platform has it")) { shell.once { resolve(Resolution.Platform) } },
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
