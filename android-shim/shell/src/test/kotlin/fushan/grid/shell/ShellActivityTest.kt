package fushan.grid.shell

import android.Manifest
import android.content.pm.PackageManager
import android.location.LocationManager
import android.net.Uri
import android.provider.MediaStore
import android.provider.Settings
import android.widget.EditText
import fushan.grid.core.ArrivalAt
import fushan.grid.core.SheetStart
import fushan.grid.shell.inspect.ItemScreen
import fushan.grid.shell.report.ReportForm
import fushan.grid.shim.support.GridRule
import fushan.grid.shim.support.HostRunner
import fushan.grid.shim.support.Pictures
import fushan.grid.shim.support.TestPlatform
import fushan.grid.shim.support.await
import fushan.grid.shim.support.waiting
import java.io.ByteArrayInputStream
import java.io.File
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.ClassRule
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

/** What happens to the worker's place and photos when the process dies, the phone turns, or the system refuses. */
@RunWith(HostRunner::class)
@Config(qualifiers = "zh-rCN-w360dp-h740dp-xhdpi")
class ShellActivityTest {
    companion object {
        @ClassRule @JvmField val platform = TestPlatform()
    }

    @get:Rule val phone = GridRule()
    private val grid get() = phone.grid
    private lateinit var world: ShellWorld

    @Before fun enrolled() {
        world = ShellWorld(phone, platform)
        world.morning()
        waiting { grid.keeper.inSight(true) }
    }

    private fun begun(name: String) = ShellRobot(name).apply { awaits("任务") }

    private fun sheet() = waiting { grid.write { it.inspectStart(SheetStart(form = "SHOP", place = world.place, arrival = ArrivalAt(reason = "测试"))) } }

    /** The process dies: nothing in memory is left but what the system and the disk keep. */
    private fun again(robot: ShellRobot): ShellRobot {
        val state = robot.dies()
        waiting { grid.keeper.shutDown() }
        return ShellRobot("again", state)
    }

    @Test fun `killed in the middle of a checklist, the worker comes back to the same question`() {
        var robot = begun("item")
        robot.open(ItemScreen(robot.shell, sheet()))
        robot.touch("下一项")
        robot.awaits("灭火器数量")
        robot.type("回答", "4")
        robot = again(robot)
        robot.awaits("灭火器数量")
        await("the answer") { robot.written("回答") == "4" }
        robot.touch("返回")
        robot.awaits("任务")
        robot.end()
    }

    @Test fun `a text typed a moment ago is with the engine before the worker goes on`() {
        val robot = begun("typed")
        val sheet = sheet()
        robot.open(ItemScreen(robot.shell, sheet))
        robot.touch("下一项")
        robot.type("回答", "4")
        await("taken") { waiting { grid.keeper.use { it.inspectShow(sheet) } }.lines.any { it.path == "/data/count" && it.answer == "4" } }
        robot.end()
    }

    @Test fun `killed while the camera is open, the photo comes to the question it was taken for`() {
        var robot = begun("camera")
        val sheet = sheet()
        robot.open(ItemScreen(robot.shell, sheet))
        robot.choose("否")
        robot.touch("拍整改前")
        val asked = robot.asked(MediaStore.ACTION_IMAGE_CAPTURE)
        robot.writes(asked, Pictures.jpeg(51))
        robot = again(robot)
        robot.answers(asked)
        robot.awaits("照片 1")
        assertEquals(1, waiting { grid.keeper.use { it.inspectShow(sheet) } }.lines.first { it.path == "/data/exits" }.photos.size)
        robot.end()
    }

    @Test fun `killed while the camera is open and begun anew, the photo is found at the start`() {
        val robot = begun("camera")
        val sheet = sheet()
        robot.open(ItemScreen(robot.shell, sheet))
        robot.choose("否")
        robot.touch("拍整改前")
        robot.writes(robot.asked(MediaStore.ACTION_IMAGE_CAPTURE), Pictures.jpeg(52))
        robot.dies()
        val fresh = ShellRobot("fresh")
        await("taken in") { grid.photos.waiting().isEmpty() }
        assertEquals(1, waiting { grid.keeper.use { it.inspectShow(sheet) } }.lines.first { it.path == "/data/exits" }.photos.size)
        fresh.end()
    }

    @Test fun `killed while the picker is open, the picture comes to the report`() {
        var robot = report()
        robot.touch("从相册选")
        val asked = robot.asked(android.content.Intent.ACTION_OPEN_DOCUMENT)
        robot = again(robot)
        val uri = Uri.parse("content://gallery/7")
        shadowOf(phone.app.contentResolver).registerInputStream(uri, ByteArrayInputStream(Pictures.jpeg(53)))
        robot.answers(asked, uri)
        robot.awaits("照片 1：参考")
        robot.end()
    }

    @Test fun `a picker left without a picture changes nothing`() {
        val robot = report()
        robot.touch("从相册选")
        robot.answers(robot.asked(android.content.Intent.ACTION_OPEN_DOCUMENT))
        robot.awaits("还没有照片")
        robot.end()
    }

    private fun report(): ShellRobot {
        val form = ReportForm(grid)
        form.choose("A01.03")
        form.text = "楼道里堆了纸箱"
        form.keep()
        val robot = begun("report")
        robot.touch("上报")
        robot.awaits("从相册选")
        return robot
    }

    @Test fun `a redraw leaves the cursor where the worker types`() {
        val robot = report()
        val before = robot.all().first { it.tag == "看到了什么" } as EditText
        before.requestFocus()
        before.setSelection(3)
        grid.bell.ring()
        await("drawn anew") { robot.all().first { it.tag == "看到了什么" } !== before }
        val after = robot.all().first { it.tag == "看到了什么" } as EditText
        assertTrue("no cursor", after.hasFocus())
        assertEquals(3, after.selectionStart)
        robot.end()
    }

    @Test fun `without the permission the report says so and leads to it`() {
        shadowOf(phone.app).denyPermissions(Manifest.permission.ACCESS_FINE_LOCATION, Manifest.permission.ACCESS_COARSE_LOCATION)
        val robot = report()
        robot.awaits("应用没有位置权限")
        robot.look("no-permission")
        robot.touch("允许使用位置")
        assertEquals(Settings.ACTION_APPLICATION_DETAILS_SETTINGS, robot.asked(Settings.ACTION_APPLICATION_DETAILS_SETTINGS).action)
        shadowOf(phone.app).grantPermissions(Manifest.permission.ACCESS_FINE_LOCATION)
        robot.shell.onRequestPermissionsResult(1, arrayOf(Manifest.permission.ACCESS_FINE_LOCATION), intArrayOf(PackageManager.PERMISSION_GRANTED))
        robot.awaits("现在的位置")
        robot.end()
    }

    @Test fun `a place is asked for while the report is open, and what the receiver tells is shown`() {
        val robot = report()
        val manager = phone.app.getSystemService(LocationManager::class.java)
        await("somebody listens") { shadowOf(manager).getRequestLocationUpdateListeners().isNotEmpty() }
        phone.standAt(121.265, 37.503) { accuracy = 37f }
        robot.awaits("误差约 37 米")
        robot.end()
        await("nobody listens any more") { shadowOf(manager).getRequestLocationUpdateListeners().isEmpty() }
    }

    @Test fun `a phone without a camera app says so, and the file that was prepared is forgotten`() {
        val robot = report()
        shadowOf(phone.app).checkActivities(true)
        robot.touch("拍近景")
        robot.awaits("没有能做这件事的应用")
        assertEquals(0, File(phone.app.noBackupFilesDir, "captures").list().orEmpty().size)
        robot.end()
    }
}
