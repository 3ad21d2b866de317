package fushan.grid.tests

import fushan.grid.core.*
import java.io.File
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import kotlin.test.*

/** What a worker does with a checklist beyond answering it. */
class ChecklistTest {
    @TempDir lateinit var dir: File

    private fun form(name: String) = File(System.getProperty("forms"), name).readText()

    private fun at(test: suspend (Engine, String) -> Unit) = runBlocking {
        Phone(File(dir, "phone"), Host(MemoryKeys(), JvmSigner(), location = At(fix()))).open().use { engine ->
            engine.checklistInstall(form("shop.json"))
            val place = engine.registryAdd("place", GRID, """{"place_kind": "SMALL_CATERING", "name": "测试小店", "risk": "BLUE",
                "point": {"lon_e7": 1212640000, "lat_e7": 375020000}, "no_uscc_reason": "个体"}""").id
            test(engine, place)
        }
    }

    private fun start(engine: Engine, place: String) = engine.inspectStart(SheetStart("SHOP", place, ArrivalAt()))
    private fun answered(engine: Engine, sheet: String, path: String) = engine.inspectShow(sheet).lines.firstOrNull { it.path == path }?.answer

    @Test fun `shipped checklists stand beside an installed one`() = at { engine, _ ->
        val all = engine.checklists()
        assertTrue(all.any { it.form == "SHOP" && it.current } && all.count { it.current } >= 9, "$all")
        val second = engine.checklistInstall(form("shop-2.json"))
        assertEquals(listOf(second.digest), engine.checklists().filter { it.form == "SHOP" && it.current }.map { it.digest })
    }

    @Test fun `rooms are added and removed, and the total follows`() = at { engine, place ->
        val sheet = start(engine, place)
        engine.inspectAddRepeat(sheet, "/data/room")
        engine.inspectAddRepeat(sheet, "/data/room")
        engine.inspectAnswer(sheet, "/data/room[1]/sockets", "3")
        engine.inspectAnswer(sheet, "/data/room[2]/sockets", "4")
        assertEquals("4", answered(engine, sheet, "/data/room[2]/sockets"))
        engine.inspectRemoveRepeat(sheet, "/data/room[1]")
        assertEquals("4", answered(engine, sheet, "/data/room[1]/sockets"), "what was behind it moves up")
        assertNull(answered(engine, sheet, "/data/room[2]/sockets"))
        assertFailsWith<GridException> { engine.inspectRemoveRepeat(sheet, "/data/room[7]") }
    }

    @Test fun `a photo taken from its item stays with the inspection`() = at { engine, place ->
        val sheet = start(engine, place)
        engine.inspectAnswer(sheet, "/data/exits", "no")
        val stream = Stream(picture(71, File(dir, "a.jpg")).inputStream())
        val taken = engine.inspectPhotoStream(sheet, "/data/exits", stream, photo("near"))
        fun at(path: String) = engine.inspectShow(sheet).lines.first { it.path == path }.photos.map { it.sha256 }
        assertEquals(listOf(taken.sha256), at("/data/exits"))
        engine.inspectUnplace(sheet, "/data/exits", taken.sha256, "near")
        assertEquals(emptyList(), at("/data/exits"))
        assertEquals(listOf(taken.sha256), engine.inspectShow(sheet).loose)
        assertTrue(engine.photosVerify(sheet).run { any { it.sha256 == taken.sha256 } && all { it.verdict == "intact" } })
        val broken = object : ByteSource { override fun read(most: UInt): ByteArray = error("unplugged") }
        assertFailsWith<GridException.Host> { engine.inspectPhotoStream(sheet, "/data/exits", broken, photo("near")) }
    }

    @Test fun `what is put right on the spot needs both photos and opens no incident`() = at { engine, place ->
        val sheet = start(engine, place)
        engine.inspectAnswer(sheet, "/data/exits", "yes")
        engine.inspectAnswer(sheet, "/data/count", "1")
        assertEquals("not_fixable", assertFailsWith<GridException.Forbidden> { engine.inspectFixed(sheet, "/data/exits", "已清理") }.told.code)
        engine.inspectFixed(sheet, "/data/count", "当场补了两具")
        engine.inspectPhotoFile(sheet, "/data/count", picture(72, File(dir, "b.jpg")).path, photo("before"))
        val early = assertFailsWith<GridException.Invalid> { engine.inspectFinish(sheet) }
        assertEquals(listOf("missing_before_after"), early.problems.map { it.code })
        engine.inspectPhotoFile(sheet, "/data/count", picture(73, File(dir, "c.jpg")).path, photo("after"))
        val done = engine.inspectFinish(sheet)
        assertEquals(1 to 0, done.hazards.size to done.incidents.size)
        assertTrue("FIXED_ON_SITE" in engine.record(done.hazards.single()).bodyJson)
    }

    @Test fun `a correction is a version of its own with its reason`() = at { engine, place ->
        val first = start(engine, place)
        engine.inspectAnswer(first, "/data/exits", "yes")
        engine.inspectAnswer(first, "/data/count", "1")
        val done = engine.inspectFinish(first)
        assertFailsWith<GridException.Invalid> { engine.inspectCorrect(done.inspection, " ") }
        val again = engine.inspectCorrect(done.inspection, "数错了")
        engine.inspectAnswer(again, "/data/count", "4")
        assertEquals(0, engine.inspectFinish(again).hazards.size)
        assertTrue("数错了" in engine.inspection(again).bodyJson)
        assertEquals("inspection_corrected", assertFailsWith<GridException.Forbidden> { engine.inspectCorrect(done.inspection, "又一次") }.told.code)
    }

    @Test fun `a draft moves to a newer checklist and back without losing an answer`() = at { engine, place ->
        val sheet = start(engine, place)
        engine.inspectAnswer(sheet, "/data/count", "12")
        assertEquals("sheet_same_version", assertFailsWith<GridException.Forbidden> { engine.inspectMigrate(sheet) }.told.code)
        val newer = engine.checklistInstall(form("shop-2.json"))
        assertEquals(newer.digest, engine.inspectShow(sheet).newer?.digest)
        engine.inspectMigrate(sheet)
        assertEquals(newer.digest, engine.inspectShow(sheet).form.digest)
        engine.inspectMigrateUndo(sheet)
        assertEquals("12", answered(engine, sheet, "/data/count"))
        assertEquals("sheet_nothing_to_undo", assertFailsWith<GridException.Forbidden> { engine.inspectMigrateUndo(sheet) }.told.code)
    }

    @Test fun `a closed shop is a visit without answers, and a dropped sheet is none`() = at { engine, place ->
        val done = engine.inspectNoAnswer(start(engine, place), NoAnswer.CLOSED, "门上贴着转让")
        assertTrue("CLOSED" in engine.inspection(done.inspection).bodyJson.uppercase())
        val sheet = start(engine, place)
        engine.inspectDrop(sheet)
        assertEquals(emptyList(), engine.inspectDrafts())
        assertFailsWith<GridException> { engine.inspectAnswer(sheet, "/data/count", "1") }
    }
}
