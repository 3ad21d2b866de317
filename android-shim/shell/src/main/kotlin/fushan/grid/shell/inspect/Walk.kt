package fushan.grid.shell.inspect

import fushan.grid.core.SheetLine
import fushan.grid.core.SheetScreen

/**
 * The way through a sheet, question by question. The engine's screen holds only what can be reached, so skipped questions are never
 * met; the place is kept by path, since an answer may bring questions up or take them away. The offer of one more of something, such
 * as a room, stands in the way as a question does.
 */
class Walk(private val sheet: SheetScreen) {
    /** What is stopped at, in order. */
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

    /** The one of several, such as the second room, that a question belongs to. */
    fun instance(line: SheetLine): SheetLine? = sheet.lines.lastOrNull { it.kind == "repeat" && line.path.startsWith(it.path + "/") }

    private fun firstOpen() = questions.firstOrNull { it.answer == null && !it.readonly && !offers(it) }

    companion object {
        private val HEADINGS = setOf("group", "repeat")
        private val POSITION = Regex("""\[\d+]$""")

        /** Whether it is the offer of one more. */
        fun offers(line: SheetLine): Boolean = line.kind == "new_repeat"

        /** The name of what there may be several of, without the last position. */
        fun repeatOf(line: SheetLine): String = line.path.replace(POSITION, "")
    }
}
