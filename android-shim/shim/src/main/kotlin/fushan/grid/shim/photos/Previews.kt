package fushan.grid.shim.photos

import android.graphics.Bitmap
import android.graphics.BitmapFactory
import java.io.File

/** Small pictures of files, read at a fraction of their size: the whole of a camera's picture would take 50 MB of memory. */
internal object Previews {
    /** Longest side of a preview is between this and twice this many pixels. */
    private const val SIDE = 320

    fun of(file: File): Bitmap? {
        val size = BitmapFactory.Options().apply { inJustDecodeBounds = true }
        BitmapFactory.decodeFile(file.path, size)
        val longest = maxOf(size.outWidth, size.outHeight)
        if (longest <= 0) return null
        return BitmapFactory.decodeFile(file.path, BitmapFactory.Options().apply { inSampleSize = fraction(longest) })
    }

    private fun fraction(longest: Int): Int = (longest / SIDE).coerceAtLeast(1).takeHighestOneBit()
}
