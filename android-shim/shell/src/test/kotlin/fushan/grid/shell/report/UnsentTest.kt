package fushan.grid.shell.report

import fushan.grid.core.Crs
import fushan.grid.core.GeoPoint
import fushan.grid.core.IncidentReport
import fushan.grid.shell.Place
import fushan.grid.shell.ShellRobot
import fushan.grid.shell.ShellWorld
import fushan.grid.shim.drafts.KeptDraft
import fushan.grid.shim.photos.PhotoPlace
import fushan.grid.shim.support.FakeKeystore
import fushan.grid.shim.support.GridRule
import fushan.grid.shim.support.HostRunner
import fushan.grid.shim.support.Pictures
import fushan.grid.shim.support.TestPlatform
import fushan.grid.shim.support.await
import fushan.grid.shim.support.waiting
import java.io.File
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.ClassRule
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.annotation.Config

/** Work that lies aside: found on the screens, taken back, given up only after being asked. */
@RunWith(HostRunner::class)
@Config(qualifiers = "zh-rCN-w360dp-h740dp-xhdpi")
class UnsentTest {
    companion object {
        @ClassRule @JvmField val platform = TestPlatform()
    }

    @get:Rule val phone = GridRule()
    private val grid get() = phone.grid

    @Before fun enrolled() {
        ShellWorld(phone, platform).morning()
        waiting { grid.keeper.inSight(true) }
    }

    private fun aside(text: String) {
        grid.drafts.save(ReportForm.FORM, mapOf(ReportForm.CATEGORY to "A01.03", ReportForm.TEXT to text))
        grid.drafts.setAside(ReportForm.FORM)
    }

    private fun unsent() = waiting { grid.keeper.use { Unsent.read(grid, it) } }

    @Test fun `a report that was set aside is found from today and taken back, and the present one takes its place`() {
        aside("楼道里堆了纸箱")
        grid.drafts.save(ReportForm.FORM, mapOf(ReportForm.TEXT to "路灯不亮"))
        val robot = ShellRobot("unsent")
        robot.touch("还有 1 份没交的")
        robot.awaits("接着写：楼道里堆了纸箱")
        robot.look("01-list")
        robot.touch("楼道里堆了纸箱")
        robot.awaits("看到了什么")
        assertEquals("楼道里堆了纸箱", robot.written("看到了什么"))
        robot.touch("还有 1 份没交的")
        robot.touch("路灯不亮")
        robot.awaits("看到了什么")
        assertEquals("路灯不亮", robot.written("看到了什么"))
        assertEquals(1, unsent().kept.size)
        robot.end()
    }

    @Test fun `a draft of the engine that no report names is found and gone on with`() {
        val report = IncidentReport("A01.03", "消防通道被占", "两辆电动车", point = GeoPoint(121.2645, 37.5025, Crs.WGS84))
        val id = waiting { grid.keeper.use { it.incidentDraft(report) } }
        val robot = ShellRobot("unsent")
        robot.touch("还有 1 份没交的")
        robot.touch("消防通道被占")
        robot.awaits("看到了什么")
        assertEquals("两辆电动车", robot.written("看到了什么"))
        assertEquals(0, unsent().count)
        assertEquals("no second draft", id, waiting { ReportForm(grid).run { restore(); drafted() } })
        robot.end()
    }

    @Test fun `a report whose key has gone says so, and is dropped only after being asked`() {
        aside("楼道里堆了纸箱")
        FakeKeystore.entries.remove("fushan.drafts.1")
        grid.drafts.save(ReportForm.FORM, mapOf(ReportForm.TEXT to "路灯不亮"))
        val robot = ShellRobot("unsent")
        robot.touch("还有 1 份没交的")
        robot.awaits("再也读不出来了")
        robot.look("02-lost")
        robot.touch("放弃")
        robot.touch("先留着")
        robot.awaits("再也读不出来了")
        assertEquals(1, unsent().kept.size)
        robot.touch("放弃")
        robot.awaits("不能恢复")
        robot.touch("放弃")
        robot.awaits("都处理好了")
        assertEquals(0, unsent().kept.size)
        robot.end()
    }

    @Test fun `a report that cannot be read now is neither lost nor dropped`() {
        aside("楼道里堆了纸箱")
        FakeKeystore.broken = true
        assertEquals(KeptDraft.Content.NotNow, grid.drafts.kept(ReportForm.FORM).single().content)
        FakeKeystore.broken = false
        assertTrue(unsent().kept.single().content is KeptDraft.Content.Readable)
    }

    @Test fun `a photo that was not taken in is seen and put into the report`() {
        val capture = waiting { grid.photos.capture(PhotoPlace.OfRecord("00000000-0000-7000-8000-000000000000", "far")) }
        File(phone.app.noBackupFilesDir, "captures/${capture.name}.jpg").writeBytes(Pictures.jpeg(41))
        val robot = ShellRobot("unsent")
        robot.awaits("还有 1 份没交的")
        robot.touch("还有 1 份没交的")
        robot.awaits("没能收进来")
        robot.look("03-photo")
        robot.touch("收进这份上报")
        robot.awaits("先在“上报”里选好类别")
        robot.shell.place(Place.REPORT)
        robot.touch("选择类别")
        robot.type("拼音", "A01.03")
        robot.touch("A01.03")
        robot.touch("还有 1 份没交的")
        robot.touch("收进这份上报")
        robot.awaits("✓ 拍远景")
        await("taken in") { grid.photos.waiting().isEmpty() }
        assertEquals(0, unsent().count)
        robot.end()
    }
}
