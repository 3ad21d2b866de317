package fushan.grid.shell.today

import android.view.View
import fushan.grid.core.PlannedVisit
import fushan.grid.core.SheetSummary
import fushan.grid.core.VisitUrgency
import fushan.grid.shell.Place
import fushan.grid.shell.Screen
import fushan.grid.shell.Shell
import fushan.grid.shell.decide.DecisionsScreen
import fushan.grid.shell.inspect.StartScreen
import fushan.grid.shell.inspect.ItemScreen
import fushan.grid.shell.report.Unsent
import fushan.grid.shell.report.UnsentEntry
import fushan.grid.shell.settle.SyncWords
import fushan.grid.shim.Loaded
import fushan.grid.shim.TodayView
import fushan.grid.shim.map
import kotlinx.coroutines.flow.combine

/** What is to be done today: what waits for a decision, sheets under way, visits with the overdue ones first. */
class TodayScreen(shell: Shell) : Screen(shell) {
    override val title get() = kit.say("今日", "Today")

    override fun shown() {
        val unsent = grid.views.watch { Unsent.read(grid, it) }
        draw(grid.views.today().combine(unsent) { today, aside -> today.map { it to (aside as? Loaded.Here)?.value } }) { (today, aside) -> page(today, aside) }
    }

    private fun page(today: TodayView, aside: Unsent?): View {
        val late = today.visits.count { it.urgency == VisitUrgency.OVERDUE || it.urgency == VisitUrgency.RECHECK }
        val content = kit.column(
            kit.quiet(today.day),
            waits(today),
            aside?.let(UnsentEntry(shell)::of),
            sync(today),
            kit.heading(kit.say("任务 ${today.visits.size} 项", "${today.visits.size} visits") + lateWords(late)),
            *today.drafts.map(::draft).toTypedArray(),
            *today.visits.map(::visit).toTypedArray(),
            kit.quiet(kit.say("今天没有要去的地方。", "Nowhere to go today.")).takeIf { today.visits.isEmpty() && today.drafts.isEmpty() },
        )
        val report = kit.controls.primary(kit.say("上报事件", "Report an incident")) { shell.place(Place.REPORT) }
        return kit.page(content, kit.column(report))
    }

    private fun lateWords(late: Int) = if (late == 0) "" else kit.say("，其中 $late 项紧急", ", $late urgent")

    private fun waits(today: TodayView): View? {
        val count = (today.sync.conflicts + today.sync.refused).toInt()
        if (count == 0) return null
        val text = kit.say("有 $count 条记录等您决定", if (count == 1) "1 record waits for you" else "$count records wait for you")
        return kit.controls.entry(text, kit.text("⚠ $text", 19f, kit.palette.danger)) { shell.open(DecisionsScreen(shell)) }
    }

    private fun sync(today: TodayView): View {
        val text = SyncWords(kit).sentence(today.sync)
        return kit.controls.entry(text, kit.text(text, 17f)) { shell.place(Place.SYNC) }
    }

    private fun draft(sheet: SheetSummary): View {
        val text = kit.say("检查表没填完，继续", "Go on with an unfinished checklist")
        return kit.controls.entry(text, kit.text("✎ $text", 18f, kit.palette.accent)) { shell.open(ItemScreen(shell, sheet.id)) }
    }

    private fun visit(visit: PlannedVisit): View {
        val urgency = urgencyWords(visit.urgency)
        val late = visit.urgency <= VisitUrgency.OVERDUE
        val colour = if (late) kit.palette.danger else kit.palette.warn
        val ground = if (late) kit.palette.dangerSoft else kit.palette.warnSoft
        val due = kit.say("${visit.due} 前", "by ${visit.due}")
        val far = visit.distanceM?.let { kit.say("距离\u00A0$it\u00A0米", "$it\u00A0m\u00A0away") }
        return kit.controls.entry(
            listOfNotNull(visit.name, urgency, due, far).joinToString("，"),
            kit.text(visit.name, 20f),
            kit.tags(kit.tag(urgency, colour, ground), kit.quiet(listOfNotNull(due, far).joinToString(" · "))),
        ) { shell.open(StartScreen(shell, visit.record, visit.name, visit.forms)) }
    }

    private fun urgencyWords(urgency: VisitUrgency) = when (urgency) {
        VisitUrgency.RECHECK -> kit.say("待复查", "Recheck")
        VisitUrgency.OVERDUE -> kit.say("已超期", "Overdue")
        VisitUrgency.TODAY -> kit.say("今天到期", "Due today")
        VisitUrgency.SOON -> kit.say("本周到期", "Due soon")
        VisitUrgency.OPEN -> kit.say("可以去", "Open")
    }
}
