package fushan.grid.guide

import fushan.grid.core.*
import java.io.File

/** A worker's morning: enrol once, fetch the grid, report something with a photo, settle. */
class SmallApp(private val engine: Engine, private val say: (String) -> Unit) {
    suspend fun enrol(url: String, code: String) {
        val staff = engine.enrol(url, code)
        say("grids: ${staff.grids.joinToString()}")
    }

    suspend fun report(what: String, photo: File, here: GeoPoint): String? = try {
        val category = engine.categorySearch(what, 1u).first()
        val id = engine.incidentDraft(
            IncidentReport(category = category.code, title = category.zh, description = what, point = here),
        )
        engine.photoAddFile(id, photo.path, PhotoContext(role = "near", source = PhotoSource.GALLERY))
        engine.photoAddFile(id, photo.path, PhotoContext(role = "far", source = PhotoSource.GALLERY))
        engine.incidentSubmit(id)
        id
    } catch (error: GridException) {
        say(explain(error))
        null
    }

    suspend fun settle(): Boolean {
        val handle = engine.syncStart(SyncBudget(SyncTrigger.WORKER, maxMs = 60_000uL))
        val report = handle.use { it.wait() }
        when (val outcome = report.outcome) {
            is SyncOutcome.Offline -> say(outcome.told.zh)
            is SyncOutcome.Locked -> say(outcome.told.zh + outcome.told.nextZh)
            else -> say("sent ${report.taken}, left ${report.opsLeft}")
        }
        return report.outcome == SyncOutcome.Done
    }

    /** What the worker reads: what happened, which field, what to do next. */
    private fun explain(error: GridException): String = when (error) {
        is GridException.Invalid -> error.told.zh + error.problems.joinToString { " ${it.field}: ${it.zh}" }
        is GridException.Forbidden -> error.told.detailZh ?: error.told.zh
        is GridException.NotFound -> error.told.zh
        is GridException.Locked -> error.told.zh + error.told.nextZh
        is GridException.Closed -> error.told.zh
        is GridException.Platform -> error.told.zh
        is GridException.Storage -> error.told.zh + error.told.nextZh
        is GridException.Host -> error.told.zh
        is GridException.Internal -> error.told.code
    }
}
