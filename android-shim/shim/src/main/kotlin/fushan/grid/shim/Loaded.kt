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

/** The same with another value. */
fun <T, R> Loaded<T>.map(other: (T) -> R): Loaded<R> = when (this) {
    is Loaded.Here -> Loaded.Here(other(value))
    is Loaded.Trouble -> this
    Loaded.Waiting -> Loaded.Waiting
}
