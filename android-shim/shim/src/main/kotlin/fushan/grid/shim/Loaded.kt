package fushan.grid.shim

import fushan.grid.core.Told

/** What a screen shows: nothing yet, a value, or why there is none. */
sealed interface Loaded<out T> {
    /** Not read yet. */
    data object Waiting : Loaded<Nothing>

    /** Read. */
    data class Here<T>(val value: T) : Loaded<T>

    /** Could not be read. */
    data class Trouble(val told: Told) : Loaded<Nothing>
}
