package fushan.grid.shell.inspect

import fushan.grid.core.SheetLine
import fushan.grid.core.SheetScreen

/**
 * The way through a sheet, question by question. The engine's screen holds only what can be reached, so skipped questions are never
 * met; the place is kept by path, since an answer may bring questions up or take them away.
 */
class Walk(private val sheet: SheetScreen) {
    /** Questions that can be answered, in order. */
    val questions: List<SheetLine> = sheet.lines.filter { it.kind !in HEADINGS }

    /** The question of a path, or the first open one, or the first. */
    fun at(path: String?): SheetLine? = questions.firstOrNull { it.path == path } ?: firstOpen() ?: questions.firstOrNull()

    /** The question after one; none after the last. */
    fun after(line: SheetLine): SheetLine? = questions.getOrNull(questions.indexOf(line) + 1)

    /** The question before one; none before the first. */
    fun before(line: SheetLine): SheetLine? = questions.getOrNull(questions.indexOf(line) - 1)

    /** Which question it is, from 1. */
    fun number(line: SheetLine): Int = questions.indexOf(line) + 1

    /** The heading that a question stands under. */
    fun heading(line: SheetLine): String? =
        sheet.lines.takeWhile { it.path != line.path }.lastOrNull { it.kind in HEADINGS && it.label.isNotBlank() }?.label

    private fun firstOpen() = questions.firstOrNull { it.answer == null && !it.readonly }

    private companion object {
        val HEADINGS = setOf("group", "repeat", "new_repeat")
    }
}
