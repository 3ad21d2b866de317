package fushan.grid.shell.kit

import android.content.res.ColorStateList
import android.graphics.drawable.Drawable
import android.graphics.drawable.GradientDrawable
import android.graphics.drawable.RippleDrawable

/** Grounds of cards and buttons. */
class Shapes(private val kit: Kit) {
    /** A round ground. */
    fun round(colour: Int, radius: Int): GradientDrawable = GradientDrawable().apply {
        setColor(colour)
        cornerRadius = kit.dp(radius).toFloat()
    }

    /** A round ground with a line around it. */
    fun bordered(colour: Int, line: Int, radius: Int, width: Int = 1): GradientDrawable =
        round(colour, radius).apply { setStroke(kit.dp(width), line) }

    /** The same, answering to touch. */
    fun touchable(ground: GradientDrawable): Drawable =
        RippleDrawable(ColorStateList.valueOf(kit.palette.quiet and 0x00FFFFFF or 0x33000000), ground, null)
}
