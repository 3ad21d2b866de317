package fushan.grid.shell.inspect

import android.text.InputType
import android.view.View
import fushan.grid.core.SheetLine
import fushan.grid.shell.Shell

/** The control that answers a question. Choices are answered at a touch, texts when the worker goes on. */
class Answers(private val shell: Shell, private val answer: (path: String, value: String) -> Unit) {
    private val kit get() = shell.kit
    private var typed: Pair<String, String>? = null
    private var note: Triple<String, String, String>? = null

    fun of(line: SheetLine): View = when (line.kind) {
        "select_one" -> one(line)
        "select_many", "rank" -> many(line)
        "trigger" -> kit.controls.choice(kit.say("已确认", "Confirmed"), line.answer != null) { answer(line.path, if (line.answer == null) "OK" else "") }
        "upload" -> kit.quiet(kit.say("这一项用照片回答。", "This item is answered with a photo."))
        else -> text(line)
    }

    /** Notes how a hazard was put right; kept when the worker goes on. */
    fun fixed(sheet: String, path: String, text: String) {
        note = Triple(sheet, path, text)
    }

    /** Gives what was typed to the engine. */
    fun flush() {
        typed?.let { (path, value) -> answer(path, value) }
        typed = null
        note?.let { (sheet, path, text) ->
            shell.act {
                shell.grid.keeper.use { it.inspectFixed(sheet, path, text) }
                shell.grid.bell.ring()
            }
        }
        note = null
    }

    private fun one(line: SheetLine): View = kit.column(
        *line.choices.map { choice ->
            kit.controls.choice(choice.label, choice.value == line.answer) { answer(line.path, choice.value) }
        }.toTypedArray(),
    )

    private fun many(line: SheetLine): View {
        val taken = line.answer.orEmpty().split(' ').filter(String::isNotEmpty)
        return kit.column(
            *line.choices.map { choice ->
                val now = if (choice.value in taken) taken - choice.value else taken + choice.value
                kit.controls.choice(choice.label, choice.value in taken) { answer(line.path, now.joinToString(" ")) }
            }.toTypedArray(),
        )
    }

    private fun text(line: SheetLine): View {
        val type = if (line.kind == "range") InputType.TYPE_CLASS_NUMBER else InputType.TYPE_CLASS_TEXT
        return kit.controls.field(kit.say("回答", "Answer"), line.answer.orEmpty(), type = type) { typed = line.path to it }
    }
}
