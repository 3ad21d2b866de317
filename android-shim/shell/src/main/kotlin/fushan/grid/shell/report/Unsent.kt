package fushan.grid.shell.report

import fushan.grid.core.Engine
import fushan.grid.core.HostException
import fushan.grid.core.IncidentView
import fushan.grid.shim.Grid
import fushan.grid.shim.drafts.KeptDraft
import java.io.IOException

/**
 * Work that no other screen shows: reports that were set aside, drafts of the engine that no report names, photos that could not be
 * taken in. None of it is lost, and here the worker finds it again.
 */
internal data class Unsent(val kept: List<KeptDraft>, val drafts: List<IncidentView>, val photos: List<String>) {
    val count: Int get() = kept.size + drafts.size + photos.size

    companion object {
        /** Reads it from the box, the engine and the folder of the camera. */
        fun read(grid: Grid, engine: Engine): Unsent {
            val kept = grid.drafts.kept(ReportForm.FORM)
            val named = kept.mapNotNull { (it.content as? KeptDraft.Content.Readable)?.fields?.get(ReportForm.INCIDENT) } + current(grid)
            val drafts = engine.incidents(state = "DRAFT").items.filter { it.id !in named }
            return Unsent(kept, drafts, grid.photos.waiting())
        }

        /** The draft of the report that is being written. */
        private fun current(grid: Grid): String = try {
            grid.drafts.load(ReportForm.FORM)[ReportForm.INCIDENT].orEmpty()
        } catch (_: HostException) {
            ""
        } catch (_: IOException) {
            ""
        }
    }
}
