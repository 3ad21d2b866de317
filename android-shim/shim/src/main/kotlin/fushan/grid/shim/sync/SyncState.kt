package fushan.grid.shim.sync

import fushan.grid.core.SyncProgress
import fushan.grid.core.SyncReport
import fushan.grid.core.Told

/** Where the settlement with the platform is. */
sealed interface SyncState {
    /** None has run since the app began. */
    data object Idle : SyncState

    /** One is under way. */
    data class Running(val progress: SyncProgress) : SyncState

    /** The last one ended so. */
    data class Ended(val report: SyncReport) : SyncState

    /** The last one could not begin, or broke. Whatever waits is kept. */
    data class Failed(val told: Told) : SyncState
}
