package fushan.grid.shell

import fushan.grid.core.Mark
import fushan.grid.shim.support.GridRule
import fushan.grid.shim.support.HostRunner
import fushan.grid.shim.support.Pictures
import fushan.grid.shim.support.TestPlatform
import fushan.grid.shim.support.waiting
import org.json.JSONObject
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.annotation.Config

/** A worker's work through the screens to its end, and what the platform and somebody else's phone say of it. */
@RunWith(HostRunner::class)
@Config(qualifiers = "zh-rCN-w360dp-h740dp-xhdpi")
class FlowsTest {
    @get:Rule(order = 0) val platform = TestPlatform()
    @get:Rule(order = 1) val phone = GridRule()
    private lateinit var world: ShellWorld
    private lateinit var robot: ShellRobot

    private fun morning() {
        world = ShellWorld(phone, platform)
        world.morning()
        waiting { phone.grid.keeper.inSight(true) }
    }

    private fun begin() {
        robot = ShellRobot("flows")
        robot.awaits("阿明小面馆")
    }

    /** Settles by the worker's own touch. */
    private fun sync() {
        robot.touch("同步")
        robot.awaits("现在同步")
        robot.touch("现在同步")
        robot.awaits("都已上传")
        robot.awaits("刚刚同步完成")
    }

    private fun photo(button: String, number: Int) {
        robot.touch(button)
        robot.cameraTakes(Pictures.jpeg(number))
    }

    @Test fun `an inspection is filled in, photographed and finished, and its hazard arrives as an incident`() {
        morning()
        begin()
        robot.touch("阿明小面馆")
        robot.touch("小店消防检查")
        robot.awaits("安全出口是否畅通")
        // in order: no photo is asked for
        robot.choose("是")
        robot.awaits("1 / 6")
        robot.touch("下一项")
        robot.awaits("灭火器数量")
        robot.touch("上一项")
        robot.choose("否")
        robot.awaits("还要 1 张照片")
        robot.look("00-photo-needed")
        robot.awaits("1 / 7")
        robot.touch("下一项")
        robot.awaits("出口照片")
        photo("拍照", 3)
        robot.awaits("照片 1")
        robot.touch("下一项")
        robot.type("回答", "300")
        robot.touch("下一项")
        robot.awaits("数量在0到200之间")
        robot.touch("上一项")
        robot.awaits("灭火器数量")
        assertEquals("what was refused is not lost", "300", robot.written("回答"))
        robot.type("回答", "4")
        robot.touch("下一项")
        robot.choose("是")
        robot.touch("下一项")
        robot.awaits("从业人数")
        robot.touch("下一项")
        room("厨房", "3")
        room("前厅", "5")
        robot.touch("下一项")
        robot.awaits("备注")
        robot.type("回答", "老板承诺今天清开")
        // at once, as a hurried worker does: what was typed last is in the inspection all the same
        robot.touch("结束检查")
        robot.awaits("发现 1 处隐患")
        robot.look("01-finish")
        robot.touch("结束并保存")
        robot.awaits("生成事件 1 件")
        robot.look("02-finished")
        robot.touch("回到今日")
        robot.awaits("条记录")
        sync()
        val mine = waiting { phone.grid.keeper.use { it.incidents() } }.items.single()
        assertEquals(Mark.CLEAN, mine.mark)
        world.colleague { engine ->
            val there = engine.incident(mine.id)
            assertEquals("A01.02", there.category)
            assertEquals("the photo of the item is the incident's", 1, there.photos.size)
            val inspection = JSONObject(there.bodyJson).getString("inspection_ref")
            val body = engine.inspection(inspection).bodyJson
            for (typed in listOf("老板承诺今天清开", "厨房", "前厅")) assertTrue("$typed: $body", typed in body)
        }
        robot.end()
    }

    private fun room(use: String, sockets: String) {
        robot.touch("加一个")
        robot.awaits("用途")
        robot.type("回答", use)
        robot.touch("下一项")
        robot.awaits("插座数")
        robot.type("回答", sockets)
        robot.touch("下一项")
        robot.awaits("加一个")
    }

    @Test fun `an incident is reported with the camera and arrives`() {
        morning()
        begin()
        report("楼道里堆了纸箱和旧家具")
        photo("拍近景", 11)
        robot.awaits("✓ 拍近景")
        robot.touch("提交")
        robot.awaits("远景")
        photo("拍远景", 12)
        robot.awaits("✓ 拍远景")
        robot.touch("提交")
        robot.awaits("已提交")
        sync()
        val mine = waiting { phone.grid.keeper.use { it.incidents() } }.items.single()
        world.colleague { engine ->
            val there = engine.incident(mine.id)
            assertEquals("楼道里堆了纸箱和旧家具", there.description)
            assertEquals(listOf("near", "far"), there.photos.map { it.role })
            assertFalse("the platform has it: ${there.state}", there.state in setOf("", "DRAFT"))
        }
        robot.end()
    }

    @Test fun `an incident is closed on the spot and the platform agrees`() {
        morning()
        begin()
        report("纸箱已当场清走")
        photo("拍近景", 21)
        robot.awaits("✓ 拍近景")
        robot.touch("自办自结")
        robot.type("怎么处理的", "业主当场搬走")
        robot.touch("办结")
        robot.awaits("需要近景和处置后照片")
        robot.shell.back()
        photo("拍处理后", 22)
        robot.awaits("✓ 拍处理后")
        robot.touch("自办自结")
        robot.awaits("怎么处理的")
        assertEquals("what was typed before is still there", "业主当场搬走", robot.written("怎么处理的"))
        robot.touch("办结")
        robot.awaits("已办结")
        sync()
        val mine = waiting { phone.grid.keeper.use { it.incidents() } }.items.single()
        assertEquals("CLOSED", mine.state)
        world.colleague { engine ->
            val there = engine.incident(mine.id)
            assertEquals("CLOSED", there.state)
            assertEquals("业主当场搬走", JSONObject(there.bodyJson).getString("close_reason"))
        }
        robot.end()
    }

    private fun report(text: String) {
        robot.touch("上报")
        robot.touch("选择类别")
        robot.type("拼音", "A01.03")
        robot.touch("A01.03")
        robot.awaits("拍近景")
        robot.type("看到了什么", text)
    }

    @Test fun `a conflict is decided field by field, and both phones hold what was chosen`() {
        morning()
        val shared = world.conflict()
        begin()
        robot.touch("等您决定")
        robot.touch("改了同一处")
        robot.awaits("海棠社区3号楼通道占用")
        robot.touch("3号楼2单元楼道堆物")
        robot.touch("平台上的：4")
        robot.touch("就这样定")
        robot.awaits("已决定")
        sync()
        val mine = waiting { phone.grid.keeper.use { it.incident(shared) } }
        assertEquals(Mark.CLEAN, mine.mark)
        assertTrue(waiting { phone.grid.keeper.use { it.conflicts() } }.isEmpty())
        for (view in listOf(mine, world.colleague { it.incident(shared) })) {
            assertEquals("3号楼2单元楼道堆物", view.title)
            assertEquals(4, JSONObject(view.bodyJson).getInt("involved_count"))
        }
        robot.end()
    }

    @Test fun `a card is found, changed and saved, and the change arrives`() {
        morning()
        begin()
        robot.touch("台账")
        robot.type("姓名", "xm")
        robot.touch("小面馆")
        robot.touch("修改")
        robot.type("联系电话", "123")
        robot.touch("保存")
        robot.awaits("电话号码不对")
        robot.look("03-edit-problem")
        robot.type("联系电话", "16900008888")
        robot.type("从业人数", "7")
        robot.touch("用气类型")
        robot.touch("瓶装")
        robot.awaits("瓶装")
        robot.touch("保存")
        robot.awaits("已保存")
        robot.awaits("有改动还没上传")
        sync()
        val place = world.place
        world.colleague { engine ->
            val body = JSONObject(engine.record(place).bodyJson)
            assertEquals("16900008888", body.getString("phone"))
            assertEquals(7, body.getInt("staff"))
            assertFalse(body.isNull("gas"))
        }
        robot.end()
    }
}
