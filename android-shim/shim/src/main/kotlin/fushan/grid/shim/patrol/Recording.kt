package fushan.grid.shim.patrol

import fushan.grid.core.Fix
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.launch

/**
 * A patrol being recorded. Listening and writing are two things, so that ending it stops the one and waits for the other: a reading
 * that was heard is never thrown away.
 *
 * @param over called when the patrol turns out to have ended elsewhere.
 */
internal class Recording(
    scope: CoroutineScope,
    readings: Flow<Fix>,
    val track: TrackWriter,
    private val over: () -> Unit,
) {
    private val heard = Channel<Fix>(Channel.UNLIMITED)
    private val listening: Job = scope.launch { readings.collect(heard::send) }
    private val writing: Job = scope.launch {
        for (fix in heard) {
            track.add(fix)
            if (track.ended) break
        }
        if (track.ended) stopAsOver()
    }

    /** Listens no more, and returns when what was heard is on the disk. Whether it is: else it waits in the track. */
    suspend fun end(): Boolean {
        listening.cancelAndJoin()
        heard.close()
        writing.join()
        return track.write()
    }

    private fun stopAsOver() {
        listening.cancel()
        heard.close()
        over()
    }
}
