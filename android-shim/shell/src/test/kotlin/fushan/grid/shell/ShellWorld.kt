package fushan.grid.shell

import fushan.grid.core.Crs
import fushan.grid.core.Engine
import fushan.grid.core.EngineConfig
import fushan.grid.core.GeoPoint
import fushan.grid.core.Host
import fushan.grid.core.IncidentReport
import fushan.grid.core.SyncBudget
import fushan.grid.core.SyncTrigger
import fushan.grid.shim.keys.KeystoreKeyProvider
import fushan.grid.shim.photos.PhotoPlace
import fushan.grid.shim.support.GridRule
import fushan.grid.shim.support.Pictures
import fushan.grid.shim.support.TestPlatform
import fushan.grid.shim.support.waiting
import java.io.File
import java.util.UUID
import org.json.JSONObject

/** A worker's morning on one phone, with a colleague's phone beside it: places, a plan, and an incident that both have changed. */
class ShellWorld(private val phone: GridRule, private val platform: TestPlatform) {
    private val grid get() = phone.grid
    private val here = GeoPoint(121.2645, 37.5025, Crs.WGS84)
    lateinit var place: String
        private set

    /** Enrols, registers places with a plan, installs a checklist. */
    fun morning() {
        phone.standAt(here.lon, here.lat)
        phone.enrol(platform)
        val names = listOf("海棠路便民超市", "阿明小面馆（二店）", "海棠社区3号楼棋牌室")
        val ids = waiting { names.mapIndexed { index, name -> grid.write { it.registryAdd("place", TestPlatform.GRID, body(name, index)).id } } }
        place = ids[1]
        waiting {
            grid.keeper.use { it.planPut(PLAN) }
            grid.keeper.use { it.checklistInstall(File(System.getProperty("fushan.root"), "tests/fixtures/forms/shop.json").readText()) }
        }
    }

    private fun body(name: String, number: Int) = JSONObject()
        .put("place_kind", "SMALL_CATERING").put("name", name).put("risk", if (number == 1) "RED" else "BLUE")
        .put("address", "海棠路${12 + number}号").put("head", "测试甲0$number").put("phone", "1690000432$number")
        .put("no_uscc_reason", "个体").put("point", JSONObject().put("lon_e7", 1212645000 + number * 900).put("lat_e7", 375025000))
        .toString()

    /** An incident with photos that was submitted. */
    fun reported(title: String): String = waiting {
        val report = IncidentReport("A01.03", title, "2单元楼梯间堆放纸箱，占用通道。", severity = "GENERAL", point = here)
        val id = grid.keeper.use { it.incidentDraft(report) }
        for ((number, role) in listOf("near", "far").withIndex()) photo(PhotoPlace.OfRecord(id, role), title.hashCode() % 50 + number)
        grid.write { it.incidentSubmit(id) }
        id
    }

    /** A photo by the app's own camera. */
    suspend fun photo(place: PhotoPlace, number: Int) {
        val file = File(phone.app.cacheDir, "$number.jpg").apply { writeBytes(Pictures.jpeg(number)) }
        grid.photos.takeOwn(file.path, place)
        grid.bell.ring()
    }

    /** The worker and the community's secretary change the same incident; the worker's phone learns of it last. */
    fun conflict(): String {
        val shared = reported("3号楼楼道堆物")
        settle()
        colleague { it.incidentChange(shared, """{"title": "海棠社区3号楼通道占用", "involved_count": 4}""") }
        waiting { grid.write { it.incidentChange(shared, """{"title": "3号楼2单元楼道堆物", "involved_count": 2}""") } }
        settle()
        return shared
    }

    fun settle() = waiting { grid.sync.run(SyncTrigger.WORKER, 60_000) }

    /** What somebody else sees on a phone of their own that has just been enrolled, and what they do there. */
    fun <T> colleague(work: (Engine) -> T): T = waiting {
        val name = "colleague-${UUID.randomUUID()}"
        val config = EngineConfig(dir = File(phone.app.noBackupFilesDir, name).path)
        Engine.open(config, Host(keys = KeystoreKeyProvider(phone.app, name))).use { engine ->
            engine.enrol(platform.url, platform.code(TestPlatform.LEADER))
            engine.syncStart(SyncBudget(trigger = SyncTrigger.WORKER)).use { it.wait() }
            val done = work(engine)
            engine.syncStart(SyncBudget(trigger = SyncTrigger.WORKER)).use { it.wait() }
            engine.shutDown()
            done
        }
    }

    private companion object {
        const val PLAN = """{"id": "fire9", "name": "九小场所月度检查", "department": "消防救援机构", "forms": ["FIRE9"],
            "from": "2026-01-01", "targets": {"kind": {"kind": "place"}}, "frequency": {"times": 1, "per": "month"}}"""
    }
}
