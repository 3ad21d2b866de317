package fushan.grid.shell

import android.Manifest
import android.app.Activity
import android.content.Intent
import android.content.pm.PackageManager
import android.os.Build
import android.os.Bundle
import fushan.grid.core.GridException
import fushan.grid.core.TakenPhoto
import fushan.grid.shell.kit.Kit
import fushan.grid.shell.settle.EnrolScreen
import fushan.grid.shell.settle.StateScreen
import fushan.grid.shim.EngineState
import fushan.grid.shim.Grid
import fushan.grid.shim.GridHost
import fushan.grid.shim.MainThread
import fushan.grid.shim.photos.PhotoPlace
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch

/** The one activity: a stack of screens, the bar at the thumb, and the way to camera and picker. */
class ShellActivity : Activity(), Shell {
    override val grid: Grid by lazy { GridHost.of(this) }
    override val kit: Kit by lazy { Kit(this) }
    private val scope = CoroutineScope(SupervisorJob() + MainThread)
    private val frame by lazy { Frame(kit, ::place, ::back) }
    private val stack = ArrayDeque<Screen>()
    private val cameras by lazy { Cameras(this, grid) }
    private var inSight = false

    override fun onCreate(state: Bundle?) {
        setTheme(if (kit.palette.isNight) android.R.style.Theme_DeviceDefault_NoActionBar else android.R.style.Theme_DeviceDefault_Light_NoActionBar)
        super.onCreate(state)
        setContentView(frame.view)
        cameras.restore(state)
        val place = state?.getString(PLACE)?.let(Place::valueOf) ?: Place.TODAY
        act { begin(place) }
        askForPermissions()
    }

    /** What can be shown depends on how the engine stands. */
    private suspend fun begin(place: Place) {
        val state = grid.keeper.open()
        when {
            state !is EngineState.Ready -> replace(StateScreen(this, state) { act { begin(place) } })
            !enrolled() -> replace(EnrolScreen(this))
            else -> {
                place(place)
                cameras.takeWaiting { tell(kit.wordsOf(it) ?: kit.say("有一张照片没能收进来，还保留在手机里。", "A photo could not be taken in; it is kept on the phone.")) }
            }
        }
    }

    private suspend fun enrolled() = try {
        grid.keeper.use { it.syncStatus().enrolled }
    } catch (_: GridException) {
        false
    }

    override fun onStart() {
        super.onStart()
        inSight = true
        stack.lastOrNull()?.show()
    }

    override fun onStop() {
        inSight = false
        stack.lastOrNull()?.hide()
        super.onStop()
    }

    override fun onDestroy() {
        scope.cancel()
        super.onDestroy()
    }

    override fun onSaveInstanceState(state: Bundle) {
        super.onSaveInstanceState(state)
        state.putString(PLACE, frame.place.name)
        cameras.save(state)
    }

    override fun place(place: Place) {
        frame.place = place
        replace(Places.screen(place, this))
    }

    private fun replace(screen: Screen) {
        stack.lastOrNull()?.hide()
        stack.clear()
        stack.addLast(screen)
        present()
    }

    override fun open(screen: Screen) {
        stack.lastOrNull()?.hide()
        stack.addLast(screen)
        present()
    }

    override fun back() {
        if (stack.size <= 1) return
        stack.removeLast().hide()
        present()
    }

    private fun present() {
        val screen = stack.last()
        frame.show(screen, deep = stack.size > 1, places = screen !is StateScreen && screen !is EnrolScreen)
        if (inSight) screen.show()
    }

    @Deprecated("The callback that replaces it came with Android 13")
    override fun onBackPressed() {
        if (stack.size > 1) back() else finish()
    }

    override fun tell(text: String) = frame.tell(text)

    override fun tell(error: Exception) = tell(kit.wordsOf(error) ?: throw error)

    override fun act(work: suspend () -> Unit) {
        scope.launch {
            try {
                work()
            } catch (error: Exception) {
                tell(error)
            }
        }
    }

    override fun photograph(place: PhotoPlace, taken: (TakenPhoto) -> Unit) = act { cameras.photograph(place, taken) }

    override fun pick(place: PhotoPlace, taken: (TakenPhoto) -> Unit) = act { cameras.pick(place, taken) }

    @Deprecated("The callback that replaces it is a library's")
    override fun onActivityResult(request: Int, result: Int, data: Intent?) {
        act { cameras.answered(request, data?.data.takeIf { result == RESULT_OK }) }
    }

    private fun askForPermissions() {
        val wanted = buildList {
            add(Manifest.permission.ACCESS_FINE_LOCATION)
            if (Build.VERSION.SDK_INT >= 33) add(Manifest.permission.POST_NOTIFICATIONS)
        }.filter { checkSelfPermission(it) != PackageManager.PERMISSION_GRANTED }
        if (wanted.isNotEmpty()) requestPermissions(wanted.toTypedArray(), 1)
    }

    private companion object {
        const val PLACE = "place"
    }
}
