package fushan.grid.shell.kit

import android.graphics.BitmapFactory
import android.view.View
import android.widget.HorizontalScrollView
import android.widget.ImageView
import android.widget.LinearLayout
import fushan.grid.core.PhotoRef
import fushan.grid.shell.Shell

/** Small pictures of photos, each with its name for TalkBack. */
class PhotoStrip(private val shell: Shell) {
    private val kit get() = shell.kit

    /** The strip, or a word where there is no photo. */
    fun of(photos: List<PhotoRef>): View {
        if (photos.isEmpty()) return kit.quiet(kit.say("还没有照片", "No photos yet"))
        val line = LinearLayout(kit.context)
        photos.forEachIndexed { index, photo -> line.addView(small(photo, index + 1), place()) }
        return HorizontalScrollView(kit.context).apply {
            addView(line)
            isHorizontalScrollBarEnabled = false
        }
    }

    private fun place() = LinearLayout.LayoutParams(kit.dp(112), kit.dp(84)).apply { rightMargin = kit.dp(8) }

    private fun small(photo: PhotoRef, number: Int): View = ImageView(kit.context).apply {
        contentDescription = kit.say("照片 $number：", "Photo $number: ") + roleWords(photo.role)
        scaleType = ImageView.ScaleType.CENTER_CROP
        background = kit.shapes.round(kit.palette.line, 8)
        clipToOutline = true
        shell.act {
            val jpeg = shell.grid.keeper.use { it.photoThumbnail(photo.sha256) } ?: return@act
            setImageBitmap(BitmapFactory.decodeByteArray(jpeg, 0, jpeg.size))
        }
    }

    private fun roleWords(role: String) = when (role) {
        "near" -> kit.say("近景", "close-up")
        "far" -> kit.say("远景", "wide view")
        "before" -> kit.say("处理前", "before")
        "after" -> kit.say("处理后", "after")
        "reference" -> kit.say("参考", "reference")
        "signature" -> kit.say("签名", "signature")
        "document" -> kit.say("文书", "document")
        else -> role
    }
}
