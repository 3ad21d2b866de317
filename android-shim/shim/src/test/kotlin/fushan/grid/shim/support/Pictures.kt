package fushan.grid.shim.support

import android.graphics.Bitmap
import android.graphics.Canvas
import android.graphics.Color
import android.graphics.Paint
import java.io.ByteArrayOutputStream

/** Pictures that a camera might take: each number gives another one. */
object Pictures {
    fun jpeg(number: Int, width: Int = 400, height: Int = 300): ByteArray {
        val picture = Bitmap.createBitmap(width, height, Bitmap.Config.ARGB_8888)
        val canvas = Canvas(picture).apply { scale(width / 800f, height / 600f) }
        canvas.drawColor(Color.rgb(120 + number * 7 % 100, 140, 150))
        val paint = Paint().apply { color = Color.rgb(60, 90 + number * 31 % 150, 70) }
        for (i in 0 until 12) canvas.drawRect(i * 60f, (i * 37 + number * 53) % 400f, i * 60f + 50, 560f, paint)
        paint.color = Color.rgb(200, 60, 40)
        canvas.drawCircle(90f + number * 97 % 600, 150f, 70f, paint)
        return ByteArrayOutputStream().also { picture.compress(Bitmap.CompressFormat.JPEG, 90, it) }.toByteArray()
    }
}
