package fushan.grid.shell

import android.Manifest
import android.app.Activity
import android.content.Intent
import android.content.pm.PackageManager
import android.net.Uri
import android.os.Build
import android.os.Bundle
import android.provider.Settings
import android.view.WindowManager
import fushan.grid.core.GridException
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
    private val working = HashSet<String>()

    override fun onCreate(state: Bundle?) {
        setTheme(if (kit.palette.isNight) android.R.style.Theme_DeviceDefault_NoActionBar else android.R.style.Theme_DeviceDefault_Light_NoActionBar)
        super.onCreate(state)
        // no pictures of residents' data in the list of recent apps, nor in screenshots
        window.setFlags(WindowManager.LayoutParams.FLAG_SECURE, WindowManager.LayoutParams.FLAG_SECURE)
        setContentView(frame.view)
        cameras.restore(state)
        val place = state?.getString(PLACE)?.let(Place::valueOf) ?: Place.TODAY
        act { begin(place, state?.getString(STACK)) }
        if (state == null) askAtFirst()
    }

    /** What can be shown depends on how the engine stands. */
    private suspend fun begin(place: Place, above: String? = null) {
        val state = grid.keeper.open()
        when {
            state !is EngineState.Ready -> replace(StateScreen(this, state) { act { begin(place) } })
            !enrolled() -> replace(EnrolScreen(this))
            else -> {
                place(place)
                above?.let { Places.again(it, this) }.orEmpty().forEach(::open)
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
        state.putString(STACK, Places.written(stack))
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

    override fun once(work: suspend () -> Unit) = once("work", work)

    private fun once(what: String, work: suspend () -> Unit) {
        if (!working.add(what)) return
        act {
            try {
                work()
            } finally {
                working -= what
            }
        }
    }

    override fun photograph(place: PhotoPlace) = once("photo") { cameras.photograph(place) }

    override fun pick(place: PhotoPlace) = once("photo") { cameras.pick(place) }

    @Deprecated("The callback that replaces it is a library's")
    public override fun onActivityResult(request: Int, result: Int, data: Intent?) {
        act { cameras.answered(request, data?.data.takeIf { result == RESULT_OK }) }
    }

    override fun askForPlace() {
        if (grid.location.exactly()) return startActivity(Intent(Settings.ACTION_LOCATION_SOURCE_SETTINGS))
        if (shouldShowRequestPermissionRationale(PLACE_RIGHTS.first())) return requestPermissions(PLACE_RIGHTS, 1)
        // refused for good, or never asked: only the settings tell them apart
        startActivity(Intent(Settings.ACTION_APPLICATION_DETAILS_SETTINGS, Uri.fromParts("package", packageName, null)))
    }

    override fun onRequestPermissionsResult(request: Int, permissions: Array<out String>, results: IntArray) {
        super.onRequestPermissionsResult(request, permissions, results)
        stack.lastOrNull()?.let {
            it.hide()
            if (inSight) it.show()
        }
    }

    /** Asked once, when the app begins; a screen that needs the place says so and asks again. */
    private fun askAtFirst() {
        val notices = if (Build.VERSION.SDK_INT >= 33) arrayOf(Manifest.permission.POST_NOTIFICATIONS) else emptyArray()
        val wanted = (PLACE_RIGHTS + notices).filter { checkSelfPermission(it) != PackageManager.PERMISSION_GRANTED }
        if (wanted.isNotEmpty()) requestPermissions(wanted.toTypedArray(), 1)
    }

    private companion object {
        const val PLACE = "place"
        const val STACK = "stack"

        /** Both at once: asked for the exact place alone, Android 12 and later do not ask at all. */
        val PLACE_RIGHTS = arrayOf(Manifest.permission.ACCESS_FINE_LOCATION, Manifest.permission.ACCESS_COARSE_LOCATION)
    }
}
