package fushan.grid.shell.decide

import fushan.grid.core.Mark
import fushan.grid.shell.ShellRobot
import fushan.grid.shell.ShellWorld
import fushan.grid.shim.support.GridRule
import fushan.grid.shim.support.HostRunner
import fushan.grid.shim.support.TestPlatform
import fushan.grid.shim.support.await
import fushan.grid.shim.support.waiting
import org.json.JSONObject
import org.junit.Assert.assertEquals
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.annotation.Config

/** What the platform refused, and conflicts that one side wins. */
@RunWith(HostRunner::class)
@Config(qualifiers = "zh-rCN-w360dp-h740dp-xhdpi")
class DecisionsTest {
    @get:Rule(order = 0) val platform = TestPlatform()
    @get:Rule(order = 1) val phone = GridRule()
    private val grid get() = phone.grid

    private fun refused() = waiting { grid.keeper.use { it.refused() } }

    @Test fun `what the platform refused is sent again or given up, and only after being asked`() {
        val world = ShellWorld(phone, platform)
        world.morning()
        val building = JSONObject().put("name", "9号楼").put("storeys", 6).put("units", 2).toString()
        waiting { grid.write { it.registryAdd("building", OTHER_GRID, building) } }
        world.settle()
        assertEquals(1, refused().size)
        waiting { grid.keeper.inSight(true) }
        val robot = ShellRobot("decide")
        robot.touch("等您决定")
        robot.awaits("平台没有接受")
        robot.awaits("楼栋 9号楼")
        robot.look("01-refused")
        robot.touch("再交一次")
        await("queued again") { refused().isEmpty() }
        world.settle()
        robot.awaits("平台没有接受")
        robot.touch("放弃这条")
        robot.awaits("不能恢复")
        robot.awaits("楼栋 9号楼")
        robot.look("02-drop")
        robot.touch("先留着")
        robot.awaits("平台没有接受")
        assertEquals(1, refused().size)
        robot.touch("放弃这条")
        robot.awaits("不能恢复")
        robot.touch("放弃")
        robot.awaits("没有要决定的")
        assertEquals(0, refused().size)
        robot.end()
    }

    @Test fun `a conflict names its record, and the platform's side can win whole`() {
        val world = ShellWorld(phone, platform)
        world.morning()
        val shared = world.conflict()
        waiting { grid.keeper.inSight(true) }
        val robot = ShellRobot("decide")
        robot.touch("等您决定")
        robot.touch("改了同一处")
        robot.awaits("还有 2 处没选")
        robot.awaits("事件 海棠社区3号楼通道占用")
        robot.touch("平台上的：海棠社区3号楼通道占用")
        robot.touch("平台上的：4")
        robot.touch("就这样定")
        robot.awaits("已决定")
        world.settle()
        val mine = waiting { grid.keeper.use { it.incident(shared) } }
        assertEquals("海棠社区3号楼通道占用", mine.title)
        assertEquals(Mark.CLEAN, mine.mark)
        robot.end()
    }

    private companion object {
        const val OTHER_GRID = "370611001901002"
    }
}
