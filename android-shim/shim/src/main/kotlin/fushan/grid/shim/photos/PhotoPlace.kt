package fushan.grid.shim.photos

import org.json.JSONObject

/** What a photo belongs to. It is written down beside a photo that the camera app is still to take. */
sealed interface PhotoPlace {
    /** What it shows: `near`, `far`, `before`, `after`, … */
    val role: String

    /** Id of the record or sheet. */
    val subject: String get() = when (this) {
        is OfRecord -> record
        is OfItem -> sheet
    }

    /** A record: an incident, a person, a place. */
    data class OfRecord(val record: String, override val role: String) : PhotoPlace

    /** An item of a checklist that is being filled in. */
    data class OfItem(val sheet: String, val path: String, override val role: String) : PhotoPlace

    companion object {
        /** As a text, to be kept where a process may die. */
        fun write(place: PhotoPlace): String = when (place) {
            is OfRecord -> JSONObject().put("record", place.record)
            is OfItem -> JSONObject().put("sheet", place.sheet).put("path", place.path)
        }.put("role", place.role).toString()

        /** From such a text; throws [org.json.JSONException] for one that tells nothing. */
        fun read(text: String): PhotoPlace = JSONObject(text).run {
            if (has("record")) OfRecord(getString("record"), getString("role"))
            else OfItem(getString("sheet"), getString("path"), getString("role"))
        }
    }
}
