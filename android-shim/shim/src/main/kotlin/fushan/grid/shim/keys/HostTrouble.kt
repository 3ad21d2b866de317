package fushan.grid.shim.keys

import fushan.grid.core.HostException

/** Why the phone did not do what the engine asked for; the cause stays with it for a log, and carries no secret. */
internal object HostTrouble {
    /** Gone for good. */
    fun missing(cause: Exception? = null): HostException = HostException.Missing().also { it.initCause(cause) }

    /** What was given does not fit. */
    fun wrong(cause: Exception? = null): HostException = HostException.Wrong().also { it.initCause(cause) }

    /** Not now. */
    fun unavailable(cause: Exception? = null): HostException = HostException.Unavailable().also { it.initCause(cause) }

    /** Anything else. */
    fun failed(cause: Exception): HostException = HostException.Failed().also { it.initCause(cause) }
}
