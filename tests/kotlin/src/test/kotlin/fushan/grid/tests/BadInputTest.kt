package fushan.grid.tests

import fushan.grid.core.*
import java.io.ByteArrayInputStream
import java.io.File
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import kotlin.test.*

/** Bad input across the door: a typed error, no crash, no hang, and nothing written. */
class BadInputTest {
    @TempDir lateinit var dir: File

    private fun with(host: Host = Host(MemoryKeys(), JvmSigner()), test: suspend (Engine) -> Unit) = runBlocking {
        Phone(File(dir, "phone"), host).open().use { test(it) }
    }

    @Test fun `an id that is none is refused everywhere`() = with { engine ->
        val calls: List<suspend (String) -> Any?> = listOf(
            { engine.record(it) }, { engine.registryCard(it) }, { engine.registryChange(it, "{}") },
            { engine.registryWithdraw(it, "x") }, { engine.incident(it) }, { engine.incidentSubmit(it) },
            { engine.incidentSelfClose(it, "x") }, { engine.incidentWithdraw(it, "x") }, { engine.incidentNote(it, "x") },
            { engine.incidentChange(it, "{}") }, { engine.incidentDeadlines(it) }, { engine.likelyHandler(it) },
            { engine.conflict(it) }, { engine.conflictResolve(it, Resolution.Phone) }, { engine.inspectShow(it) },
            { engine.inspectAnswer(it, "/data/a", "1") }, { engine.inspectFinish(it) }, { engine.inspectDrop(it) },
            { engine.patrol(it) }, { engine.patrolTrack(it, listOf(fix())) }, { engine.patrolFinish(it) },
            { engine.refusedDrop(it) }, { engine.refusedRequeue(it, "{}") }, { engine.inspection(it) },
            { engine.photoAddFile(it, "/nowhere", photo("near")) }, { engine.photosVerify(it) },
            { engine.photosExport(it, dir.path) }, { engine.dossierWrite(it, dir.path) },
            { engine.photoStatus(it) }, { engine.photoOpen(it) }, { engine.photoThumbnail(it) }, { engine.photoLog(it) },
        )
        for ((number, call) in calls.withIndex()) for (bad in listOf("", "7", "../../etc/passwd", "ü".repeat(40), "\u0000")) {
            val refused = assertFailsWith<GridException.Invalid>("call $number with '$bad'") { call(bad) }
            assertEquals("invalid_id", refused.told.code, "call $number")
        }
    }

    @Test fun `an id that nobody has is not found`() = with { engine ->
        assertEquals("not_found", assertFailsWith<GridException.NotFound> { engine.record(aRecord) }.told.code)
        assertFailsWith<GridException.NotFound> { engine.incidentSubmit(aRecord) }
        assertFailsWith<GridException.NotFound> { engine.inspectShow(aRecord) }
        assertFailsWith<GridException.NotFound> { engine.photoAddFile(aRecord, "/nowhere", photo("near")) }
        assertNull(engine.photoThumbnail("0".repeat(64)))
    }

    @Test fun `texts without end are refused or cut, at once`() = with { engine ->
        val huge = "长".repeat(4 * 1024 * 1024)
        val report = IncidentReport(category = "A01.03", title = huge, description = huge, point = here)
        assertEquals("too_long", assertFailsWith<GridException.Invalid> { engine.incidentDraft(report) }.told.code)
        assertEquals(0, engine.registrySearch(huge).items.size)
        assertEquals(0, engine.categorySearch(huge).size)
        assertEquals("bad_json", assertFailsWith<GridException.Invalid> { engine.registryAdd("person", GRID, huge) }.told.code)
        assertFailsWith<GridException.Invalid> { engine.registryAdd(huge, GRID, "{}") }
        val deep = "[".repeat(1_000_000)
        assertFailsWith<GridException.Invalid> { engine.registryAdd("person", GRID, "{\"name\": $deep") }
        assertFailsWith<GridException.Invalid> { engine.checklistInstall(deep) }
        assertFailsWith<GridException.Invalid> { engine.planPut(huge) }
        assertFailsWith<GridException.Invalid> { engine.patrolStart(huge) }
    }

    @Test fun `fields that break rules come one by one with their texts`() = with { engine ->
        val body = """{"name": "测试", "id_type": "111", "id_number": "110101190001011234567", "phone": "x"}"""
        val refused = assertFailsWith<GridException.Invalid> { engine.registryAdd("person", GRID, body) }
        assertEquals("invalid_record", refused.told.code)
        assertEquals(setOf("id_number", "phone"), refused.problems.map { it.field }.toSet())
        assertTrue(refused.problems.all { it.zh.isNotEmpty() && it.en.isNotEmpty() })
        assertFalse(refused.toString().contains("110101190001011234567"), "an error repeats no personal data")
    }

    @Test fun `points off the globe and grids that are none are refused`() = with { engine ->
        for (bad in listOf(0.0 to 0.0, Double.NaN to 1.0, 181.0 to 0.0, 1.0 to Double.POSITIVE_INFINITY)) {
            val point = GeoPoint(bad.first, bad.second, Crs.WGS84)
            assertEquals("point_out_of_range", assertFailsWith<GridException.Invalid> { engine.locate(point) }.told.code)
        }
        assertEquals("area_code_invalid", assertFailsWith<GridException.Invalid> { engine.registryAdd("person", "12", "{}") }.told.code)
        assertFailsWith<GridException.Invalid> { engine.incidents(grid = "x") }
    }

    @Test fun `an incident without any position says that it is missing`() = with { engine ->
        val report = IncidentReport(category = "A01.03", title = "t", description = "d")
        assertEquals("location_missing", assertFailsWith<GridException.Invalid> { engine.incidentDraft(report) }.told.code)
    }

    @Test fun `an address that is no platform's is refused before anything is sent`() = with { engine ->
        for (bad in listOf("", "ftp://x", "http://example.org", "not an address")) {
            assertEquals("bad_address", assertFailsWith<GridException.Invalid> { engine.enrol(bad, "c") }.told.code)
        }
        assertEquals("not_enrolled", assertFailsWith<GridException.Locked> { engine.syncStart(SyncBudget(SyncTrigger.WORKER)) }.told.code)
        val away = assertFailsWith<GridException.Platform> { engine.enrol("http://127.0.0.1:1", "c") }
        assertEquals("offline", away.told.code)
    }

    @Test fun `a stream that breaks, or is no picture, leaves nothing behind`() = runBlocking {
        enrolled(File(dir, "phone")).use { engine ->
            val incident = draft(engine)
            val broken = object : ByteSource {
                private var given = 0
                override fun read(most: UInt): ByteArray = if (given++ < 2) ByteArray(1_000) { 0x55 } else error("unplugged")
            }
            val failed = assertFailsWith<GridException.Host> { engine.photoAddStream(incident, broken, photo("near")) }
            assertEquals("host_failed", failed.told.code)
            val noPicture = Stream(ByteArrayInputStream(ByteArray(1_000)))
            assertEquals("not_an_image", assertFailsWith<GridException.Invalid> { engine.photoAddStream(incident, noPicture, photo("near")) }.told.code)
            assertEquals("empty_file", assertFailsWith<GridException.Invalid> {
                engine.photoAddStream(incident, Stream(ByteArrayInputStream(ByteArray(0))), photo("near"))
            }.told.code)
            assertEquals(0, engine.incident(incident).photos.size)
            assertEquals(0uL, engine.syncStatus().photosWaiting)
        }
    }
}
