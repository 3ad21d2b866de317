package fushan.grid.shim

import kotlinx.coroutines.channels.BufferOverflow
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableSharedFlow
import kotlinx.coroutines.flow.onStart

/** Rings when something on this phone may have changed: a write of the app's, a settlement. Screens read again then. */
class ChangeBell {
    private val rings = MutableSharedFlow<Unit>(extraBufferCapacity = 1, onBufferOverflow = BufferOverflow.DROP_OLDEST)

    /** Rings. */
    fun ring() {
        rings.tryEmit(Unit)
    }

    /** Once now, and at every ring. */
    fun heard(): Flow<Unit> = rings.onStart { emit(Unit) }
}
