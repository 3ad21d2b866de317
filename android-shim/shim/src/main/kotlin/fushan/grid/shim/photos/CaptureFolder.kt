package fushan.grid.shim.photos

import android.content.Context
import android.util.AtomicFile
import java.io.File
import java.io.IOException
import java.util.UUID
import org.json.JSONException

/**
 * Where the camera app puts its photos, one file and one note each, until the vault has them. The folder is the app's own and is not
 * backed up. Whatever lies here when the app starts was taken just before the process died: see [PhotoIntake.waiting].
 */
internal class CaptureFolder(context: Context) {
    private val folder = File(context.applicationContext.noBackupFilesDir, "captures")

    /** Makes an empty file to take a photo into, with a note of what it belongs to. */
    fun prepare(place: PhotoPlace): String {
        folder.mkdirs()
        val name = UUID.randomUUID().toString()
        val note = AtomicFile(note(name))
        val out = note.startWrite()
        try {
            out.write(PhotoPlace.write(place).toByteArray())
            note.finishWrite(out)
        } catch (failed: IOException) {
            note.failWrite(out)
            throw failed
        }
        photo(name).createNewFile()
        return name
    }

    fun photo(name: String) = File(folder, "$name.jpg")

    /** What a photo belongs to; a note that tells nothing is an error, and photo and note stay. */
    fun placeOf(name: String): PhotoPlace = try {
        PhotoPlace.read(String(AtomicFile(note(name)).readFully()))
    } catch (unreadable: JSONException) {
        throw IOException("note", unreadable)
    }

    /** Photos that are there, the oldest first; without those that the camera app never wrote. */
    fun taken(): List<String> = names().filter { photo(it).length() > 0 }.sortedBy { photo(it).lastModified() }

    fun drop(name: String) {
        // the note goes last: a photo without one could not be placed any more
        photo(name).delete()
        note(name).delete()
    }

    /** The file of a name that [prepare] gave out, and nothing else. */
    fun known(name: String): File? = names().firstOrNull { it == name }?.let(::photo)

    private fun note(name: String) = File(folder, "$name.json")

    private fun names() = folder.list().orEmpty().filter { it.endsWith(".json") }.map { it.removeSuffix(".json") }
}
