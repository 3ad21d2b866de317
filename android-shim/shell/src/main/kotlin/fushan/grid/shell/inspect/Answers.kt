package fushan.grid.shell.inspect

import android.text.InputType
import android.view.View
import fushan.grid.core.Engine
import fushan.grid.core.GridException
import fushan.grid.core.SheetLine
import fushan.grid.shell.Shell
import fushan.grid.shim.MainThread
import kotlinx.coroutines.Job
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock

/**
 * The control that answers a question. Choices are answered at a touch, texts when the worker goes on; a text stays here until the
 * engine has taken it.
 */
class Answers(private val shell: Shell, private val sheet: String, private val pauseMs: Long = 800) {
    private val kit get() = shell.kit
    private var waiting: Job? = null
    private val taking = Mutex()
    private val typed = LinkedHashMap<String, String>()
    private val notes = LinkedHashMap<String, String>()

    /** What was chosen and the engine has not answered yet: a second touch builds on it, not on what is drawn. */
    private val chosen = HashMap<String, String>()

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
        soon()
    }

    /** How a hazard was put right: what was typed, or what the engine has. */
    fun fixedOf(line: SheetLine): String = notes[line.path] ?: line.fixed.orEmpty()

    /** Gives what was typed to the engine, also when the screen goes. What is refused is told, and stays. */
    fun flush(): Job = give(after = 0, refused = shell::tell)

    /** Gives what was typed and waits for it. The path of something that was refused, or nothing: only then may the sheet end. */
    suspend fun settle(): String? {
        flush().join()
        return (typed.keys + notes.keys).firstOrNull()
    }

    /** A moment after the last letter, so that a killed process costs no more than that. What is refused may not be typed out yet. */
    private fun soon() {
        give(after = pauseMs) { if (it !is GridException) throw it }
    }

    private fun give(after: Long, refused: (Exception) -> Unit): Job {
        waiting?.cancel()
        // in the scope of the process, on the drawing thread, and one after the other: a newer text is never overtaken
        val work = shell.grid.scope.launch(MainThread) {
            delay(after)
            waiting = null
            taking.withLock {
                give(typed, refused) { engine, path, text -> engine.inspectAnswer(sheet, path, text) }
                give(notes, refused) { engine, path, text -> engine.inspectFixed(sheet, path, text) }
            }
        }
        if (after > 0) waiting = work
        return work
    }

    /** Answers at a touch, in turn with the texts. What was refused is told, and the answer before stays. */
    private fun answer(path: String, value: String) {
        chosen[path] = value
        shell.grid.scope.launch(MainThread) {
            taking.withLock {
                try {
                    shell.grid.keeper.use { it.inspectAnswer(sheet, path, value) }
                    shell.grid.bell.ring()
                } catch (error: Exception) {
                    shell.tell(error)
                } finally {
                    chosen.remove(path, value)
                }
            }
        }
    }

    private suspend fun give(what: MutableMap<String, String>, refused: (Exception) -> Unit, take: suspend (Engine, String, String) -> Unit) {
        for ((path, text) in what.toMap()) {
            try {
                shell.grid.keeper.use { take(it, path, text) }
                what.remove(path, text)
                shell.grid.bell.ring()
            } catch (error: Exception) {
                refused(error)
            }
        }
    }

    private fun one(line: SheetLine): View = kit.column(
        *line.choices.map { choice ->
            kit.controls.choice(choice.label, choice.value == line.answer) { answer(line.path, choice.value) }
        }.toTypedArray(),
    )

    private fun many(line: SheetLine): View {
        fun taken() = (chosen[line.path] ?: line.answer).orEmpty().split(' ').filter(String::isNotEmpty)
        return kit.column(
            *line.choices.map { choice ->
                kit.controls.choice(choice.label, choice.value in taken(), several = true) {
                    val now = if (choice.value in taken()) taken() - choice.value else taken() + choice.value
                    answer(line.path, now.joinToString(" "))
                }
            }.toTypedArray(),
        )
    }

    private fun text(line: SheetLine): View {
        val type = if (line.kind == "range") InputType.TYPE_CLASS_NUMBER else InputType.TYPE_CLASS_TEXT
        return kit.controls.field(kit.say("回答", "Answer"), typed[line.path] ?: line.answer.orEmpty(), type = type) {
            typed[line.path] = it
            soon()
        }
    }
}
