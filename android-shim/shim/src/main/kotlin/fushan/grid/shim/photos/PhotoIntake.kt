package fushan.grid.shim.photos

import android.content.ClipData
import android.content.Context
import android.content.Intent
import android.graphics.Bitmap
import android.net.Uri
import android.os.Build
import android.provider.MediaStore
import android.provider.Settings
import fushan.grid.core.Engine
import fushan.grid.core.LocationSource
import fushan.grid.core.PhotoContext
import fushan.grid.core.PhotoSource
import fushan.grid.core.TakenPhoto
import fushan.grid.shim.EngineKeeper
import java.io.FileNotFoundException
import java.io.IOException
import java.util.concurrent.ConcurrentHashMap

/** A photo that the camera app is to take: start [intent], then hand [name] to [PhotoIntake.takeCaptured]. */
class Capture(val name: String, val intent: Intent)

/**
 * Takes photos into the vault, from the camera app, the picker, or the app's own camera view. They are streamed: from the file by the
 * engine itself, from other apps in pieces of 64 kilobytes.
 *
 * A photo of the phone's camera app is told as what it is, an import with the signal `system_camera`: which app answered the intent
 * nobody can vouch for. Only an app's own camera view is [PhotoSource.APP_CAMERA].
 */
class PhotoIntake(context: Context, private val keeper: EngineKeeper, private val location: LocationSource) {
    private val context = context.applicationContext
    private val folder = CaptureFolder(context)
    private val prepared = ConcurrentHashMap.newKeySet<String>()

    /** Prepares a photo by the phone's camera app. Fails before the camera opens when it could not be kept safely (`no_space`). */
    suspend fun capture(place: PhotoPlace): Capture {
        keeper.use { it.photoRoom(USUAL_BYTES) }
        // known before it lies there: what tidies up at the start may run beside this
        val name = folder.freshName().also(prepared::add)
        folder.prepare(place, name)
        val uri = CaptureProvider.uriOf(context, name)
        val intent = Intent(MediaStore.ACTION_IMAGE_CAPTURE).putExtra(MediaStore.EXTRA_OUTPUT, uri)
        intent.clipData = ClipData.newRawUri("", uri)
        intent.addFlags(Intent.FLAG_GRANT_WRITE_URI_PERMISSION or Intent.FLAG_GRANT_READ_URI_PERMISSION)
        return Capture(name, intent)
    }

    /**
     * Takes in what the camera app has written; nothing when the worker left it without a photo, or when it is there already. The plain
     * file is deleted then.
     */
    suspend fun takeCaptured(name: String): TakenPhoto? {
        if (folder.known(name) == null) return null
        val place = folder.placeOf(name)
        if (folder.photo(name).length() == 0L) {
            folder.drop(name)
            return null
        }
        // only the first try is at the place and the time of the shutter
        val now = prepared.remove(name)
        val known = !now && attachedBefore(name, place)
        val taken = if (known) null else keeper.use { it.fromFile(place, folder.photo(name).path, aboutCaptured(place, now)) }
        folder.drop(name)
        return taken
    }

    /** Whether an earlier try took it in and the process died before it could delete the plain file. */
    private suspend fun attachedBefore(name: String, place: PhotoPlace): Boolean {
        val sha256 = folder.digest(name)
        return keeper.use { sha256 in it.record(place.subject).bodyJson }
    }

    /** Photos that were taken and not taken in, since the process died in between: hand each to [takeCaptured]. */
    fun waiting(): List<String> = folder.taken()

    /** What a photo that waits belongs to; nothing when its note tells nothing. */
    fun placeOf(name: String): PhotoPlace? = try {
        folder.placeOf(name)
    } catch (_: IOException) {
        null
    }

    /** Gives a photo that waits to something else, where what it was taken for takes it no more, and takes it in. */
    suspend fun takeFor(name: String, place: PhotoPlace): TakenPhoto? {
        if (folder.known(name) == null) return null
        folder.note(name, place)
        return takeCaptured(name)
    }

    /** A small picture of a photo that waits; nothing when it is none. */
    fun preview(name: String): Bitmap? = folder.known(name)?.let { Previews.of(it) }

    /** Throws a photo that waits away: the worker was asked, or no camera was there to take it. */
    fun drop(name: String) {
        prepared -= name
        if (folder.known(name) != null) folder.drop(name)
    }

    /** Forgets what earlier processes prepared for cameras that took no photo, but for the one that is open now. */
    fun tidy(open: String?) = folder.dropEmpty(prepared + setOfNotNull(open))

    /**
     * What is told of a photo by the camera app. Where the phone stands is where it was taken only when the camera has just come back;
     * taken in later, a photo says nothing of its place but what its own bytes say.
     */
    private fun aboutCaptured(place: PhotoPlace, now: Boolean): PhotoContext {
        val signals = signals() + "system_camera" + if (now) emptyList() else listOf("taken_in_later")
        return about(place, PhotoSource.IMPORT).copy(fix = if (now) location.lastFix() else null, signals = signals)
    }

    /** Takes in a picture that the worker picked. Its bytes are read once and never lie in a file of ours unencrypted. */
    suspend fun takePicked(uri: Uri, place: PhotoPlace): TakenPhoto {
        val stream = context.contentResolver.openInputStream(uri) ?: throw FileNotFoundException("picked")
        return StreamBytes(stream).use { bytes ->
            val about = about(place, PhotoSource.GALLERY)
            keeper.use { engine ->
                when (place) {
                    is PhotoPlace.OfRecord -> engine.photoAddStream(place.record, bytes, about)
                    is PhotoPlace.OfItem -> engine.inspectPhotoStream(place.sheet, place.path, bytes, about)
                }
            }
        }
    }

    /**
     * Takes in a file of the app's own camera view.
     *
     * @param sha256 what the camera's own pipeline hashed, 64 hexadecimal digits: other bytes are refused.
     */
    suspend fun takeOwn(path: String, place: PhotoPlace, sha256: String? = null): TakenPhoto {
        val about = about(place, PhotoSource.APP_CAMERA).copy(cameraSha256 = sha256)
        return keeper.use { it.fromFile(place, path, about) }
    }

    private suspend fun Engine.fromFile(place: PhotoPlace, path: String, about: PhotoContext) = when (place) {
        is PhotoPlace.OfRecord -> photoAddFile(place.record, path, about)
        is PhotoPlace.OfItem -> inspectPhotoFile(place.sheet, place.path, path, about)
    }

    private fun about(place: PhotoPlace, source: PhotoSource) = PhotoContext(
        role = place.role,
        source = source,
        app = context.packageName,
        os = "Android ${Build.VERSION.RELEASE}",
        model = "${Build.MANUFACTURER} ${Build.MODEL}",
        signals = signals(),
    )

    private fun signals(): List<String> {
        val on = Settings.Global.getInt(context.contentResolver, Settings.Global.DEVELOPMENT_SETTINGS_ENABLED, 0) != 0
        return listOf(if (on) "dev_options_on" else "dev_options_off")
    }

    private companion object {
        /** What a photo of a good phone takes, in bytes. */
        const val USUAL_BYTES = 12_000_000uL
    }
}
