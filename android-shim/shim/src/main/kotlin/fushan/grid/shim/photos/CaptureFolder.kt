package fushan.grid.shim.photos

import android.content.Context
import android.util.AtomicFile
import java.io.File
import java.io.IOException
import java.security.MessageDigest
import java.util.UUID
import org.json.JSONException

/**
 * Where the camera app puts its photos, one file and one note each, until the vault has them. The folder is the app's own and is not
 * backed up. Whatever lies here when the app starts was taken just before the process died: see [PhotoIntake.waiting].
 */
internal class CaptureFolder(context: Context) {
    private val folder = File(context.applicationContext.noBackupFilesDir, "captures")

    /** A name that no photo has. */
    fun freshName(): String = UUID.randomUUID().toString()

    /** Makes an empty file to take a photo into, with a note of what it belongs to. */
    fun prepare(place: PhotoPlace, name: String = freshName()): String {
        folder.mkdirs()
        note(name, place)
        photo(name).createNewFile()
        return name
    }

    /** Writes down what a photo belongs to. */
    fun note(name: String, place: PhotoPlace) {
        val note = AtomicFile(note(name))
        val out = note.startWrite()
        try {
            out.write(PhotoPlace.write(place).toByteArray())
            note.finishWrite(out)
        } catch (failed: IOException) {
            note.failWrite(out)
            throw failed
        }
    }

    fun photo(name: String) = File(folder, "$name.jpg")

    /** SHA-256 of a photo in hexadecimal digits, read in pieces. */
    fun digest(name: String): String {
        val digest = MessageDigest.getInstance("SHA-256")
        photo(name).inputStream().use { stream ->
            val piece = ByteArray(PIECE)
            generateSequence { stream.read(piece).takeIf { it > 0 } }.forEach { digest.update(piece, 0, it) }
        }
        return digest.digest().joinToString("") { "%02x".format(it) }
    }

    /** What a photo belongs to; a note that tells nothing is an error, and photo and note stay. */
    fun placeOf(name: String): PhotoPlace = try {
        PhotoPlace.read(String(AtomicFile(note(name)).readFully()))
    } catch (unreadable: JSONException) {
        throw IOException("note", unreadable)
    }

    /** Photos that are there, the oldest first; without those that the camera app never wrote. */
    fun taken(): List<String> = names().filter { photo(it).length() > 0 }.sortedBy { photo(it).lastModified() }

    /** Drops what was prepared and never written, but for what a camera may still write. */
    fun dropEmpty(but: Set<String>) = names().filter { it !in but && photo(it).length() == 0L }.forEach(::drop)

    fun drop(name: String) {
        // the note goes last: a photo without one could not be placed any more
        photo(name).delete()
        note(name).delete()
    }

    /** The file of a name that [prepare] gave out, and nothing else. */
    fun known(name: String): File? = names().firstOrNull { it == name }?.let(::photo)

    private fun note(name: String) = File(folder, "$name.json")

    private fun names() = folder.list().orEmpty().filter { it.endsWith(".json") }.map { it.removeSuffix(".json") }

    private companion object {
        const val PIECE = 64 * 1024
    }
}
