package fushan.grid.shell.report

import fushan.grid.shell.Place
import fushan.grid.shell.Screen
import fushan.grid.shell.Shell

/** Closing an incident on the spot: what was done. The engine checks category, photos, grid and time. */
class SelfCloseScreen(shell: Shell, private val form: ReportForm) : Screen(shell) {
    override val title get() = kit.say("自办自结", "Closed on the spot")

    override fun shown() {
        val content = kit.column(
            kit.text(kit.say("要有一张近景和一张处理后的照片。", "A close-up and a photo after the fix are needed.")),
            kit.controls.field(kit.say("怎么处理的", "What was done"), form.result, lines = 3) { form.result = it },
        )
        put(kit.page(content, kit.column(kit.controls.primary(kit.say("办结", "Close")) { shell.once { close() } })))
    }

    override fun hidden() = form.keep()

    private suspend fun close() {
        val id = form.drafted()
        grid.write { it.incidentSelfClose(id, form.result) }
        form.done()
        shell.place(Place.TODAY)
        shell.tell(kit.say("已办结；有网时自动上传。", "Closed; it is sent when there is a network."))
    }
}
