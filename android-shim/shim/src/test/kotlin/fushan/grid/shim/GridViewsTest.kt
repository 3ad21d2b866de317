package fushan.grid.shim

import fushan.grid.core.Crs
import fushan.grid.core.GeoPoint
import fushan.grid.core.IncidentReport
import fushan.grid.shim.support.GridRule
import fushan.grid.shim.support.HostRunner
import fushan.grid.shim.support.TestPlatform
import fushan.grid.shim.support.await
import fushan.grid.shim.support.waiting
import java.util.concurrent.CopyOnWriteArrayList
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch
import org.json.JSONObject
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.ClassRule
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith

/** The view models as flows, each over the real engine. */
@RunWith(HostRunner::class)
class GridViewsTest {
    companion object {
        @ClassRule @JvmField val platform = TestPlatform()
    }

    @get:Rule val phone = GridRule()
    private val views get() = phone.grid.views

    @Before fun enrolled() {
        phone.enrol(platform)
        phone.standAt(121.2645, 37.5025)
    }

    private fun <T> Flow<Loaded<T>>.now(): T = when (val first = waiting { first() }) {
        is Loaded.Here -> first.value
        else -> throw AssertionError("$first")
    }

    private fun building(): String = waiting {
        val body = JSONObject().put("name", "8号楼").put("storeys", 6).put("units", 2).put("head_phone", "16900004321")
        phone.grid.write { it.registryAdd("building", TestPlatform.GRID, body.toString()) }.id
    }

    @Test fun `each view model reads what it is for`() {
        val id = building()
        val report = IncidentReport("A01.03", "楼道堆物", "纸箱", point = GeoPoint(121.2645, 37.5025, Crs.WGS84))
        val incident = waiting { phone.grid.write { it.incidentDraft(report) } }
        assertTrue(views.today().now().day.isNotEmpty())
        assertEquals(1uL, views.sync().now().drafts)
        assertTrue(views.decisions().now().conflicts.isEmpty())
        assertEquals("楼道堆物", views.incident(incident).now().title)
        assertTrue(views.categories("A01.03").now().any { it.code == "A01.03" })
        assertTrue("those used last, or all", views.categories("").now().isNotEmpty())
        assertEquals(listOf(id), views.registry("8号楼").now().items.map { it.id })
    }

    @Test fun `a card is masked unless it was asked for`() {
        val id = building()
        fun phoneOf(open: Boolean) = views.card(id, open).now().lines.single { it.name == "head_phone" }.value
        assertTrue("*" in phoneOf(open = false))
        assertEquals("16900004321", phoneOf(open = true))
    }

    @Test fun `a bell that changes nothing gives nothing anew`() {
        val seen = CopyOnWriteArrayList<Loaded<*>>()
        val scope = CoroutineScope(Dispatchers.Default)
        scope.launch { views.sync().collect(seen::add) }
        await("a first look") { seen.isNotEmpty() }
        val before = seen.size
        repeat(3) {
            phone.grid.bell.ring()
            Thread.sleep(50)
        }
        building()
        await("a change") { seen.size > before }
        assertEquals(seen.size, seen.distinct().size)
        scope.cancel()
    }
}
