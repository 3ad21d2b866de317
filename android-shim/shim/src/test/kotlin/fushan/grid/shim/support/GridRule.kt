package fushan.grid.shim.support

import android.Manifest
import android.location.Location
import android.location.LocationManager
import android.net.ConnectivityManager
import android.net.NetworkCapabilities
import android.os.SystemClock
import fushan.grid.core.SyncTrigger
import fushan.grid.shim.Grid
import org.junit.rules.ExternalResource
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.ShadowNetworkCapabilities
import org.robolectric.shadows.ShadowSystemClock
import java.time.Duration

/** One phone on the shim: with a fake key store, a real engine, and everything closed at the end. */
class GridRule : ExternalResource() {
    val app: TestApp get() = RuntimeEnvironment.getApplication() as TestApp
    val grid: Grid get() = app.grid

    override fun before() {
        FakeKeystore.reset()
        java.security.Security.addProvider(FakeProvider())
        onWifi()
    }

    override fun after() {
        app.used?.let { grid -> waiting { grid.keeper.shutDown() } }
        java.security.Security.removeProvider("AndroidKeyStore")
    }

    /** Gives the phone a network that costs nothing; the one it is born with roams. */
    private fun onWifi() {
        val networks = app.getSystemService(ConnectivityManager::class.java)
        val wifi = ShadowNetworkCapabilities.newInstance()
        shadowOf(wifi).addTransportType(NetworkCapabilities.TRANSPORT_WIFI)
        for (each in listOf(NetworkCapabilities.NET_CAPABILITY_INTERNET, NetworkCapabilities.NET_CAPABILITY_NOT_METERED, NetworkCapabilities.NET_CAPABILITY_NOT_ROAMING)) {
            shadowOf(wifi).addCapability(each)
        }
        shadowOf(networks).setNetworkCapabilities(networks.activeNetwork, wifi)
    }

    /** Puts the phone at a place, in WGS-84. */
    fun standAt(lon: Double, lat: Double, change: Location.() -> Unit = {}) {
        shadowOf(app).grantPermissions(Manifest.permission.ACCESS_FINE_LOCATION)
        val manager = app.getSystemService(LocationManager::class.java)
        // the receiver gives no two readings within the interval that somebody asked for
        ShadowSystemClock.advanceBy(Duration.ofSeconds(6))
        shadowOf(manager).setProviderEnabled(LocationManager.GPS_PROVIDER, true)
        val here = Location(LocationManager.GPS_PROVIDER).apply {
            longitude = lon
            latitude = lat
            accuracy = 6f
            time = System.currentTimeMillis()
            elapsedRealtimeNanos = SystemClock.elapsedRealtimeNanos()
            change()
        }
        shadowOf(manager).simulateLocation(here)
    }

    /** Enrols at a platform and takes everything that comes. */
    fun enrol(platform: TestPlatform, staff: String = TestPlatform.WORKER) = waiting {
        val code = platform.code(staff)
        grid.keeper.use { it.enrol(platform.url, code) }
        grid.sync.run(SyncTrigger.WORKER, 60_000)
    }
}
