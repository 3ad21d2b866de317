package fushan.grid.shim.patrol

import fushan.grid.core.Fix
import fushan.grid.core.GridException
import fushan.grid.shim.EngineKeeper

/** Writes readings down in their order. What could not be written waits in memory and goes first next time. */
internal class TrackWriter(private val keeper: EngineKeeper, private val patrol: String) {
    private val waiting = ArrayDeque<Waiting>()

    suspend fun add(fix: Fix) {
        waiting.addLast(Waiting(fix, nowMs()))
        while (waiting.size > MOST) waiting.removeFirst()
        try {
            keeper.use { it.patrolTrack(patrol, waiting.map(Waiting::aged)) }
            waiting.clear()
        } catch (error: GridException) {
            // an ended patrol takes no more readings; anything else may pass
            if (error is GridException.Forbidden || error is GridException.NotFound) waiting.clear()
        }
    }

    /** A reading grows older while it waits. */
    private class Waiting(private val fix: Fix, private val sinceMs: Long) {
        fun aged(): Fix = fix.copy(ageMs = fix.ageMs + (nowMs() - sinceMs).coerceAtLeast(0).toULong())
    }

    private companion object {
        /** Two hours of readings every five seconds. */
        const val MOST = 1_440

        fun nowMs() = System.nanoTime() / 1_000_000
    }
}
