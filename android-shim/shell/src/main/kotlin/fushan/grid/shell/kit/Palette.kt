package fushan.grid.shell.kit

import android.content.Context
import android.content.res.Configuration

/** The colours of the app by day and by night. Texts stand at least 4.5 to 1 on their ground; no meaning is told by colour alone. */
class Palette private constructor(
    val ground: Int,
    val surface: Int,
    val text: Int,
    val quiet: Int,
    val line: Int,
    val accent: Int,
    val onAccent: Int,
    val accentSoft: Int,
    val danger: Int,
    val dangerSoft: Int,
    val warn: Int,
    val warnSoft: Int,
) {
    /** Whether these are the colours of the night. */
    val isNight: Boolean get() = this === night

    companion object {
        private val day = Palette(
            ground = 0xFFF3F5F2.toInt(), surface = 0xFFFFFFFF.toInt(), text = 0xFF18201C.toInt(), quiet = 0xFF525E57.toInt(),
            line = 0xFFC9D1CB.toInt(), accent = 0xFF0A6349.toInt(), onAccent = 0xFFFFFFFF.toInt(), accentSoft = 0xFFDCEFE6.toInt(),
            danger = 0xFFA61B14.toInt(), dangerSoft = 0xFFFCE4E1.toInt(), warn = 0xFF7A4B00.toInt(), warnSoft = 0xFFFFF0D2.toInt(),
        )
        private val night = Palette(
            ground = 0xFF0E1311.toInt(), surface = 0xFF1A211E.toInt(), text = 0xFFE8EEEA.toInt(), quiet = 0xFFAEBAB3.toInt(),
            line = 0xFF3C4741.toInt(), accent = 0xFF74D6B2.toInt(), onAccent = 0xFF00291E.toInt(), accentSoft = 0xFF123B2E.toInt(),
            danger = 0xFFFFB4AB.toInt(), dangerSoft = 0xFF4A1513.toInt(), warn = 0xFFF3C56E.toInt(), warnSoft = 0xFF402D05.toInt(),
        )

        /** The colours that the phone's setting asks for. */
        fun of(context: Context): Palette {
            val mode = context.resources.configuration.uiMode and Configuration.UI_MODE_NIGHT_MASK
            return if (mode == Configuration.UI_MODE_NIGHT_YES) night else day
        }
    }
}
