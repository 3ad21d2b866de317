package fushan.grid.shim

import fushan.grid.core.Opened
import fushan.grid.core.Told

/** How the engine stands, for the app's first screen. */
sealed interface EngineState {
    /** Nobody has opened it yet. */
    data object Shut : EngineState

    /** It is being opened; a first start or an update may take seconds. */
    data object Opening : EngineState

    /** It works. */
    data class Ready(val opened: Opened) : EngineState

    /** The key of the database is gone for good: another phone, a reset key store. The district must be asked; every file is kept. */
    data class KeyLost(val told: Told) : EngineState

    /** It may not open now: lease, wipe, a locked key store. Opening can be tried again. */
    data class Locked(val told: Told) : EngineState

    /** Disk or database failed. Every file is kept. */
    data class Failed(val told: Told) : EngineState
}
