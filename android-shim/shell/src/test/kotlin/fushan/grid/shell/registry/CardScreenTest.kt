package fushan.grid.shell.registry

import android.view.WindowManager
import fushan.grid.shell.Place
import fushan.grid.shell.ShellRobot
import fushan.grid.shell.ShellWorld
import fushan.grid.shim.support.GridRule
import fushan.grid.shim.support.HostRunner
import fushan.grid.shim.support.TestPlatform
import fushan.grid.shim.support.await
import fushan.grid.shim.support.waiting
import org.json.JSONObject
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotEquals
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.ClassRule
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.annotation.Config

/** What a card shows and for how long, and how it is changed. */
@RunWith(HostRunner::class)
@Config(qualifiers = "zh-rCN-w360dp-h740dp-xhdpi")
class CardScreenTest {
    companion object {
        @ClassRule @JvmField val platform = TestPlatform()
        const val PHONE = "16900004321"
    }

    @get:Rule val phone = GridRule()
    private lateinit var world: ShellWorld
    private lateinit var robot: ShellRobot

    @Before fun begun() {
        world = ShellWorld(phone, platform)
        world.morning()
        waiting { phone.grid.keeper.inSight(true) }
        robot = ShellRobot("card")
        robot.awaits("阿明小面馆")
    }

    private fun card(openMs: Long = 60_000): CardScreen = CardScreen(robot.shell, world.place, openMs).also(robot::open)

    private fun open(screen: CardScreen) {
        robot.awaits("显示隐私")
        assertFalse("masked at first", PHONE in robot.texts(screen.view))
        robot.touch("显示隐私")
        robot.awaits(PHONE)
    }

    @Test fun `personal data is masked again when the worker goes on, also in what is drawn behind`() {
        val screen = card()
        open(screen)
        robot.touch("检查这里")
        robot.awaits("用哪张检查表")
        assertFalse(PHONE in robot.texts(screen.view))
        robot.shell.back()
        robot.awaits("显示隐私")
        assertFalse(PHONE in robot.texts(screen.view))
        robot.end()
    }

    @Test fun `personal data is masked again when the app goes out of sight`() {
        val screen = card()
        open(screen)
        robot.end()
        assertFalse(PHONE in robot.texts(screen.view))
    }

    @Test fun `personal data is masked again after a time`() {
        val screen = card(openMs = 500)
        open(screen)
        await("masked") { PHONE !in robot.texts(screen.view) }
        robot.awaits("显示隐私")
        robot.end()
    }

    @Test fun `no picture of the app is kept by the system`() {
        assertNotEquals(0, robot.shell.window.attributes.flags and WindowManager.LayoutParams.FLAG_SECURE)
        robot.end()
    }

    @Test fun `what was typed into a card outlives the process and is saved once`() {
        card()
        robot.touch("修改")
        robot.type("负责人", "测试乙02")
        robot.awaits("联系电话")
        val state = robot.dies()
        robot = ShellRobot("card", state)
        robot.awaits("联系电话")
        assertEquals("测试乙02", robot.written("负责人"))
        robot.touch("保存")
        robot.awaits("已保存")
        assertEquals("测试乙02", JSONObject(waiting { phone.grid.keeper.use { it.record(world.place) } }.bodyJson).getString("head"))
        assertEquals(emptyMap<String, String>(), phone.grid.drafts.load("edit ${world.place}"))
        robot.end()
    }

    @Test fun `what somebody else changed in between is told at its field`() {
        card()
        robot.touch("修改")
        robot.type("联系电话", "16900007777")
        waiting { phone.grid.write { it.registryChange(world.place, """{"phone": "16900005555"}""") } }
        robot.awaits("这一项被改成了")
        robot.awaits("16900005555")
        assertEquals("16900007777", robot.written("联系电话"))
        robot.end()
    }

    @Test fun `changes are given up only after being asked`() {
        card()
        robot.touch("修改")
        robot.type("联系电话", "16900007777")
        robot.touch("不改了")
        robot.awaits("改了 1 项")
        robot.touch("先留着")
        robot.awaits("联系电话")
        assertEquals("16900007777", robot.written("联系电话"))
        robot.touch("不改了")
        robot.touch("放弃")
        robot.awaits("显示隐私")
        assertTrue(waiting { phone.grid.keeper.use { it.record(world.place) } }.bodyJson.contains(PHONE))
        robot.end()
    }

    @Test fun `a search says what it wants, and that it found nothing`() {
        robot.shell.place(Place.REGISTRY)
        robot.awaits("输入几个字")
        robot.type("姓名", "没有这样的")
        robot.awaits("没有找到")
        robot.type("姓名", "")
        robot.awaits("输入几个字")
        robot.end()
    }
}
