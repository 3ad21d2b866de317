package fushan.grid.shell.inspect

import fushan.grid.core.ArrivalAt
import fushan.grid.core.SheetStart
import fushan.grid.shell.ShellRobot
import fushan.grid.shell.ShellWorld
import fushan.grid.shim.support.GridRule
import fushan.grid.shim.support.HostRunner
import fushan.grid.shim.support.TestPlatform
import fushan.grid.shim.support.waiting
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.ClassRule
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.annotation.Config

/** The way through a sheet of the engine's, and its ways out. */
@RunWith(HostRunner::class)
@Config(qualifiers = "zh-rCN-w360dp-h740dp-xhdpi")
class WalkTest {
    companion object {
        @ClassRule @JvmField val platform = TestPlatform()
    }

    @get:Rule val phone = GridRule()
    private val grid get() = phone.grid
    private lateinit var sheet: String

    @Before fun begun() {
        val world = ShellWorld(phone, platform)
        world.morning()
        sheet = waiting { grid.write { it.inspectStart(SheetStart(form = "SHOP", place = world.place, arrival = ArrivalAt(reason = "测试"))) } }
    }

    private fun walk() = Walk(waiting { grid.keeper.use { it.inspectShow(sheet) } })

    private fun answer(path: String, value: String) = waiting { grid.keeper.use { it.inspectAnswer(sheet, path, value) } }

    @Test fun `a skipped question is never met, and the place is kept by path`() {
        answer("/data/exits", "yes")
        assertFalse(walk().questions.any { it.path == "/data/exits_photo" })
        answer("/data/exits", "no")
        val first = checkNotNull(walk().at("/data/exits"))
        assertEquals("/data/exits_photo", walk().after(first)?.path)
        assertNull(walk().before(first))
        assertEquals(1, walk().number(first))
    }

    @Test fun `without a place it begins at the first open question, and an offer is no open question`() {
        answer("/data/exits", "yes")
        assertEquals("/data/count", walk().at(null)?.path)
        assertEquals("a path that is gone", "/data/count", walk().at("/data/room[7]/use")?.path)
    }

    @Test fun `rooms are offered, added and told apart`() {
        val offer = walk().questions.single(Walk::offers)
        assertEquals("/data/room", Walk.repeatOf(offer))
        repeat(2) { waiting { grid.keeper.use { it.inspectAddRepeat(sheet, Walk.repeatOf(offer)) } } }
        val walk = walk()
        val uses = walk.questions.filter { it.label == "用途" }
        assertEquals(listOf("/data/room[1]", "/data/room[2]"), uses.map { walk.instance(it)?.path })
        assertNull(walk.instance(walk.questions.first()))
    }

    @Test fun `a room is removed only after being asked`() {
        waiting { grid.keeper.use { it.inspectAddRepeat(sheet, "/data/room") } }
        waiting { grid.keeper.inSight(true) }
        val robot = ShellRobot("rooms").apply { awaits("任务") }
        robot.open(ItemScreen(robot.shell, sheet, "/data/room[1]/use"))
        robot.awaits("用途")
        robot.look("01-room")
        robot.touch("删去这个房间")
        robot.touch("先留着")
        robot.awaits("用途")
        robot.touch("删去这个房间")
        robot.touch("放弃")
        robot.awaits("安全出口")
        assertTrue(walk().questions.none { it.label == "用途" })
        robot.open(ItemScreen(robot.shell, sheet, "/data/room"))
        robot.awaits("现在有 0 个")
        robot.look("02-offer")
        robot.end()
    }

    @Test fun `a closed shop is noted and its visit ends`() {
        waiting { grid.keeper.inSight(true) }
        val robot = ShellRobot("nobody").apply { awaits("任务") }
        robot.open(ItemScreen(robot.shell, sheet, "/data/exits"))
        robot.touch("没法检查")
        robot.awaits("不算完成")
        robot.look("01-nobody")
        robot.choose("关着门、没有人")
        robot.type("看到了什么", "卷帘门关着")
        robot.touch("记下并结束")
        robot.awaits("已记下")
        assertEquals(0, waiting { grid.keeper.use { it.inspectDrafts() } }.size)
        assertTrue("the place stays a task", waiting { grid.keeper.use { it.today() } }.isNotEmpty())
        robot.end()
    }
}
