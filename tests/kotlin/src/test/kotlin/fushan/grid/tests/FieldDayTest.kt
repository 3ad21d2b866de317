package fushan.grid.tests

import fushan.grid.core.*
import java.io.File
import java.security.MessageDigest
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import kotlin.test.*

/** A whole day in the field through the door, against a running platform: each of the six places of an app once. */
class FieldDayTest {
    @TempDir lateinit var dir: File

    @Test fun `a field day`() = runBlocking {
        val worker = Phone(File(dir, "worker"), Host(MemoryKeys(), JvmSigner(), location = At(fix())))
        val engine = worker.open()
        val staff = engine.enrol(District.url, District.code())
        assertEquals(listOf(GRID), staff.grids.filter { it == GRID })
        sync(engine)

        registry(engine)
        val closed = reports(engine)
        val (hazard, incident) = inspects(engine)
        patrols(engine)

        // no signal until here: everything waits on the phone
        val waiting = engine.syncStatus()
        assertTrue(waiting.opsWaiting > 5u && waiting.photosWaiting > 4u && waiting.refused == 0uL, "$waiting")
        val settled = sync(engine)
        assertEquals(0u, settled.refused)
        assertEquals(0uL, engine.syncStatus().opsWaiting)
        assertEquals("CLOSED", engine.incident(closed).state)
        assertEquals(0uL, engine.syncStatus().photosWaiting)
        assertTrue(engine.photoStatus(engine.incident(closed).photos.first().sha256).stored)

        rechecks(engine, hazard)
        sync(engine)
        assertTrue(engine.incident(incident).notes.any { "隐患已消除" in it.text })
        conflicts(engine)

        // the process dies without a farewell, and the next one finds everything
        engine.suspend()
        worker.open().use { again ->
            assertEquals("CLOSED", again.incident(closed).state)
            assertEquals("intact", again.photosVerify(closed).map { it.verdict }.distinct().single())
            val folder = File(dir, "dossier")
            assertTrue(again.dossierWrite(closed, folder.path).photos >= 2uL)
            assertTrue(File(folder, "SHA256SUMS").exists())
        }
        engine.close()
    }

    private suspend fun sync(engine: Engine): SyncReport {
        val seen = mutableListOf<SyncProgress>()
        val observer = object : SyncObserver { override fun progress(progress: SyncProgress) { synchronized(seen) { seen += progress } } }
        val report = engine.syncStart(SyncBudget(SyncTrigger.WORKER), observer).use { it.wait() }
        assertEquals(SyncOutcome.Done, report.outcome)
        return report
    }

    private fun registry(engine: Engine) {
        val kinds = engine.registryKinds()
        assertTrue(kinds.first { it.kind == "person" }.fields.any { it.name == "phone" && it.personal })
        val body = """{"name": "测试欧阳", "phone": "16900000001"}"""
        val added = engine.registryAdd("person", GRID, body)
        for (text in listOf("欧阳", "ceshiouyang", "csoy", "0001")) {
            assertTrue(engine.registrySearch(text).items.any { it.id == added.id }, text)
        }
        val hit = engine.registrySearch("欧阳", "person").items.single { it.id == added.id }
        assertFalse("测试欧阳" in hit.bodyJson, "a list is masked")
        assertEquals("测试欧阳", engine.registryCard(added.id, open = true).lines.first { it.name == "name" }.value)
        assertNotEquals("测试欧阳", engine.registryCard(added.id).lines.first { it.name == "name" }.value)
        engine.registryChange(added.id, """{"phone": "16900000002"}""")
        assertTrue("16900000002" in engine.record(added.id).bodyJson)
        assertEquals(added.id, engine.registryDuplicates("person", """{"name": "测试欧阳", "phone": "16900000002"}""").first().record)
        // pages: one at a time, every record once
        var page = engine.registryList(RecordQuery("person", limit = 1u))
        val ids = page.items.map { it.id }.toMutableList()
        while (page.next != null) {
            page = engine.registryList(RecordQuery("person", after = page.next, limit = 1u))
            ids += page.items.map { it.id }
        }
        assertEquals(ids.size, ids.toSet().size)
        assertTrue(added.id in ids)
    }

    private suspend fun reports(engine: Engine): String {
        assertTrue(engine.categorySearch("lddw").any { it.code == "A01.03" && it.zh == "楼道堆物" })
        assertEquals(GRID, engine.locate(here))
        // the place is told by the host's location source
        val id = engine.incidentDraft(IncidentReport(category = "A01.03", title = "楼道堆物", description = "三楼纸箱"))
        assertEquals("A01.03", engine.categoriesRecent().first().code)
        assertTrue(engine.incidents("DRAFT").items.any { it.id == id })
        val early = assertFailsWith<GridException.Forbidden> { engine.incidentSelfClose(id, "已清理") }
        assertEquals("step_forbidden", early.told.code)
        assertNotNull(early.told.detailZh)
        val file = picture(11, File(dir, "near.jpg"))
        val near = engine.photoAddFile(id, file.path, photo("near"))
        val stream = Stream(picture(12, File(dir, "after.jpg")).inputStream())
        val after = engine.photoAddStream(id, stream, photo("after").copy(copy = UploadCopy.STAMPED))
        assertTrue(stream.largest <= 65_536u, "bytes come in pieces")
        assertNotNull(after.copy)
        assertEquals(sha256(file.readBytes()), near.sha256)
        val back = engine.photoOpen(near.sha256).use { reader ->
            generateSequence { reader.read(10_000u).takeIf { it.isNotEmpty() } }.fold(ByteArray(0)) { all, piece -> all + piece }
        }
        assertContentEquals(file.readBytes(), back)
        assertEquals(0xff.toByte(), engine.photoThumbnail(near.sha256)!!.first())
        assertTrue(engine.photoLog(near.sha256).any { it.event == "viewed" })
        engine.incidentSelfClose(id, "已清理")
        val handler = engine.incidentDraft(IncidentReport(category = "A01.02", title = "通道占堵", description = "车辆")).let(engine::likelyHandler)
        assertTrue(handler.explanationZh.isNotEmpty() && handler.explanationEn.isNotEmpty())
        return id
    }

    private suspend fun inspects(engine: Engine): Pair<String, String> {
        engine.checklistInstall(File(System.getProperty("forms"), "shop.json").readText())
        val place = engine.registryAdd("place", GRID, """{"place_kind": "SMALL_CATERING", "name": "测试小面馆", "risk": "BLUE",
            "point": {"lon_e7": 1212640000, "lat_e7": 375020000}, "no_uscc_reason": "个体"}""").id
        engine.planPut(plan("shops", "SHOP"))
        assertTrue(engine.today().any { it.record == place && "SHOP" in it.forms })
        val far = ArrivalAt(fix = fix(GeoPoint(121.3, 37.502, Crs.CGCS2000)))
        assertEquals("check_in_reason", assertFailsWith<GridException.Invalid> { engine.inspectStart(SheetStart("SHOP", place, far)) }.told.code)
        val sheet = engine.inspectStart(SheetStart("SHOP", place, ArrivalAt()))
        val screen = engine.inspectShow(sheet)
        assertTrue(screen.lines.any { it.path == "/data/exits" && it.choices.isNotEmpty() })
        assertTrue(engine.inspectAnswer(sheet, "/data/exits", "no", AnswerStamp(fix = fix())).hazard)
        val refused = assertFailsWith<GridException.Invalid> { engine.inspectAnswer(sheet, "/data/count", "201") }
        assertEquals("/data/count", refused.problems.single().field)
        assertEquals("数量在0到200之间", refused.told.detailZh)
        val early = assertFailsWith<GridException.Invalid> { engine.inspectFinish(sheet) }
        assertTrue(early.problems.any { it.code == "missing_photos" && it.field == "/data/exits" })
        engine.inspectAnswer(sheet, "/data/count", "1")
        engine.inspectPhotoFile(sheet, "/data/exits", picture(21, File(dir, "hazard.jpg")).path, photo("near"))
        assertEquals(0, engine.inspectShow(sheet).missing.size)
        assertEquals(sheet, engine.inspectDrafts().first().id)
        val done = engine.inspectFinish(sheet)
        assertEquals("HAZARD", done.result)
        assertTrue(engine.inspection(done.inspection).lines.isNotEmpty())
        // the exits and the count; the exits come first in the form
        return done.hazards.first() to done.incidents.first()
    }

    private fun rechecks(engine: Engine, hazard: String) {
        val again = engine.inspectRecheck(hazard, ArrivalAt(fix = fix()))
        assertNotNull(engine.inspectLast(again))
        engine.inspectAnswer(again, "/data/exits", "yes")
        engine.inspectConfirm(again, emptyList())
        assertEquals(listOf(hazard), engine.inspectFinish(again).cleared)
    }

    private fun patrols(engine: Engine) {
        val route = """{"id": "r1", "name": "早巡", "points": [{"id": "gate", "name": "大门", "point": {"lon_e7": 1212640000, "lat_e7": 375020000}, "dwell_s": 0},
            {"id": "yard", "name": "后院", "point": {"lon_e7": 1212650000, "lat_e7": 375030000}, "dwell_s": 0}]}"""
        val walk = engine.patrolStart(route)
        engine.patrolTrack(walk, listOf(fix(), fix(GeoPoint(121.2641, 37.5021, Crs.WGS84))))
        assertEquals("gps", engine.patrolCheckIn(walk, "gate").method)
        assertEquals("check_in_reason", assertFailsWith<GridException.Invalid> { engine.patrolCheckIn(walk, "yard") }.told.code)
        assertEquals("reason", engine.patrolCheckIn(walk, "yard", reason = "院门上锁").method)
        val walked = engine.patrolFinish(walk)
        assertEquals(2uL, walked.readings)
        assertTrue(walked.open.isEmpty() && engine.patrols().first { it.id == walk }.finished)
        assertFailsWith<GridException.Forbidden> { engine.patrolTrack(walk, listOf(fix())) }
    }

    /** Two phones of one worker change the same field without signal; the second is asked which one holds. */
    private suspend fun conflicts(engine: Engine) {
        val other = enrolled(File(dir, "other"))
        val person = engine.registryAdd("person", GRID, """{"name": "测试冲突", "phone": "16900000003"}""").id
        sync(engine)
        sync(other)
        engine.registryChange(person, """{"phone": "16900000004"}""")
        other.registryChange(person, """{"phone": "16900000005"}""")
        sync(engine)
        assertEquals(1u, sync(other).conflicts)
        val conflict = other.conflicts().single { it.record.endsWith(person) }
        val phone = conflict.fields.single { it.name == "phone" }
        assertEquals("\"16900000004\"" to "\"16900000005\"", phone.platformJson to phone.phoneJson)
        assertTrue(phone.zh.any { it > '\u4e00' })
        other.conflictResolve(conflict.id, Resolution.Values("""{"phone": "16900000005"}"""))
        sync(other)
        sync(engine)
        assertTrue("16900000005" in engine.record(person).bodyJson)
        other.close()
    }

    private fun sha256(bytes: ByteArray) =
        "sha256:" + MessageDigest.getInstance("SHA-256").digest(bytes).joinToString("") { "%02x".format(it) }
}
