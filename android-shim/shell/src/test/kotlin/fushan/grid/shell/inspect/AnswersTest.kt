package fushan.grid.shell.inspect

import android.view.View
import android.view.ViewGroup
import android.widget.EditText
import fushan.grid.core.ArrivalAt
import fushan.grid.core.SheetLine
import fushan.grid.core.SheetStart
import fushan.grid.shell.ShellRobot
import fushan.grid.shell.ShellWorld
import fushan.grid.shim.support.GridRule
import fushan.grid.shim.support.HostRunner
import fushan.grid.shim.support.TestPlatform
import fushan.grid.shim.support.await
import fushan.grid.shim.support.waiting
import org.junit.Assert.assertEquals
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.annotation.Config

@RunWith(HostRunner::class)
@Config(qualifiers = "zh-rCN-w360dp-h740dp-xhdpi")
class AnswersTest {
    @get:Rule(order = 0) val platform = TestPlatform()
    @get:Rule(order = 1) val phone = GridRule()

    private fun field(view: View): EditText = fields(view).first()

    private fun fields(view: View): Sequence<EditText> = sequence {
        if (view is EditText) yield(view)
        if (view is ViewGroup) for (index in 0 until view.childCount) yieldAll(fields(view.getChildAt(index)))
    }

    @Test fun `a text stays until the engine has taken it, also when the screen has gone`() {
        val world = ShellWorld(phone, platform)
        world.morning()
        val robot = ShellRobot("answers")
        robot.awaits("阿明小面馆")
        val start = SheetStart(form = "SHOP", place = world.place, arrival = ArrivalAt(reason = "测试"))
        val sheet = waiting { phone.grid.write { it.inspectStart(start) } }
        val lines = waiting { phone.grid.keeper.use { it.inspectShow(sheet) } }.lines
        // typed as a text, since this checklist asks for none
        val taken: SheetLine = lines.first { it.kind == "select_one" && !it.readonly && it.answer == null }.copy(kind = "text")
        val value = taken.choices.first().value
        val refused = taken.copy(path = taken.path + "_not_there", answer = null)
        val answers = Answers(robot.shell, sheet)
        field(answers.of(taken)).setText(value)
        field(answers.of(refused)).setText("7")
        assertEquals("a redraw in between", value, field(answers.of(taken)).text.toString())
        answers.flush()
        robot.end()
        await("taken") {
            waiting { phone.grid.keeper.use { it.inspectShow(sheet) } }.lines.first { it.path == taken.path }.answer == value &&
                field(answers.of(taken)).text.isEmpty()
        }
        assertEquals("7", field(answers.of(refused)).text.toString())
    }

    @Test fun `a sheet does not end while something typed is not taken`() {
        val world = ShellWorld(phone, platform)
        world.morning()
        val robot = ShellRobot("answers")
        robot.awaits("阿明小面馆")
        val start = SheetStart(form = "SHOP", place = world.place, arrival = ArrivalAt(reason = "测试"))
        val sheet = waiting { phone.grid.write { it.inspectStart(start) } }
        waiting { phone.grid.keeper.use { it.inspectAnswer(sheet, "/data/exits", "yes") } }
        robot.open(ItemScreen(robot.shell, sheet, "/data/count"))
        robot.type("回答", "4")
        await("taken") { waiting { phone.grid.keeper.use { it.inspectShow(sheet) } }.missing.isEmpty() }
        robot.type("回答", "900")
        robot.open(FinishScreen(robot.shell, sheet, { "/data/count" }) {})
        robot.touch("结束并保存")
        robot.awaits("没有被接受")
        assertEquals("what was refused is still there", "900", robot.written("回答"))
        assertEquals(1, waiting { phone.grid.keeper.use { it.inspectDrafts() } }.size)
        robot.end()
    }
}
