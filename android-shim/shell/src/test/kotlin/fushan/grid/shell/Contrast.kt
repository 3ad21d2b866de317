package fushan.grid.shell

import android.graphics.Color
import kotlin.math.max
import kotlin.math.min
import kotlin.math.pow

/** Contrast of two colours as WCAG 2 defines it, from 1 to 21. */
object Contrast {
    fun of(one: Int, other: Int): Double = (max(light(one), light(other)) + 0.05) / (min(light(one), light(other)) + 0.05)

    private fun light(colour: Int): Double = 0.2126 * part(Color.red(colour)) + 0.7152 * part(Color.green(colour)) + 0.0722 * part(Color.blue(colour))

    private fun part(value: Int): Double = (value / 255.0).let { if (it <= 0.04045) it / 12.92 else ((it + 0.055) / 1.055).pow(2.4) }
}
