package fushan.grid.shell.settle

import fushan.grid.shell.Screen
import fushan.grid.shell.Shell
import fushan.grid.shim.EngineState

/** Why the app cannot open now, what that means for the work on it, and what to do. */
class StateScreen(shell: Shell, private val state: EngineState, private val again: () -> Unit) : Screen(shell) {
    override val title get() = kit.say("现在打不开", "It cannot open now")

    override fun shown() {
        val told = when (state) {
            is EngineState.KeyLost -> kit.say(state.told)
            is EngineState.Locked -> kit.say(state.told)
            is EngineState.Failed -> kit.say(state.told)
            else -> ""
        }
        val lost = kit.say("手机的密钥已丢失。数据还在手机里，请不要卸载，联系街道技术人员。", "The phone's key is gone. The data is still here: do not uninstall, call the district's support.")
        val content = kit.column(
            kit.notice(told, kit.palette.danger, kit.palette.dangerSoft),
            kit.text(lost).takeIf { state is EngineState.KeyLost },
            kit.quiet(kit.say("没有删除任何东西。", "Nothing was deleted.")),
        )
        put(kit.page(content, kit.column(kit.controls.primary(kit.say("再试一次", "Try again"), act = again))))
    }
}
