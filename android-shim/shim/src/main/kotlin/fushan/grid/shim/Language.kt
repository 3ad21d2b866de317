package fushan.grid.shim

import android.content.Context
import fushan.grid.core.Told

/** The two languages of the engine's texts. Chinese is shown unless the phone is set to English. */
enum class Language {
    /** Chinese. */
    ZH,

    /** English. */
    EN;

    /** The text in this language. */
    fun of(zh: String, en: String): String = if (this == ZH) zh else en

    /** What happened, and what to do next, in this language. */
    fun of(told: Told): String = listOfNotNull(
        of(told.zh, told.en),
        if (this == ZH) told.detailZh else told.detailEn,
        of(told.nextZh, told.nextEn).ifEmpty { null },
    ).joinToString("\n")

    companion object {
        /** The phone's language. */
        fun of(context: Context): Language =
            if (context.resources.configuration.locales[0].language == "en") EN else ZH
    }
}
