package fushan.grid.shell.report

import android.view.View
import fushan.grid.core.Category
import fushan.grid.core.IncidentView
import fushan.grid.core.PhotoRef
import fushan.grid.shell.Place
import fushan.grid.shell.Screen
import fushan.grid.shell.Shell
import fushan.grid.shell.decide.DropScreen
import fushan.grid.shell.kit.PhotoStrip
import fushan.grid.shim.photos.PhotoPlace

/** Writing an incident down: what it is, what was seen, photos, where; then submit it or close it on the spot. */
class ReportScreen(shell: Shell) : Screen(shell) {
    override val title get() = kit.say("上报", "Report")
    private val form = ReportForm(shell.grid)
    private val strip = PhotoStrip(shell)
    private val spot = Spot(shell)

    override fun shown() {
        whereverShown { spot.moved() }
        whileShown {
            try {
                form.restore()
            } catch (error: Exception) {
                // it stays on the disk; the worker can write anew
                shell.tell(error)
            }
            grid.bell.heard().collect { redraw() }
        }
    }

    override fun hidden() = form.keep()

    /** What could not be read is told; the next bell tries again. */
    private suspend fun redraw() = try {
        val incident = form.incident()
        val unsent = grid.keeper.use { Unsent.read(grid, it) }
        put(page(form.category(), incident, unsent))
    } catch (error: Exception) {
        shell.tell(error)
    }

    private fun page(category: Category?, incident: IncidentView?, unsent: Unsent): View {
        val content = kit.column(
            UnsentEntry(shell).of(unsent),
            categoryPart(category, incident),
            kit.controls.field(kit.say("看到了什么", "What you saw"), form.text, lines = 3) { form.text = it },
            kit.heading(kit.say("照片", "Photos")),
            if (category == null) kit.quiet(kit.say("先选类别，再拍照。", "Choose a category first, then take photos.")) else photoPart(incident?.photos.orEmpty()),
            kit.heading(kit.say("地点", "Place")),
            spot.part(),
            // what may be left out comes last, so that the camera is not below it
            kit.controls.field(kit.say("标题（可不填）", "Title (optional)"), form.title) { form.title = it },
        )
        return kit.page(content, actions(category, incident))
    }

    private fun categoryPart(category: Category?, incident: IncidentView?): View {
        val choose = { shell.open(CategoryScreen(shell) { shell.act { form.choose(it.code) } }) }
        if (category == null) return kit.controls.primary(kit.say("选择类别", "Choose a category"), act = choose)
        val name = kit.say(category.zh, category.en)
        val change = kit.quiet(kit.say("点这里换类别", "Touch to change")).takeIf { incident == null }
        return kit.controls.entry(kit.say("类别：$name", "Category: $name"), kit.text(name, 20f), change) {
            if (incident == null) choose() else shell.tell(kit.say("已经拍了照，类别不能再换；可以放弃后重来。", "Photos are taken; to change the category, give up and begin again."))
        }
    }

    private fun photoPart(photos: List<PhotoRef>): View = kit.column(
        strip.of(photos),
        kit.row(shot("near", "拍近景", "Close-up", photos), shot("far", "拍远景", "Wide view", photos)),
        kit.row(
            shot("after", "拍处理后", "After the fix", photos),
            kit.controls.secondary(kit.say("从相册选", "From gallery")) { with("reference", shell::pick) },
        ),
    )

    private fun shot(role: String, zh: String, en: String, photos: List<PhotoRef>): View {
        val done = if (photos.any { it.role == role }) "✓ " else ""
        return kit.controls.secondary(done + kit.say(zh, en)) { with(role, shell::photograph) }
    }

    private fun with(role: String, open: (PhotoPlace) -> Unit) = shell.act { open(PhotoPlace.OfRecord(form.drafted(), role)) }

    private fun actions(category: Category?, incident: IncidentView?): View {
        val ready = category != null
        val close = kit.controls.secondary(kit.say("自办自结", "Closed on the spot")) { shell.open(SelfCloseScreen(shell, form)) }
        val submit = kit.controls.primary(kit.say("提交", "Submit"), ready) { shell.once { submit() } }
        val drop = kit.controls.secondary(kit.say("放弃", "Give up"), kit.palette.danger) { incident?.let(::ask) }
        return kit.column(
            kit.row(drop.takeIf { incident != null }, close.takeIf { category?.selfClose == true }).takeIf { incident != null || category?.selfClose == true },
            submit,
        )
    }

    private suspend fun submit() {
        val id = form.drafted()
        grid.write { it.incidentSubmit(id) }
        leave(kit.say("已提交；有网时自动上传。", "Submitted; it is sent when there is a network."))
    }

    private fun ask(incident: IncidentView) {
        val photos = incident.photos.size
        val words = kit.say("这份上报还没有提交，里面有 $photos 张照片。", "This report is not submitted; it holds photos: $photos.")
        shell.open(DropScreen(shell, words, ::giveUp))
    }

    private suspend fun giveUp() {
        form.giveUp()
        leave(kit.say("已放弃。", "Given up."))
    }

    private fun leave(words: String) {
        form.done()
        shell.place(Place.TODAY)
        shell.tell(words)
    }
}
