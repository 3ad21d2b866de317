package fushan.grid.shell.report

import fushan.grid.shell.ShellWorld
import fushan.grid.shim.photos.PhotoPlace
import fushan.grid.shim.support.GridRule
import fushan.grid.shim.support.HostRunner
import fushan.grid.shim.support.TestPlatform
import fushan.grid.shim.support.waiting
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNotEquals
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertNull
import org.junit.Before
import org.junit.ClassRule
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith

@RunWith(HostRunner::class)
class ReportFormTest {
    companion object {
        @ClassRule @JvmField val platform = TestPlatform()
    }

    @get:Rule val phone = GridRule()
    private val grid get() = phone.grid

    @Before fun enrolled() {
        phone.standAt(121.2645, 37.5025)
        phone.enrol(platform)
    }

    private fun written() = ReportForm(grid).apply {
        restore()
        choose("A01.03")
        text = "楼道里堆了纸箱"
    }

    @Test fun `a process killed just after the submission leaves an empty form, and the report as it is`() {
        val world = ShellWorld(phone, platform)
        val id = waiting { written().drafted() }
        waiting { listOf("near", "far").forEachIndexed { number, role -> world.photo(PhotoPlace.OfRecord(id, role), 60 + number) } }
        waiting { grid.write { it.incidentSubmit(id) } }
        val again = ReportForm(grid).apply { restore() }
        assertNull(waiting { again.incident() })
        assertEquals("", again.text)
        assertEquals(emptyMap<String, String>(), grid.drafts.load("report"))
        waiting { again.giveUp() }
        assertEquals("REPORTED", waiting { grid.keeper.use { it.incident(id) } }.state)
        assertNotEquals(id, waiting { written().drafted() })
    }

    @Test fun `two taps make one draft`() {
        val form = written()
        val ids = waiting { List(4) { async(Dispatchers.Default) { form.drafted() } }.awaitAll() }
        assertEquals("$ids", 1, ids.toSet().size)
        assertNotNull(waiting { form.incident() })
    }
}
