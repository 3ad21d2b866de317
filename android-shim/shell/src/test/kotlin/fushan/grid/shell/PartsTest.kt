package fushan.grid.shell

import android.content.ActivityNotFoundException
import fushan.grid.core.GridException
import fushan.grid.core.HostException
import fushan.grid.shell.decide.ConflictWords
import fushan.grid.shell.inspect.ItemScreen
import fushan.grid.shell.inspect.StartScreen
import fushan.grid.shell.kit.Kit
import fushan.grid.shell.registry.CardScreen
import fushan.grid.shell.registry.EditScreen
import fushan.grid.shell.report.SelfCloseScreen
import fushan.grid.shell.report.ReportForm
import fushan.grid.shim.support.GridRule
import fushan.grid.shim.support.HostRunner
import fushan.grid.shim.support.waiting
import java.io.IOException
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.annotation.Config

/** Words for what went wrong, words for conflicts, the places and how a way through them is kept. */
@RunWith(HostRunner::class)
@Config(qualifiers = "zh-rCN-w360dp-h740dp-xhdpi")
class PartsTest {
    @get:Rule val phone = GridRule()
    private val kit by lazy { Kit(phone.app) }

    @Test fun `what may go wrong has words, and what nobody expects has none`() {
        val refused = runCatching { waiting { phone.grid.keeper.use { it.incident("no id") } } }.exceptionOrNull() as GridException
        val errors = listOf(refused, HostException.Unavailable(), ActivityNotFoundException(), SecurityException(), IOException("disk"))
        val words = errors.map { kit.wordsOf(it) }
        assertTrue("$words", words.all { !it.isNullOrBlank() } && words.toSet().size == words.size)
        assertNull(kit.wordsOf(IllegalStateException("bug")))
    }

    @Test fun `the words of a failed file say nothing of its name`() {
        assertTrue("张三" !in checkNotNull(kit.wordsOf(IOException("/data/张三.jpg"))))
    }

    @Test fun `a value of a conflict is read as people read it`() {
        val words = ConflictWords(kit)
        assertEquals(listOf("（空）", "是", "否", "4", "楼道", "（空）"), listOf("null", "true", "false", "4", "\"楼道\"", "\"\"").map(words::value))
    }

    @Test fun `a way through the screens is kept and found again, up to the first that cannot be`() {
        val robot = ShellRobot("parts")
        val shell = robot.shell
        val stack = listOf(
            Places.screen(Place.TODAY, shell), CardScreen(shell, "c"), StartScreen(shell, "p", "名字，带“引号”", listOf("A", "B")),
            ItemScreen(shell, "s", "/data/room[1]/use"), EditScreen(shell, "e"), SelfCloseScreen(shell, ReportForm(phone.grid)), CardScreen(shell, "behind"),
        )
        val again = Places.again(Places.written(stack), shell)
        assertEquals(stack.subList(1, 5).map(Screen::address), again.map(Screen::address))
        assertEquals(stack.subList(1, 5).map { it.javaClass }, again.map { it.javaClass })
        assertEquals(emptyList<Screen>(), Places.again(Places.written(stack.take(1)), shell))
        assertEquals("of another version of the app", emptyList<Screen>(), Places.again("""[["gone", "x"]]""", shell))
        robot.end()
    }

    @Test fun `every place has its own screen with its name above it`() {
        val robot = ShellRobot("parts")
        val screens = Place.entries.map { Places.screen(it, robot.shell) }
        assertEquals(Place.entries.size, screens.map { it.javaClass }.toSet().size)
        assertEquals(Place.entries.map { it.zh }, screens.map { it.title })
        robot.end()
    }
}
