package fushan.grid.shim

import fushan.grid.core.GridException
import fushan.grid.core.Told

/** Code and texts of an error, whatever its class. */
val GridException.about: Told
    get() = when (this) {
        is GridException.Invalid -> told
        is GridException.NotFound -> told
        is GridException.Forbidden -> told
        is GridException.Locked -> told
        is GridException.Closed -> told
        is GridException.Platform -> told
        is GridException.Storage -> told
        is GridException.Host -> told
        is GridException.Internal -> told
    }
