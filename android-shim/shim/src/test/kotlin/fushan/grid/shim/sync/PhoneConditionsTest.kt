package fushan.grid.shim.sync

import android.net.ConnectivityManager
import android.net.NetworkCapabilities
import android.os.BatteryManager
import fushan.grid.core.Network
import fushan.grid.shim.support.GridRule
import fushan.grid.shim.support.HostRunner
import fushan.grid.shim.support.await
import java.util.concurrent.CopyOnWriteArrayList
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.ShadowNetworkCapabilities

@RunWith(HostRunner::class)
class PhoneConditionsTest {
    @get:Rule val phone = GridRule()
    private val networks get() = phone.app.getSystemService(ConnectivityManager::class.java)

    private fun network(transport: Int, vararg abilities: Int) {
        val capabilities = ShadowNetworkCapabilities.newInstance()
        shadowOf(capabilities).addTransportType(transport)
        // a fresh one claims more than a network has
        for (each in intArrayOf(NetworkCapabilities.NET_CAPABILITY_NOT_METERED, NetworkCapabilities.NET_CAPABILITY_NOT_ROAMING)) {
            shadowOf(capabilities).removeCapability(each)
        }
        shadowOf(capabilities).addCapability(NetworkCapabilities.NET_CAPABILITY_INTERNET)
        abilities.forEach(shadowOf(capabilities)::addCapability)
        shadowOf(networks).setNetworkCapabilities(networks.activeNetwork, capabilities)
    }

    @Test fun `what costs is told from what does not`() {
        val conditions = PhoneConditions(phone.app)
        network(NetworkCapabilities.TRANSPORT_WIFI, NetworkCapabilities.NET_CAPABILITY_NOT_METERED)
        assertEquals(Network.UNMETERED, conditions.now().network)
        network(NetworkCapabilities.TRANSPORT_CELLULAR, NetworkCapabilities.NET_CAPABILITY_NOT_ROAMING)
        assertEquals(Network.METERED, conditions.now().network)
        network(NetworkCapabilities.TRANSPORT_CELLULAR)
        assertEquals(Network.ROAMING, conditions.now().network)
    }

    @Test fun `the battery is told when it is known`() {
        val manager = phone.app.getSystemService(BatteryManager::class.java)
        assertNull(PhoneConditions(phone.app).now().battery)
        shadowOf(manager).setIntProperty(BatteryManager.BATTERY_PROPERTY_CAPACITY, 41)
        shadowOf(manager).setIsCharging(true)
        val now = PhoneConditions(phone.app).now()
        assertEquals(41.toUByte(), now.battery)
        assertTrue(now.charging)
    }

    @Test fun `the coming and going of the network is told, each once`() {
        val heard = CopyOnWriteArrayList<Boolean>()
        val scope = CoroutineScope(Dispatchers.Default)
        network(NetworkCapabilities.TRANSPORT_WIFI)
        val active = checkNotNull(networks.activeNetwork)
        scope.launch { PhoneConditions(phone.app).onlineFlow().collect(heard::add) }
        await("online") { heard.isNotEmpty() && shadowOf(networks).networkCallbacks.isNotEmpty() }
        for (callback in shadowOf(networks).networkCallbacks) {
            callback.onAvailable(active)
            callback.onLost(active)
        }
        await("offline") { heard.last() == false }
        assertEquals(listOf(true, false), heard)
        scope.cancel()
        await("nobody listens") { shadowOf(networks).networkCallbacks.isEmpty() }
    }

    @Test fun `no network is not online`() {
        shadowOf(networks).setDefaultNetworkActive(false)
        shadowOf(networks).setActiveNetworkInfo(null)
        assertFalse(PhoneConditions(phone.app).online())
    }
}
