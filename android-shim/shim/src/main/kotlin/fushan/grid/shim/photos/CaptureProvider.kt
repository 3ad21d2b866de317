package fushan.grid.shim.photos

import android.content.ContentProvider
import android.content.ContentValues
import android.content.Context
import android.database.Cursor
import android.net.Uri
import android.os.ParcelFileDescriptor
import java.io.FileNotFoundException

/**
 * Lets the camera app write one photo into one prepared file. It is not exported: the camera app gets its right with the intent, for
 * that file only. It lists nothing and gives nothing else out.
 */
class CaptureProvider : ContentProvider() {
    override fun onCreate(): Boolean = true

    override fun openFile(uri: Uri, mode: String): ParcelFileDescriptor {
        val name = uri.lastPathSegment?.removeSuffix(".jpg")
        val file = name?.let { CaptureFolder(here()).known(it) } ?: throw FileNotFoundException("no such capture")
        return ParcelFileDescriptor.open(file, ParcelFileDescriptor.parseMode(mode))
    }

    override fun getType(uri: Uri): String = "image/jpeg"

    override fun query(uri: Uri, columns: Array<out String>?, s: String?, a: Array<out String>?, o: String?): Cursor? = null

    override fun insert(uri: Uri, values: ContentValues?): Uri? = null

    override fun delete(uri: Uri, selection: String?, args: Array<out String>?): Int = 0

    override fun update(uri: Uri, values: ContentValues?, selection: String?, args: Array<out String>?): Int = 0

    private fun here(): Context = checkNotNull(context) { "not attached" }

    companion object {
        /** The address of a prepared file, as the manifest's authority has it. */
        internal fun uriOf(context: Context, name: String): Uri =
            Uri.Builder().scheme("content").authority("${context.packageName}.fushan.captures").appendPath("$name.jpg").build()
    }
}
