package fushan.grid.shell.report

import fushan.grid.core.Category
import fushan.grid.core.GridException
import fushan.grid.core.IncidentReport
import fushan.grid.core.IncidentView
import fushan.grid.shim.Grid
import fushan.grid.shim.drafts.TypedDraft
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext
import org.json.JSONObject

/**
 * The report as far as it has come. What is typed lies in the draft box; with the first photo it becomes a draft of the engine, which
 * the box remembers. So a killed process costs neither a word nor a photo.
 */
class ReportForm(private val grid: Grid) {
    private val draft = TypedDraft(grid.drafts, FORM, grid.scope)
    private val making = Mutex()
    private var restored = false

    var title: String
        get() = draft[TITLE]
        set(value) {
            draft[TITLE] = value
        }

    var text: String
        get() = draft[TEXT]
        set(value) {
            draft[TEXT] = value
        }

    /** What was done on the spot. */
    var result: String
        get() = draft[RESULT]
        set(value) {
            draft[RESULT] = value
        }

    /** Reads what an earlier process kept, once. */
    fun restore() {
        if (!restored) draft.restore()
        restored = true
    }

    fun keep() = draft.flush()

    fun choose(code: String) {
        draft[CATEGORY] = code
        draft.flush()
    }

    /** The category that was chosen. */
    suspend fun category(): Category? {
        val code = draft[CATEGORY].ifEmpty { return null }
        return grid.keeper.use { engine -> engine.categorySearch(code).firstOrNull { it.code == code } }
    }

    /** The engine's draft, once there is one. A process killed just after the submission left the box behind: it is emptied here. */
    suspend fun incident(): IncidentView? {
        val id = draft[INCIDENT].ifEmpty { return null }
        val there = try {
            grid.keeper.use { it.incident(id) }
        } catch (_: GridException.NotFound) {
            return null
        }
        if (there.state == DRAFT) return there
        if (draft[INCIDENT] == id) draft.done()
        return null
    }

    /** Makes the engine's draft, or brings it to what was typed since. Asked twice at once it still makes one. */
    suspend fun drafted(): String = making.withLock {
        // a screen that goes in between may not leave a draft that the box does not name
        withContext(NonCancellable) { draftedOnce() }
    }

    private suspend fun draftedOnce(): String {
        val there = incident()
        val title = title.ifBlank { category()?.zh.orEmpty() }
        if (there == null) {
            val report = IncidentReport(category = draft[CATEGORY], title = title, description = text.ifBlank { title })
            draft[INCIDENT] = grid.keeper.use { it.incidentDraft(report) }
            draft.flush()
        } else if (there.title != title || there.description != text.ifBlank { title }) {
            val set = JSONObject().put("title", title).put("description", text.ifBlank { title })
            grid.keeper.use { it.incidentChange(there.id, set.toString()) }
        }
        return draft[INCIDENT]
    }

    /** Sets this report aside and goes on with one that was set aside before. */
    fun takeBack(kept: String) = draft.takeBack(kept)

    /** Sets this report aside and goes on with a draft of the engine that no box names. */
    fun goOnWith(incident: IncidentView) = draft.goOnWith(
        mapOf(CATEGORY to incident.category, TITLE to incident.title, TEXT to incident.description, INCIDENT to incident.id),
    )

    /** Drops the engine's draft: it was never submitted. */
    suspend fun giveUp() {
        val there = incident() ?: return
        grid.write { it.incidentWithdraw(there.id, "放弃") }
    }

    /** The report has become what it was to be. */
    fun done() = draft.done()

    internal companion object {
        /** Name of the report in the draft box. */
        const val FORM = "report"
        const val CATEGORY = "category"
        const val TITLE = "title"
        const val TEXT = "text"
        const val RESULT = "result"
        const val INCIDENT = "incident"
        private const val DRAFT = "DRAFT"
    }
}
