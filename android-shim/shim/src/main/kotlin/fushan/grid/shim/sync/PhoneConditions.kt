package fushan.grid.shim.sync

import android.content.Context
import android.net.ConnectivityManager
import android.net.Network as SystemNetwork
import android.net.NetworkCapabilities
import android.os.BatteryManager
import kotlinx.coroutines.channels.awaitClose
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.callbackFlow
import kotlinx.coroutines.flow.conflate
import kotlinx.coroutines.flow.distinctUntilChanged
import fushan.grid.core.Conditions
import fushan.grid.core.ConditionsSource
import fushan.grid.core.Network

/** Tells network and battery as they are now, and when the network comes and goes. The engine decides what they mean. */
class PhoneConditions(context: Context) : ConditionsSource {
    private val networks = context.applicationContext.getSystemService(ConnectivityManager::class.java)
    private val battery = context.applicationContext.getSystemService(BatteryManager::class.java)

    override fun now(): Conditions = Conditions(network = network(), battery = percent(), charging = battery.isCharging)

    /** Whether there is a network that reaches further than the next room. It may still lead to a log-in page. */
    fun online(): Boolean = capabilities()?.hasCapability(NetworkCapabilities.NET_CAPABILITY_INTERNET) == true

    /** [online] now and whenever it changes. */
    fun onlineFlow(): Flow<Boolean> = callbackFlow {
        val callback = object : ConnectivityManager.NetworkCallback() {
            override fun onAvailable(network: SystemNetwork) = tell(true)
            override fun onLost(network: SystemNetwork) = tell(false)
            private fun tell(online: Boolean) {
                trySend(online)
            }
        }
        trySend(online())
        networks.registerDefaultNetworkCallback(callback)
        awaitClose { networks.unregisterNetworkCallback(callback) }
    }.conflate().distinctUntilChanged()

    private fun capabilities() = networks.getNetworkCapabilities(networks.activeNetwork)

    /** Without a network it costs nothing; what costs nobody knows counts as paid. */
    private fun network(): Network {
        val capabilities = capabilities() ?: return Network.UNMETERED
        val roams = !capabilities.hasCapability(NetworkCapabilities.NET_CAPABILITY_NOT_ROAMING)
        return when {
            capabilities.hasCapability(NetworkCapabilities.NET_CAPABILITY_NOT_METERED) -> Network.UNMETERED
            roams && capabilities.hasTransport(NetworkCapabilities.TRANSPORT_CELLULAR) -> Network.ROAMING
            else -> Network.METERED
        }
    }

    private fun percent(): UByte? =
        battery.getIntProperty(BatteryManager.BATTERY_PROPERTY_CAPACITY).takeIf { it in 1..100 }?.toUByte()
}
