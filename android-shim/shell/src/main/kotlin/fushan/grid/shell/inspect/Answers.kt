package fushan.grid.shell.inspect

import android.text.InputType
import android.view.View
import fushan.grid.core.Engine
import fushan.grid.core.SheetLine
import fushan.grid.shell.Shell
import fushan.grid.shim.MainThread
import kotlinx.coroutines.launch
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock

/**
 * The control that answers a question. Choices are answered at a touch, texts when the worker goes on; a text stays here until the
 * engine has taken it.
 */
class Answers(private val shell: Shell, private val sheet: String, private val answer: (path: String, value: String) -> Unit) {
    private val kit get() = shell.kit
    private val taking = Mutex()
    private val typed = LinkedHashMap<String, String>()
    private val notes = LinkedHashMap<String, String>()

    fun of(line: SheetLine): View = when (line.kind) {
        "select_one" -> one(line)
        "select_many", "rank" -> many(line)
        "trigger" -> kit.controls.choice(kit.say("已确认", "Confirmed"), line.answer != null) { answer(line.path, if (line.answer == null) "OK" else "") }
        "upload" -> kit.quiet(kit.say("这一项用照片回答。", "This item is answered with a photo."))
        else -> text(line)
    }

    /** Notes how a hazard was put right; kept when the worker goes on. */
    fun fixed(path: String, text: String) {
        notes[path] = text
    }

    /** How a hazard was put right: what was typed, or what the engine has. */
    fun fixedOf(line: SheetLine): String = notes[line.path] ?: line.fixed.orEmpty()

    /** Gives what was typed to the engine, also when the screen goes. What is refused is told, and stays. */
    fun flush() {
        // in the scope of the process, on the drawing thread, and one after the other: a newer text is never overtaken
        shell.grid.scope.launch(MainThread) {
            taking.withLock {
                give(typed) { engine, path, text -> engine.inspectAnswer(sheet, path, text) }
                give(notes) { engine, path, text -> engine.inspectFixed(sheet, path, text) }
            }
        }
    }

    private suspend fun give(waiting: MutableMap<String, String>, take: suspend (Engine, String, String) -> Unit) {
        for ((path, text) in waiting.toMap()) {
            try {
                shell.grid.keeper.use { take(it, path, text) }
                waiting.remove(path, text)
                shell.grid.bell.ring()
            } catch (error: Exception) {
                shell.tell(error)
            }
        }
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
        return kit.controls.field(kit.say("回答", "Answer"), typed[line.path] ?: line.answer.orEmpty(), type = type) { typed[line.path] = it }
    }
}
