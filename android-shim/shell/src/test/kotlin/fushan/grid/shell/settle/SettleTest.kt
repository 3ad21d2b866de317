package fushan.grid.shell.settle

import fushan.grid.core.SyncOutcome
import fushan.grid.core.SyncReport
import fushan.grid.core.SyncTrigger
import fushan.grid.core.Told
import fushan.grid.shell.ShellRobot
import fushan.grid.shell.kit.Kit
import fushan.grid.shim.EngineState
import fushan.grid.shim.support.GridRule
import fushan.grid.shim.support.HostRunner
import fushan.grid.shim.support.TestPlatform
import fushan.grid.shim.support.waiting
import fushan.grid.shim.sync.SyncState
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.ClassRule
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.annotation.Config

/** Enrolment, and how the settlement stands in words. */
@RunWith(HostRunner::class)
@Config(qualifiers = "zh-rCN-w360dp-h740dp-xhdpi")
class SettleTest {
    companion object {
        @ClassRule @JvmField val platform = TestPlatform()
        val TOLD = Told("offline", "没有网络", "No network", "稍后再试", "Try later", null, null)
    }

    @get:Rule val phone = GridRule()
    private val words get() = SyncWords(Kit(phone.app))

    @Test fun `a phone is enrolled through the screen, and a wrong code is told and can be mended`() {
        val robot = ShellRobot("enrol")
        robot.type("平台地址", platform.url)
        robot.type("登记码", "000000")
        robot.touch("登记")
        robot.awaits("登记码不对")
        robot.type("登记码", platform.code(TestPlatform.WORKER))
        robot.touch("登记")
        robot.awaits("今天没有要去的地方")
        assertTrue(waiting { phone.grid.keeper.use { it.syncStatus() } }.enrolled)
        robot.end()
    }

    private fun report(outcome: SyncOutcome, left: ULong = 0uL) = waiting {
        phone.enrol(platform)
        phone.grid.sync.run(SyncTrigger.WORKER, 60_000)
    }.copy(outcome = outcome, opsLeft = left)

    private fun run(report: SyncReport) = checkNotNull(words.run(SyncState.Ended(report)))

    @Test fun `a run that left something behind does not say that all is done`() {
        assertEquals("刚刚同步完成", run(report(SyncOutcome.Done)))
        assertTrue("在等" in run(report(SyncOutcome.Done, left = 3uL)))
    }

    @Test fun `every end of a run has words`() {
        val some = report(SyncOutcome.Done)
        val all = listOf(
            SyncOutcome.Cancelled, SyncOutcome.Busy, SyncOutcome.Waiting, SyncOutcome.Budget, SyncOutcome.Offline(TOLD),
            SyncOutcome.Locked(TOLD), SyncOutcome.NeedsUpgrade(TOLD), SyncOutcome.Wiped(true),
        ).map { run(some.copy(outcome = it)) }
        assertTrue("$all", all.all(String::isNotBlank) && all.toSet().size >= 6)
        assertNull(words.run(SyncState.Idle))
    }

    @Test fun `nothing is said of a lane in which nothing waits`() {
        val lane = waiting { phone.grid.keeper.use { it.syncStatus() } }.lanes.first()
        assertNull(words.blocked(lane.copy(blocked = "roaming", ops = 0uL, photos = 0uL)))
        assertTrue("漫游" in checkNotNull(words.blocked(lane.copy(blocked = "roaming", ops = 1uL))))
        assertTrue(checkNotNull(words.blocked(lane.copy(blocked = "some_new_reason", photos = 1uL))).isNotBlank())
    }

    @Test fun `a clock that was set back makes no run of the future`() {
        val status = waiting { phone.enrol(platform).let { phone.grid.keeper.use { engine -> engine.syncStatus() } } }
        val started = status.runs.first { it.outcome == "done" }.startedMs
        assertEquals("上次同步：0分钟前", words.lastRun(status, now = started - 86_400_000))
        assertTrue("5" in checkNotNull(words.lastRun(status, now = started + 5 * 60_000 + 1_000)))
    }

    @Test fun `a state in which the app cannot open says what to do`() {
        val robot = ShellRobot("state")
        robot.awaits("登记码")
        for ((name, state) in listOf("locked" to EngineState.Locked(TOLD), "failed" to EngineState.Failed(TOLD), "lost" to EngineState.KeyLost(TOLD))) {
            var again = 0
            robot.open(StateScreen(robot.shell, state) { again += 1 })
            robot.awaits("没有删除任何东西")
            robot.awaits("没有网络")
            robot.look(name)
            robot.touch("再试一次")
            assertEquals(1, again)
        }
        robot.end()
    }
}
