package fushan.grid.shim.patrol

import android.os.SystemClock
import fushan.grid.core.Fix
import fushan.grid.core.GridException
import fushan.grid.shim.EngineKeeper

/** Writes readings down in their order. What could not be written waits in memory and goes first next time. */
internal class TrackWriter(private val keeper: EngineKeeper, private val patrol: String) {
    private val waiting = ArrayDeque<Waiting>()

    /** Whether the patrol has ended, so that it takes no more readings. */
    var ended = false
        private set

    /** Writes a reading down, and those that wait before it. */
    suspend fun add(fix: Fix) {
        waiting.addLast(Waiting(fix, SystemClock.elapsedRealtime()))
        while (waiting.size > MOST) waiting.removeFirst()
        write()
    }

    /** Tries once more to write what waits; tells whether nothing waits any more. */
    suspend fun write(): Boolean {
        if (waiting.isEmpty()) return true
        try {
            keeper.use { it.patrolTrack(patrol, waiting.map(Waiting::aged)) }
            waiting.clear()
        } catch (error: GridException) {
            // an ended patrol takes no more readings; anything else may pass
            ended = error is GridException.Forbidden || error is GridException.NotFound
            if (ended) waiting.clear()
        }
        return waiting.isEmpty()
    }

    /** A reading grows older while it waits, also while the phone sleeps. */
    private class Waiting(private val fix: Fix, private val sinceMs: Long) {
        fun aged(): Fix = fix.copy(ageMs = fix.ageMs + (SystemClock.elapsedRealtime() - sinceMs).coerceAtLeast(0).toULong())
    }

    private companion object {
        /** Two hours of readings every five seconds. */
        const val MOST = 1_440
    }
}
