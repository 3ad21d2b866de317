package fushan.grid.shim

import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext
import fushan.grid.core.Engine
import fushan.grid.core.EngineConfig
import fushan.grid.core.GridException
import fushan.grid.core.Host

/**
 * Keeps the one engine of the app: opens it when it is first needed, closes its files when nobody needs them and the app is out of
 * sight, and opens them again.
 *
 * Everything that touches the engine goes through [use], which holds it open. A suspended app with an open file may be killed by the
 * system, so work in the background (a job, a patrol) holds it only as long as it works.
 */
class EngineKeeper(
    private val config: EngineConfig,
    private val host: Host,
    private val io: CoroutineDispatcher = Dispatchers.IO,
) {
    private val gate = Mutex()
    private val states = MutableStateFlow<EngineState>(EngineState.Shut)
    private var engine: Engine? = null
    private var suspended = false
    private var inSight = false
    private var holders = 0

    /** How the engine stands. */
    val state: StateFlow<EngineState> = states.asStateFlow()

    /** Opens the engine if it is not open, and tells how it stands. Never throws for what the engine says. */
    suspend fun open(): EngineState {
        try {
            use { }
        } catch (_: GridException) {
            // the state tells
        }
        return states.value
    }

    /** Runs work with the open engine, away from the drawing thread. Throws what opening or the work throws. */
    suspend fun <T> use(work: suspend (Engine) -> T): T = withContext(io) {
        val held = gate.withLock { hold() }
        try {
            work(held)
        } finally {
            withContext(NonCancellable) { gate.withLock { release() } }
        }
    }

    /** The app has come into sight, or gone out of it. Never throws for what the engine says: the state tells. */
    suspend fun inSight(now: Boolean) = withContext(io + NonCancellable) {
        gate.withLock {
            inSight = now
            try {
                if (now) resume() else rest()
            } catch (_: GridException) {
                // the state tells
            }
        }
    }

    /** Whether the files are closed because nobody needs them. */
    suspend fun isSuspended(): Boolean = gate.withLock { suspended }

    /** Closes for good, at the end of a test or before the app wipes its folder. */
    suspend fun shutDown() = withContext(io + NonCancellable) {
        gate.withLock {
            engine?.run {
                shutDown()
                close()
            }
            engine = null
            suspended = false
            states.value = EngineState.Shut
        }
    }

    private suspend fun hold(): Engine {
        val open = engine ?: opened()
        resume()
        if (states.value !is EngineState.Ready) states.value = EngineState.Ready(open.opened())
        holders += 1
        return open
    }

    private fun release() {
        holders -= 1
        rest()
    }

    private suspend fun opened(): Engine {
        states.value = EngineState.Opening
        try {
            val fresh = Engine.open(config, host)
            engine = fresh
            states.value = EngineState.Ready(fresh.opened())
            return fresh
        } catch (cancelled: CancellationException) {
            states.value = EngineState.Shut
            throw cancelled
        } catch (error: GridException) {
            states.value = stateOf(error)
            throw error
        }
    }

    private fun resume() {
        if (!suspended) return
        try {
            engine?.resume()
        } catch (error: GridException) {
            states.value = stateOf(error)
            throw error
        }
        suspended = false
    }

    private fun rest() {
        val open = engine ?: return
        if (suspended || inSight || holders > 0) return
        try {
            open.suspend()
            suspended = true
        } catch (error: GridException) {
            // the work before it is done; the next use sets the state right
            states.value = stateOf(error)
        }
    }

    private fun stateOf(error: GridException): EngineState = when {
        error.about.code == "key_missing" -> EngineState.KeyLost(error.about)
        error is GridException.Locked -> EngineState.Locked(error.about)
        else -> EngineState.Failed(error.about)
    }
}
