package fushan.grid.shim.sync

import fushan.grid.core.Engine
import fushan.grid.core.GridException
import fushan.grid.core.SyncBudget
import fushan.grid.core.SyncHandle
import fushan.grid.core.SyncObserver
import fushan.grid.core.SyncOutcome
import fushan.grid.core.SyncProgress
import fushan.grid.core.SyncReport
import fushan.grid.core.SyncTrigger
import fushan.grid.shim.ChangeBell
import fushan.grid.shim.EngineKeeper
import fushan.grid.shim.about
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.withContext

/** Runs settlements and tells where they are. Cancelling the coroutine cancels the settlement; what is committed stays. */
class SyncRunner(private val keeper: EngineKeeper, private val bell: ChangeBell) {
    private val states = MutableStateFlow<SyncState>(SyncState.Idle)

    /** Where the settlement is. */
    val state: StateFlow<SyncState> = states.asStateFlow()

    /**
     * Settles with the platform and waits for the end.
     *
     * @param trigger why; the engine itself decides whether a wait is over.
     * @param maxMs most time; what is not done then the next run does.
     */
    suspend fun run(trigger: SyncTrigger, maxMs: Long): SyncReport = try {
        keeper.use { engine -> settle(engine, SyncBudget(maxMs = maxMs.toULong(), trigger = trigger)) }.also(::ended)
    } catch (error: GridException) {
        states.value = SyncState.Failed(error.about)
        throw error
    } finally {
        bell.ring()
    }

    private suspend fun settle(engine: Engine, budget: SyncBudget): SyncReport {
        val steps = Steps()
        return engine.syncStart(budget, steps).use { run ->
            try {
                run.wait()
            } catch (cancelled: CancellationException) {
                stop(run, steps)
                throw cancelled
            } finally {
                steps.end()
            }
        }
    }

    /** The engine is let go of only when the run has ended, so that its files can be closed. */
    private suspend fun stop(run: SyncHandle, steps: Steps) = withContext(NonCancellable) {
        run.cancel()
        try {
            val report = run.wait()
            steps.end()
            ended(report)
        } catch (error: GridException) {
            steps.end()
            states.value = SyncState.Failed(error.about)
        }
    }

    /** A run that found another one under way says nothing new. */
    private fun ended(report: SyncReport) {
        if (report.outcome != SyncOutcome.Busy) states.value = SyncState.Ended(report)
    }

    /** The steps of one run. One that comes late, after the end, is no news. */
    private inner class Steps : SyncObserver {
        private var over = false

        @Synchronized
        override fun progress(progress: SyncProgress) {
            if (!over) states.value = SyncState.Running(progress)
        }

        @Synchronized
        fun end() {
            over = true
        }
    }
}
