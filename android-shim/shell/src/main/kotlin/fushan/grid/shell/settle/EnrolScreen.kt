package fushan.grid.shell.settle

import android.text.InputType
import fushan.grid.core.SyncTrigger
import fushan.grid.shell.Place
import fushan.grid.shell.Screen
import fushan.grid.shell.Shell
import kotlinx.coroutines.launch

/** Before the first day: the platform's address and the one-time code that the district gave. */
class EnrolScreen(shell: Shell) : Screen(shell) {
    override val title get() = kit.say("登记这部手机", "Enrol this phone")
    private var url = ""
    private var code = ""

    override fun shown() {
        val content = kit.column(
            kit.text(kit.say("请输入街道给您的地址和一次性登记码。", "Enter the address and the one-time code that the district gave you.")),
            kit.controls.field(kit.say("平台地址", "Platform address"), url, type = InputType.TYPE_CLASS_TEXT or InputType.TYPE_TEXT_VARIATION_URI) { url = it },
            kit.controls.field(kit.say("登记码", "Code"), code) { code = it },
        )
        put(kit.page(content, kit.column(kit.controls.primary(kit.say("登记", "Enrol")) { shell.once { enrol() } })))
    }

    private suspend fun enrol() {
        grid.keeper.use { it.enrol(url.trim(), code.trim()) }
        grid.scope.launch { grid.settle(SyncTrigger.WORKER) }
        shell.place(Place.TODAY)
    }
}
