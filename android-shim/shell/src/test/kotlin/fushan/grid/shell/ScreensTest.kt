package fushan.grid.shell

import fushan.grid.shell.decide.DecisionsScreen
import fushan.grid.shell.inspect.StartScreen
import fushan.grid.shell.registry.CardScreen
import fushan.grid.shell.settle.StateScreen
import fushan.grid.shim.photos.PhotoPlace
import fushan.grid.shim.support.FakeKeystore
import fushan.grid.shim.support.GridRule
import fushan.grid.shim.support.HostRunner
import fushan.grid.shim.support.TestPlatform
import fushan.grid.shim.support.waiting
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config

/** Every screen, drawn by day, by night, in large text and in English, and held to what it owes its users: see [ShellRobot.look]. */
@RunWith(HostRunner::class)
class ScreensTest {
    @get:Rule(order = 0) val platform = TestPlatform()
    @get:Rule(order = 1) val phone = GridRule()

    @Test @Config(qualifiers = "zh-rCN-w360dp-h740dp-xhdpi") fun day() = tour("day", english = false)

    @Test @Config(qualifiers = "zh-rCN-w360dp-h740dp-night-xhdpi") fun night() = tour("night", english = false)

    @Test @Config(qualifiers = "zh-rCN-w360dp-h740dp-xhdpi") fun large() {
        RuntimeEnvironment.setFontScale(1.3f)
        tour("large", english = false)
    }

    @Test @Config(qualifiers = "en-rUS-w360dp-h740dp-xhdpi") fun english() = tour("english", english = true)

    private fun tour(variant: String, english: Boolean) {
        fun say(zh: String, en: String) = if (english) en else zh
        val fresh = ShellRobot(variant)
        fresh.awaits(say("登记码", "one-time code"))
        fresh.look("01-enrol")
        fresh.end()

        waiting { phone.grid.keeper.inSight(true) }
        val world = ShellWorld(phone, platform)
        world.morning()
        world.conflict()
        world.reported("消防栓前停车")
        phone.grid.drafts.save("report", mapOf("title" to "路灯不亮", "text" to "海棠路12号门前的路灯三天没有亮。"))
        phone.grid.drafts.setAside("report")
        val robot = ShellRobot(variant)
        robot.awaits("阿明小面馆")
        robot.look("02-today")
        report(robot, world, ::say)
        inspect(robot, world, ::say)
        registry(robot, world, ::say)
        settle(robot, ::say)
        lost(robot, ::say)
        robot.end()
    }

    private fun report(robot: ShellRobot, world: ShellWorld, say: (String, String) -> String) {
        robot.touch(say("上报", "Report"))
        robot.awaits(say("看到了什么", "What you saw"))
        robot.look("03-report")
        robot.touch(say("选择类别", "Choose a category"))
        robot.type(say("拼音", "pinyin"), "dw")
        robot.awaits("A0")
        robot.look("04-category")
        robot.type(say("拼音", "pinyin"), "A01.03")
        robot.touch("A01.03")
        robot.type(say("看到了什么", "What you saw"), "楼道里堆了纸箱和旧家具，挡住了消防通道。")
        robot.awaits(say("自办自结", "Closed on the spot"))
        robot.touch(say("今日", "Today"))
        robot.awaits("阿明小面馆")
        val draft = waiting { fushan.grid.shell.report.ReportForm(phone.grid).run { restore(); drafted() } }
        waiting { listOf("near", "after").forEachIndexed { number, role -> world.photo(PhotoPlace.OfRecord(draft, role), 60 + number) } }
        robot.touch(say("上报", "Report"))
        robot.awaits(say("照片 2", "Photo 2"))
        robot.look("05-report-photos")
        robot.touch(say("放弃", "Give up"))
        robot.awaits(say("不能恢复", "cannot be brought back"))
        robot.look("05-report-give-up")
        robot.touch(say("先留着", "Keep it"))
        robot.awaits(say("照片 2", "Photo 2"))
        robot.touch(say("自办自结", "Closed on the spot"))
        robot.awaits(say("怎么处理的", "What was done"))
        robot.look("06-self-close")
    }

    private fun inspect(robot: ShellRobot, world: ShellWorld, say: (String, String) -> String) {
        robot.shell.place(Place.INSPECT)
        robot.awaits(say("手机上的检查表", "Checklists on this phone"))
        robot.look("07-sheets")
        robot.open(StartScreen(robot.shell, world.place, "阿明小面馆（二店）", listOf("SHOP")))
        robot.awaits(say("计划要求", "Planned"))
        robot.look("08-start")
        robot.touch("小店消防检查")
        robot.awaits(" / ")
        robot.look("09-item")
        val no = robot.all().filterIsInstance<android.widget.Button>().first { it.isClickable && it.contentDescription == "否" || it.contentDescription == "不畅通" || it.contentDescription == "No" }
        no.performClick()
        robot.awaits(say("隐患", "hazard"))
        robot.look("10-item-hazard")
        robot.open(fushan.grid.shell.inspect.FinishScreen(robot.shell, waiting { phone.grid.keeper.use { it.inspectDrafts().first().id } }) {})
        robot.awaits(say("还差", "still missing"))
        robot.look("11-missing")
    }

    private fun registry(robot: ShellRobot, world: ShellWorld, say: (String, String) -> String) {
        robot.shell.place(Place.REGISTRY)
        robot.type(say("姓名", "Name"), "xm")
        robot.awaits("小面馆")
        robot.look("12-registry")
        robot.open(CardScreen(robot.shell, world.place))
        robot.awaits(say("显示隐私", "Show personal data"))
        robot.look("13-card")
        robot.touch(say("显示隐私", "Show personal data"))
        robot.awaits("16900004321")
        robot.look("14-card-open")
        robot.touch(say("修改", "Change"))
        robot.awaits(say("联系电话", "Phone"))
        robot.look("20-edit")
        robot.touch(say("用气类型", "Gas"))
        robot.awaits(say("（空）", "(empty)"))
        robot.look("21-code")
        robot.shell.place(Place.TODAY)
        robot.touch(say("没交的", "not sent yet; look"))
        robot.awaits("路灯不亮")
        robot.look("22-unsent")
    }

    private fun settle(robot: ShellRobot, say: (String, String) -> String) {
        robot.shell.place(Place.SYNC)
        robot.awaits(say("现在同步", "Sync now"))
        robot.look("15-sync")
        robot.open(DecisionsScreen(robot.shell))
        robot.awaits(say("改了同一处", "changed the same"))
        robot.look("16-decisions")
        robot.touch(say("改了同一处", "changed the same"))
        robot.awaits(say("我写的", "What I wrote"))
        robot.look("17-conflict")
        robot.touch("3号楼2单元楼道堆物")
        robot.awaits(say("还有 1 处没选", "1 still to choose"))
        robot.look("18-conflict-half")
    }

    private fun lost(robot: ShellRobot, say: (String, String) -> String) {
        waiting { phone.grid.keeper.shutDown() }
        FakeKeystore.entries.clear()
        val state = waiting { phone.grid.keeper.open() }
        robot.open(StateScreen(robot.shell, state) {})
        robot.awaits(say("没有删除任何东西", "Nothing was deleted"))
        robot.look("19-key-lost")
    }
}
