package fushan.grid.shim

import android.app.Application
import android.content.Context
import android.provider.Settings
import android.util.Log
import fushan.grid.core.Engine
import fushan.grid.core.EngineConfig
import fushan.grid.core.GridException
import fushan.grid.core.Host
import fushan.grid.core.HostException
import fushan.grid.core.LogSink
import fushan.grid.core.SyncTrigger
import fushan.grid.shim.drafts.DraftBox
import fushan.grid.shim.keys.KeystoreKeyProvider
import fushan.grid.shim.keys.KeystoreSigner
import fushan.grid.shim.photos.PhotoIntake
import fushan.grid.shim.place.LocationReader
import fushan.grid.shim.sync.PhoneConditions
import fushan.grid.shim.sync.SyncRunner
import fushan.grid.shim.sync.SyncSchedule
import java.io.File
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineExceptionHandler
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.flow.filter
import kotlinx.coroutines.launch

/**
 * All parts of the shim, put together for one app. Make one in `Application.onCreate`, keep it for the life of the process, and let the
 * application be a [GridHost], so that the job and the patrol find it.
 *
 * @param caPem certificates of the authorities trusted for the platform.
 * @param recoveryKey the district's public recovery key, 32 bytes.
 * @param log where log lines go; they carry nothing about residents.
 */
class Grid(
    private val application: Application,
    caPem: ByteArray? = null,
    recoveryKey: ByteArray? = null,
    log: LogSink? = null,
    io: CoroutineDispatcher = Dispatchers.IO,
) {
    /** Ends with the process. What nobody caught here is noted by its name, since texts may tell of residents, and ends nothing else. */
    val scope = CoroutineScope(
        SupervisorJob() + Dispatchers.Default + CoroutineExceptionHandler { _, error -> Log.e("fushan", error.javaClass.name) },
    )

    /** Rings when something may have changed. */
    val bell = ChangeBell()

    /** Where the phone is. */
    val location = LocationReader(application)

    /** Network and battery. */
    val conditions = PhoneConditions(application)

    /** The evidence key. */
    val signer = KeystoreSigner(application)

    /** The engine. */
    val keeper = EngineKeeper(
        config = EngineConfig(
            dir = File(application.noBackupFilesDir, "grid").path,
            caPem = caPem,
            recoveryKey = recoveryKey,
            bootId = bootId(application),
        ),
        host = Host(
            keys = KeystoreKeyProvider(application),
            signer = signer,
            log = log,
            conditions = conditions,
            location = location,
        ),
        io = io,
    )

    /** Settlements. */
    val sync = SyncRunner(keeper, bell)

    /** The job that settles in the background. */
    val schedule = SyncSchedule(application)

    /** Photos. */
    val photos = PhotoIntake(application, keeper, location)

    /** What was typed and is no record yet. */
    val drafts = DraftBox(application)

    /** View models. */
    val views = GridViews(keeper, bell)

    /** Notifications. */
    val notices = Notices(application)

    /** Begins to watch: screens in sight, network, the regular job. Call it once. */
    fun start() {
        Channels.make(application)
        application.registerActivityLifecycleCallbacks(AppInSight(keeper, scope))
        schedule.regular()
        scope.launch {
            // that it opened shows that the key store answers, and answers for this app
            keeper.state.filter { it is EngineState.Ready }.collect { replaceLostSigner() }
        }
        scope.launch {
            conditions.onlineFlow().filter { it }.collect { settle(SyncTrigger.CONNECTIVITY) }
        }
    }

    /** A write of the app's: rings the bell, and settles soon if there is a network. */
    suspend fun <T> write(work: suspend (Engine) -> T): T {
        val done = keeper.use(work)
        bell.ring()
        schedule.soon(AFTER_WRITE_MS)
        return done
    }

    /** Settles now, as far as the trigger allows; how it ended is in [SyncRunner.state]. */
    suspend fun settle(trigger: SyncTrigger) {
        try {
            schedule.after(sync.run(trigger, IN_SIGHT_MS))
        } catch (_: GridException) {
            // the runner's state tells
        }
    }

    /** A phone whose evidence key has gone would go on unsigned for ever. The next chain of evidence says that the key was lost. */
    private fun replaceLostSigner() {
        try {
            if (signer.startOver()) Log.w("fushan", "evidence key replaced")
        } catch (_: HostException) {
            // tried again when the engine opens next
        }
    }

    private companion object {
        const val AFTER_WRITE_MS = 10_000L
        const val IN_SIGHT_MS = 10 * 60_000L

        /** The kernel's own name of a boot is closed to apps; the count of boots names one as well. */
        fun bootId(context: Context): String? =
            Settings.Global.getInt(context.contentResolver, Settings.Global.BOOT_COUNT, -1).takeIf { it >= 0 }?.let { "boot-$it" }
    }
}

/** The application, which holds the [Grid]. */
interface GridHost {
    /** The parts of the shim. */
    val grid: Grid

    companion object {
        /** The grid of the application that a context belongs to. */
        fun of(context: Context): Grid = (context.applicationContext as? GridHost)?.grid
            ?: error("the application is no GridHost")
    }
}
