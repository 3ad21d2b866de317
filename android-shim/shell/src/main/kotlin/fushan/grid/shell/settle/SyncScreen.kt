package fushan.grid.shell.settle

import android.view.View
import fushan.grid.core.SyncStatus
import fushan.grid.core.SyncTrigger
import fushan.grid.shell.Screen
import fushan.grid.shell.Shell
import fushan.grid.shell.decide.DecisionsScreen
import fushan.grid.shim.map
import fushan.grid.shim.sync.SyncState
import kotlinx.coroutines.flow.combine
import kotlinx.coroutines.launch

/** How the settlement stands: what is sent, what waits and why, what needs the worker. */
class SyncScreen(shell: Shell) : Screen(shell) {
    override val title get() = kit.say("同步", "Sync")
    private val words = SyncWords(shell.kit)

    override fun shown() {
        val both = grid.views.sync().combine(grid.sync.state) { status, run -> status.map { it to run } }
        draw(both) { (status, run) -> page(status, run) }
    }

    private fun page(status: SyncStatus, run: SyncState): View {
        val content = kit.column(
            kit.heading(words.sentence(status)),
            words.run(run)?.let { kit.notice(it, kit.palette.text, kit.palette.accentSoft) },
            status.needsUpgrade?.let { kit.notice(kit.say(it), kit.palette.danger, kit.palette.dangerSoft) },
            words.lastRun(status)?.let(kit::quiet),
            *status.lanes.mapNotNull(words::blocked).distinct().map { kit.text(it, 18f, kit.palette.warn) }.toTypedArray(),
            waits(status),
            counts(status),
        )
        val running = run is SyncState.Running
        val settle = kit.controls.primary(if (running) kit.say("正在同步…", "Syncing…") else kit.say("现在同步", "Sync now"), !running) {
            grid.scope.launch { grid.settle(SyncTrigger.WORKER) }
        }
        return kit.page(content, kit.column(settle))
    }

    private fun waits(status: SyncStatus): View? {
        val count = status.conflicts + status.refused
        if (count == 0uL) return null
        val text = kit.say("⚠ $count 条等您决定", if (count == 1uL) "⚠ 1 waits for you" else "⚠ $count wait for you")
        return kit.controls.entry(text, kit.text(text, 19f, kit.palette.danger)) { shell.open(DecisionsScreen(shell)) }
    }

    private fun counts(status: SyncStatus): View = kit.card(
        line(kit.say("没提交的草稿", "Drafts not submitted"), "${status.drafts}"),
        line(kit.say("没上传的记录", "Records not sent"), "${status.opsWaiting}"),
        line(kit.say("没上传的照片", "Photos not sent"), "${status.photosWaiting} · ${words.size(status.photoBytesWaiting)}"),
        line(kit.say("已上传的照片", "Photos sent"), "${status.photosStored}"),
        gap = 14,
    )

    private fun line(label: String, value: String): View = kit.ends(kit.text(label, 17f), kit.text(value, 19f)).apply {
        contentDescription = "$label，$value"
        isFocusable = true
    }
}
