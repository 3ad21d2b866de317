package fushan.grid.shim.keys

import android.security.keystore.KeyPermanentlyInvalidatedException
import javax.crypto.AEADBadTagException
import fushan.grid.core.HostException

/**
 * Runs work on the key store and tells the engine why it failed. What may pass is [HostException.Unavailable]: the engine leaves every
 * file as it is and opening can be tried again. Only what is gone for good is [HostException.Missing].
 */
internal fun <T> hostCall(work: () -> T): T = try {
    work()
} catch (told: HostException) {
    throw told
} catch (gone: KeyPermanentlyInvalidatedException) {
    throw HostTrouble.missing(gone)
} catch (wrong: AEADBadTagException) {
    throw HostTrouble.wrong(wrong)
} catch (failed: Exception) {
    // a locked phone, a busy key store daemon, an entry that cannot be read now
    throw HostTrouble.unavailable(failed)
}
