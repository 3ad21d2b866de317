package fushan.grid.shell.inspect

import android.view.View
import fushan.grid.core.NoAnswer
import fushan.grid.shell.Place
import fushan.grid.shell.Screen
import fushan.grid.shell.Shell

/** Ending a visit at which nothing could be answered: why, and what was seen. It does not count as done. */
class NoAnswerScreen(shell: Shell, private val sheet: String) : Screen(shell) {
    override val title get() = kit.say("没法检查", "Cannot inspect")
    private var why: NoAnswer? = null
    private var note = ""

    override fun shown() = put(page())

    private fun page(): View {
        val keep = kit.controls.primary(kit.say("记下并结束", "Note it and end"), why != null) { shell.once { end() } }
        return kit.page(
            kit.column(
                kit.text(kit.say("这次不算完成，地点还会在任务里。", "It does not count as done; the place stays among the tasks.")),
                *WHYS.map { (each, zh, en) -> choice(each, kit.say(zh, en)) }.toTypedArray(),
                kit.controls.field(kit.say("看到了什么（可不填）", "What you saw (optional)"), note, lines = 2) { note = it },
            ),
            kit.column(keep),
        )
    }

    private fun choice(each: NoAnswer, words: String): View = kit.controls.choice(words, why == each) {
        why = each
        put(page())
    }

    private suspend fun end() {
        val reason = why ?: return
        grid.write { it.inspectNoAnswer(sheet, reason, note) }
        shell.place(Place.TODAY)
        shell.tell(kit.say("已记下；有网时自动上传。", "Noted; it is sent when there is a network."))
    }

    private companion object {
        val WHYS = listOf(
            Triple(NoAnswer.CLOSED, "关着门、没有人", "Closed, nobody there"),
            Triple(NoAnswer.REFUSED, "不让检查", "Refused"),
            Triple(NoAnswer.NOT_FOUND, "找不到这个地方", "The place is not there"),
        )
    }
}
