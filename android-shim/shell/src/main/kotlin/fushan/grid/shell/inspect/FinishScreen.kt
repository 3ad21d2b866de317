package fushan.grid.shell.inspect

import android.view.View
import fushan.grid.core.FinishedInspection
import fushan.grid.core.MissingAnswer
import fushan.grid.core.SheetScreen
import fushan.grid.shell.Place
import fushan.grid.shell.Screen
import fushan.grid.shell.Shell
import kotlinx.coroutines.Job

/**
 * The end of an inspection: what is missing with a way back to it, or what it came to. It ends only when everything typed is with the
 * engine: [unsettled] waits for that, and names what was refused.
 */
class FinishScreen(
    shell: Shell,
    private val sheet: String,
    private val unsettled: suspend () -> String? = { null },
    private val goTo: (String) -> Unit,
) : Screen(shell) {
    override val title get() = kit.say("结束检查", "Finish")
    private var done: FinishedInspection? = null
    private var reading: Job? = null

    override fun shown() {
        val finished = done
        if (finished != null) put(result(finished)) else reading = draw(grid.views.sheet(sheet), ::page)
    }

    private fun page(screen: SheetScreen): View {
        val finish = kit.controls.primary(kit.say("结束并保存", "Finish and keep"), screen.missing.isEmpty()) { shell.once { finish() } }
        val content = kit.column(
            kit.text(screen.form.title, 20f),
            score(screen.score.hazards.toInt()),
            *(if (screen.missing.isEmpty()) emptyList() else missing(screen.missing)).toTypedArray(),
        )
        return kit.page(content, kit.column(finish))
    }

    private fun score(hazards: Int): View =
        if (hazards == 0) kit.notice(kit.say("没有发现隐患。", "No hazard was found."), kit.palette.accent, kit.palette.accentSoft)
        else kit.notice(kit.say("发现 $hazards 处隐患。", if (hazards == 1) "1 hazard was found." else "$hazards hazards were found."), kit.palette.danger, kit.palette.dangerSoft)

    private fun missing(all: List<MissingAnswer>): List<View> = listOf<View>(kit.heading(kit.say("还差 ${all.size} 项", "${all.size} still missing"))) +
        all.map { each ->
            val why = words(each)
            kit.controls.entry("${each.label}，$why", kit.text(each.label), kit.quiet(why)) {
                goTo(each.path)
                shell.back()
            }
        }

    private fun words(each: MissingAnswer) = each.message ?: when (each.code) {
        "missing_required" -> kit.say("没有回答", "not answered")
        "missing_photos" -> kit.say("照片不够：${each.photosThere ?: 0u} / ${each.photosNeeded ?: 0u}", "photos: ${each.photosThere ?: 0u} of ${each.photosNeeded ?: 0u}")
        "missing_before_after" -> kit.say("整改要有前后两张照片", "a photo before and one after")
        else -> kit.say("请再看一下", "please look again")
    }

    private suspend fun finish() {
        unsettled()?.let { path ->
            goTo(path)
            shell.back()
            return shell.tell(kit.say("这一项的回答没有被接受，请改一下再结束。", "The answer here was not accepted; change it, then finish."))
        }
        // a finished sheet is no draft any more: reading on would tell that instead of the result
        reading?.cancel()
        try {
            done = grid.write { it.inspectFinish(sheet) }
        } finally {
            shown()
        }
    }

    private fun result(finished: FinishedInspection): View {
        val content = kit.column(
            kit.heading(kit.say("检查已保存", "The inspection is kept")),
            score(finished.hazards.size),
            kit.text(kit.say("生成事件 ${finished.incidents.size} 件。", "${finished.incidents.size} incidents opened.")).takeIf { finished.incidents.isNotEmpty() },
            kit.text(kit.say("消除隐患 ${finished.cleared.size} 处。", "${finished.cleared.size} hazards cleared.")).takeIf { finished.cleared.isNotEmpty() },
            kit.quiet(kit.say("有网时自动上传。", "It is sent when there is a network.")),
        )
        return kit.page(content, kit.column(kit.controls.primary(kit.say("回到今日", "Back to today")) { shell.place(Place.TODAY) }))
    }
}
