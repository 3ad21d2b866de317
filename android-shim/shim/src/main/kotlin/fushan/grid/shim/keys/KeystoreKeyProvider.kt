package fushan.grid.shim.keys

import android.content.Context
import fushan.grid.core.HostException
import fushan.grid.core.KeyProvider

/**
 * Wraps the key of the database with an AES key of the phone's key store, in StrongBox where there is one.
 *
 * The key survives reboots and updates. It does not survive a restore to another phone, and that is a named state: unwrapping then
 * fails with [HostException.Missing], opening with the code `key_missing`, and [fushan.grid.shim.EngineState.KeyLost] tells the app.
 * Nothing is made anew in its place, since that would hide the loss.
 *
 * @param alias name of the wrapping key; the database remembers it.
 */
class KeystoreKeyProvider(context: Context, private val alias: String = "fushan.database.1") : KeyProvider {
    private val keys = Keystore(context.applicationContext)

    override fun keyId(): String = alias

    override fun wrap(key: ByteArray): ByteArray = hostCall {
        if (!keys.has(alias)) keys.makeSecret(alias)
        SealedBytes.seal(wrapping(), key)
    }

    override fun unwrap(wrapped: ByteArray): ByteArray = hostCall { SealedBytes.open(wrapping(), wrapped) }

    private fun wrapping() = keys.secret(alias) ?: throw HostTrouble.missing()
}
