package fushan.grid.tests

import fushan.grid.core.*
import java.io.File
import kotlin.math.abs
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import kotlin.test.*

/** What an app looks up: lists, coordinates, plans, warnings. */
class DictionariesTest {
    @TempDir lateinit var dir: File

    @Test fun `a code list has words in both languages, and an unknown one is empty`(): Unit = runBlocking {
        Phone(dir).open().use { engine ->
            val list = engine.registryKinds().flatMap { it.fields }.map { it.input }.filterIsInstance<FieldInput.Code>().first().list
            assertTrue(engine.codeList(list).all { it.code.isNotEmpty() && it.zh.isNotEmpty() && it.en.isNotEmpty() })
            assertEquals(emptyList(), engine.codeList("no such list"))
            assertTrue(engine.registrySchema() >= versions().registry)
        }
    }

    @Test fun `a point of a Chinese map comes back where it was`() {
        val map = convertPoint(here, Crs.GCJ02)
        assertTrue(abs(map.lon - here.lon) in 0.001..0.02, "$map")
        val back = convertPoint(map, Crs.CGCS2000)
        assertTrue(abs(back.lon - here.lon) < 0.00001 && abs(back.lat - here.lat) < 0.00001, "$back")
        assertFailsWith<GridException.Invalid> { convertPoint(GeoPoint(Double.NaN, 37.0, Crs.WGS84), Crs.GCJ02) }
    }

    @Test fun `a plan is removed once`(): Unit = runBlocking {
        Phone(dir).open().use { engine ->
            engine.planPut(plan("p1"))
            engine.planRemove("p1")
            assertEquals(emptyList(), engine.plans())
        }
    }

    @Test fun `what the platform will most likely not take is told before it is sent`(): Unit = runBlocking {
        val (one, two) = listOf("one", "two").map { enrolled(File(dir, it)) }
        suspend fun settle(engine: Engine) = engine.syncStart(SyncBudget(SyncTrigger.WORKER)).use { it.wait() }
        val person = one.registryAdd("person", GRID, """{"name": "测试先后", "phone": "16900000031"}""").id
        settle(one)
        settle(two)
        one.registryChange(person, """{"phone": "16900000032"}""")
        settle(one)
        two.registryChange(person, """{"phone": "16900000033"}""")
        assertEquals(emptyList(), two.likelyConflicts())
        // abroad nothing of it can be sent, but what came tells
        two.syncStart(SyncBudget(SyncTrigger.WORKER, conditions = Conditions(Network.ROAMING))).use { it.wait() }
        val warned = two.likelyConflicts(person).single()
        assertEquals(listOf("phone"), warned.fields)
        assertEquals(1uL, two.syncStatus().warnings)
        settle(two)
        assertEquals(emptyList(), two.likelyConflicts(person))
        assertEquals(1, two.conflicts().count { it.record.endsWith(person) })
        listOf(one, two).forEach { it.close() }
    }
}
