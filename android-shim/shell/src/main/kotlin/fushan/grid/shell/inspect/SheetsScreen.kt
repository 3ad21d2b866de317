package fushan.grid.shell.inspect

import android.view.View
import fushan.grid.core.ChecklistVersion
import fushan.grid.core.SheetSummary
import fushan.grid.shell.Place
import fushan.grid.shell.Screen
import fushan.grid.shell.Shell

/** Sheets under way, and the checklists of this phone. An inspection is begun from the place that is inspected. */
class SheetsScreen(shell: Shell) : Screen(shell) {
    override val title get() = kit.say("检查", "Inspect")

    override fun shown() {
        draw(grid.views.watch { it.inspectDrafts() to it.checklists() }) { (drafts, forms) -> page(drafts, forms) }
    }

    private fun page(drafts: List<SheetSummary>, forms: List<ChecklistVersion>): View {
        val titles = forms.associate { it.digest to it.title }
        val content = kit.column(
            kit.heading(kit.say("没填完的", "Under way")),
            kit.quiet(kit.say("没有。", "None.")).takeIf { drafts.isEmpty() },
            *drafts.map { draft(it, titles[it.formDigest].orEmpty()) }.toTypedArray(),
            kit.heading(kit.say("手机上的检查表", "Checklists on this phone")),
            *forms.filter { it.current }.map { kit.card(kit.text(it.title)) }.toTypedArray(),
        )
        val begin = kit.controls.primary(kit.say("找一个场所开始检查", "Find a place to inspect")) { shell.place(Place.REGISTRY) }
        return kit.page(content, kit.column(begin))
    }

    private fun draft(sheet: SheetSummary, title: String): View {
        val name = title.ifEmpty { kit.say("检查表", "Checklist") }
        return kit.controls.entry(
            kit.say("继续：$name", "Go on: $name"),
            kit.text(name, 19f),
            kit.quiet(kit.say("点这里继续", "Touch to go on")),
        ) { shell.open(ItemScreen(shell, sheet.id)) }
    }
}
