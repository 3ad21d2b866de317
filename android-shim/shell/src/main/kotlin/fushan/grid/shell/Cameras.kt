package fushan.grid.shell

import android.app.Activity
import android.content.Intent
import android.net.Uri
import android.os.Bundle
import fushan.grid.shim.Grid
import fushan.grid.shim.photos.PhotoPlace
import kotlinx.coroutines.CancellationException

/** The way to the camera app and the picker and back, also when the process died on it. */
class Cameras(private val activity: Activity, private val grid: Grid) {
    private var capture: String? = null
    private var picking: PhotoPlace? = null

    /** Opens the camera app. */
    suspend fun photograph(place: PhotoPlace) {
        val prepared = grid.photos.capture(place)
        capture = prepared.name
        try {
            @Suppress("DEPRECATION")
            activity.startActivityForResult(prepared.intent, CAMERA)
        } catch (none: RuntimeException) {
            capture = null
            grid.photos.drop(prepared.name)
            throw none
        }
    }

    /** Opens the picker. */
    fun pick(place: PhotoPlace) {
        picking = place
        val intent = Intent(Intent.ACTION_OPEN_DOCUMENT).addCategory(Intent.CATEGORY_OPENABLE).setType("image/*")
        @Suppress("DEPRECATION")
        activity.startActivityForResult(intent, PICKER)
    }

    /** Camera or picker have answered. */
    suspend fun answered(request: Int, uri: Uri?) {
        when (request) {
            CAMERA -> captured(capture ?: return)
            PICKER -> picked(uri)
            else -> return
        }
        grid.bell.ring()
    }

    private suspend fun captured(name: String) {
        try {
            grid.photos.takeCaptured(name)
        } finally {
            // what failed is found again at the next start
            capture = null
        }
    }

    private suspend fun picked(uri: Uri?) {
        val place = picking
        picking = null
        if (uri != null && place != null) grid.photos.takePicked(uri, place)
    }

    /** Takes in what was taken just before the process died. What fails stays for the next start, and is told. */
    suspend fun takeWaiting(failed: (Exception) -> Unit) {
        grid.photos.tidy(capture)
        for (name in grid.photos.waiting().filter { it != capture }) {
            try {
                grid.photos.takeCaptured(name)
                grid.bell.ring()
            } catch (cancelled: CancellationException) {
                throw cancelled
            } catch (error: Exception) {
                failed(error)
            }
        }
    }

    fun save(state: Bundle) {
        state.putString(CAPTURE, capture)
        state.putString(PICKING, picking?.let(PhotoPlace::write))
    }

    fun restore(state: Bundle?) {
        capture = state?.getString(CAPTURE)
        picking = state?.getString(PICKING)?.let(PhotoPlace::read)
    }

    private companion object {
        const val CAMERA = 11
        const val PICKER = 12
        const val CAPTURE = "capture"
        const val PICKING = "picking"
    }
}
