package fushan.grid.shim

import fushan.grid.core.Card
import fushan.grid.core.Category
import fushan.grid.core.Conflict
import fushan.grid.core.Engine
import fushan.grid.core.GridException
import fushan.grid.core.IncidentView
import fushan.grid.core.PlannedVisit
import fushan.grid.core.RefusedOperation
import fushan.grid.core.SearchPage
import fushan.grid.core.SheetScreen
import fushan.grid.core.SheetSummary
import fushan.grid.core.SyncStatus
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.conflate
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.map

/** What the day's screen shows. */
data class TodayView(val day: String, val visits: List<PlannedVisit>, val drafts: List<SheetSummary>, val sync: SyncStatus)

/** What waits for the worker. */
data class DecisionsView(val conflicts: List<Conflict>, val refused: List<RefusedOperation>)

/**
 * View models as flows: each reads when it is collected, reads again when something changed, and gives nothing twice. An error is a
 * value of the flow and never its end.
 */
class GridViews(private val keeper: EngineKeeper, private val bell: ChangeBell) {
    /** Today's visits, the sheets under way, and how the settlement stands. */
    fun today(): Flow<Loaded<TodayView>> = watch { TodayView(it.day(), it.today(), it.inspectDrafts(), it.syncStatus()) }

    /** How the settlement stands. */
    fun sync(): Flow<Loaded<SyncStatus>> = watch { it.syncStatus() }

    /** Conflicts and refused operations. */
    fun decisions(): Flow<Loaded<DecisionsView>> = watch { DecisionsView(it.conflicts(), it.refused()) }

    /** A sheet that is being filled in. */
    fun sheet(id: String): Flow<Loaded<SheetScreen>> = watch { it.inspectShow(id) }

    /** An incident. */
    fun incident(id: String): Flow<Loaded<IncidentView>> = watch { it.incident(id) }

    /** Categories that match a text; those used last for an empty one. */
    fun categories(text: String): Flow<Loaded<List<Category>>> = watch { engine ->
        if (text.isBlank()) engine.categoriesRecent().ifEmpty { engine.categorySearch("") } else engine.categorySearch(text)
    }

    /** The first page of what matches a text in the registry, personal data masked. */
    fun registry(text: String, kind: String? = null): Flow<Loaded<SearchPage>> = watch { it.registrySearch(text, kind) }

    /** A card; [open] shows personal data, only after the worker asked for it. */
    fun card(id: String, open: Boolean = false): Flow<Loaded<Card>> = watch { it.registryCard(id, open) }

    /** Anything else that is read from the engine. */
    fun <T> watch(read: suspend (Engine) -> T): Flow<Loaded<T>> = bell.heard().conflate().map { load(read) }.distinctUntilChanged()

    private suspend fun <T> load(read: suspend (Engine) -> T): Loaded<T> = try {
        Loaded.Here(keeper.use(read))
    } catch (error: GridException) {
        Loaded.Trouble(error.about)
    }
}
