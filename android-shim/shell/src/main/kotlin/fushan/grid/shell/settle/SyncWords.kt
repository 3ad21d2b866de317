package fushan.grid.shell.settle

import android.text.format.DateUtils
import fushan.grid.core.SyncLane
import fushan.grid.core.SyncOutcome
import fushan.grid.core.SyncReport
import fushan.grid.core.SyncStatus
import fushan.grid.shell.kit.Kit
import fushan.grid.shim.sync.SyncState

/** How the settlement stands, in words that a grid worker uses. */
internal class SyncWords(private val kit: Kit) {
    /** One sentence for all. */
    fun sentence(status: SyncStatus): String {
        val parts = listOfNotNull(
            count(status.opsWaiting, "条记录", "record"),
            count(status.photosWaiting, "张照片", "photo"),
        )
        if (parts.isEmpty()) return kit.say("✓ 都已上传", "✓ Everything is sent")
        return kit.say("↑ 还有 ${parts.joinToString("、")}没上传", "↑ Not sent yet: ${parts.joinToString(", ")}")
    }

    private fun count(of: ULong, zh: String, en: String): String? =
        if (of == 0uL) null else kit.say("$of $zh", "$of $en" + if (of == 1uL) "" else "s")

    /** Why something does not move now; nothing when it may. */
    fun blocked(lane: SyncLane): String? = when (lane.blocked) {
        null -> null
        "metered" -> kit.say("照片在等无线网（不用流量）", "Photos wait for Wi-Fi")
        "roaming" -> kit.say("漫游中，先不上传", "Roaming: sending waits")
        "battery" -> kit.say("电量低，充电后再传", "Low battery: sending waits for a charger")
        "bytes_today" -> kit.say("今天的流量额度用完了", "Today's data allowance is used up")
        else -> kit.say("暂时不能上传", "Cannot be sent now")
    }.takeIf { lane.ops + lane.photos > 0uL }

    /** What a run is doing, or how it ended. */
    fun run(state: SyncState): String? = when (state) {
        SyncState.Idle -> null
        is SyncState.Running -> kit.say("正在同步：已上传 ${state.progress.opsDone} 条、${state.progress.photosDone} 张照片，收到 ${state.progress.pulled} 条", "Syncing: ${state.progress.opsDone} records and ${state.progress.photosDone} photos sent, ${state.progress.pulled} received")
        is SyncState.Failed -> kit.say(state.told)
        is SyncState.Ended -> outcome(state.report)
    }

    private fun outcome(report: SyncReport): String = when (val outcome = report.outcome) {
        // over a network that costs, a run may be done and leave behind what waits for another one
        SyncOutcome.Done -> if (report.opsLeft + report.photosLeft == 0uL) kit.say("刚刚同步完成", "Synced just now")
        else kit.say("现在能传的都传了，其余的在等", "Sent what may be sent now; the rest waits")
        SyncOutcome.Cancelled -> kit.say("同步已停止，没传的还在", "Stopped; what is not sent is kept")
        SyncOutcome.Busy -> kit.say("已经在同步了", "A sync is under way")
        SyncOutcome.Waiting -> kit.say("稍后自动再试", "It tries again by itself")
        SyncOutcome.Budget -> kit.say("先传了一部分，稍后继续", "A part is sent; the rest follows")
        is SyncOutcome.Offline -> kit.say(outcome.told)
        is SyncOutcome.Locked -> kit.say(outcome.told)
        is SyncOutcome.NeedsUpgrade -> kit.say(outcome.told)
        is SyncOutcome.Wiped -> kit.say("这部手机已按要求清除", "This phone was wiped as ordered")
    }

    /** When the last run was. */
    fun lastRun(status: SyncStatus, now: Long = System.currentTimeMillis()): String? {
        val last = status.runs.firstOrNull { it.outcome == "done" } ?: return null
        // a clock that was set back in between does not make it a run of the future
        val ago = DateUtils.getRelativeTimeSpanString(last.startedMs.coerceAtMost(now), now, DateUtils.MINUTE_IN_MILLIS)
        return kit.say("上次同步：$ago", "Last sync: $ago")
    }

    /** A size in megabytes. */
    fun size(bytes: ULong): String = "%.1f MB".format(bytes.toDouble() / 1_000_000)
}
