package fushan.grid.shell.inspect

import android.view.View
import fushan.grid.core.ArrivalAt
import fushan.grid.core.ChecklistVersion
import fushan.grid.core.GridException
import fushan.grid.core.SheetStart
import fushan.grid.shell.Screen
import fushan.grid.shell.Shell
import fushan.grid.shim.about

/** Beginning an inspection at a place: which checklist, and a reason when the worker is too far away. */
class StartScreen(
    shell: Shell,
    private val place: String,
    private val name: String,
    private val forms: List<String> = emptyList(),
) : Screen(shell) {
    override val title get() = kit.say("开始检查", "Begin an inspection")
    override val address get() = listOf("start", place, name) + forms
    private var reason = ""
    private var asksReason = false

    override fun shown() {
        whereverShown()
        draw(grid.views.watch { it.checklists().filter(ChecklistVersion::current) }, ::page)
    }

    private fun page(all: List<ChecklistVersion>): View {
        // what the plan wants comes first, also when this phone has not met it yet; the others may still be needed
        val known = all.map { it.form }
        val ordered = forms.filter { it !in known }.map { it to it } + all.sortedBy { it.form !in forms }.map { it.form to it.title }
        return kit.page(
            kit.column(
                kit.text(name, 22f),
                reasonPart().takeIf { asksReason },
                kit.heading(kit.say("用哪张检查表", "Which checklist")),
                *ordered.map { (form, title) -> entry(form, title, all) }.toTypedArray(),
            ),
        )
    }

    private fun reasonPart(): View = kit.card(
        kit.text(kit.say("您离这里较远。为什么在这里开始？", "You are far from this place. Why begin here?"), 18f, kit.palette.warn),
        kit.controls.field(kit.say("理由", "Reason"), reason) { reason = it },
    )

    private fun entry(form: String, title: String, all: List<ChecklistVersion>): View {
        val planned = kit.tag(kit.say("计划要求", "Planned"), kit.palette.accent, kit.palette.accentSoft)
        return kit.controls.entry(title, kit.text(title, 19f), kit.tags(planned).takeIf { form in forms }) {
            shell.once { begin(form, all) }
        }
    }

    private suspend fun begin(form: String, all: List<ChecklistVersion>) {
        val start = SheetStart(form = form, place = place, arrival = ArrivalAt(reason = reason.ifBlank { null }))
        try {
            val sheet = grid.write { it.inspectStart(start) }
            shell.back()
            shell.open(ItemScreen(shell, sheet))
        } catch (error: GridException.Invalid) {
            if (error.about.code != "check_in_reason") throw error
            asksReason = true
            put(page(all))
        }
    }
}
