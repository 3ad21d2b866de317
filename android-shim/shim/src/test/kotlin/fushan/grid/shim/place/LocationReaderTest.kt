package fushan.grid.shim.place

import android.Manifest
import android.location.Location
import android.location.LocationManager
import android.os.Bundle
import android.os.SystemClock
import fushan.grid.core.Crs
import fushan.grid.core.Fix
import fushan.grid.shim.support.GridRule
import fushan.grid.shim.support.HostRunner
import fushan.grid.shim.support.await
import java.util.concurrent.CopyOnWriteArrayList
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Shadows.shadowOf

@RunWith(HostRunner::class)
class LocationReaderTest {
    @get:Rule val phone = GridRule()
    private fun reader() = LocationReader(phone.app)

    @Test fun `without the permission there is no reading and no error`() {
        assertNull(reader().lastFix())
    }

    @Test fun `a reading says how accurate it is, who made it and how old it is`() {
        phone.standAt(121.264, 37.502) {
            altitude = 12.0
            speed = 1.2f
            bearing = 90f
            extras = Bundle().apply { putInt("satellites", 9) }
            elapsedRealtimeNanos = SystemClock.elapsedRealtimeNanos() - 3_000_000
        }
        val fix = checkNotNull(reader().lastFix())
        assertEquals(121.264, fix.point.lon, 1e-9)
        assertEquals(Crs.WGS84, fix.point.crs)
        assertEquals(6.0, fix.accuracyM, 1e-6)
        assertEquals("gnss", fix.provider)
        assertTrue("age ${fix.ageMs}", fix.ageMs in 3uL..1_000uL)
        assertEquals(9.toUShort(), fix.satellites)
        assertEquals(1.2, fix.speedMps ?: 0.0, 1e-6)
    }

    @Test fun `a mocked position is told as one`() {
        phone.standAt(121.264, 37.502) { isMock = true }
        assertTrue(checkNotNull(reader().lastFix()).mock)
    }

    @Test fun `a reading without accuracy counts as a bad one, and another provider's clock is no satellite's`() {
        val bare = Location("network").apply { time = 5 }
        val fix = Readings.fixOf(bare)
        assertTrue(fix.accuracyM >= 1_000.0)
        assertEquals("network", fix.provider)
        assertNull(fix.gnssMs)
        assertNull(fix.altitudeM)
    }

    @Test fun `readings come in order while somebody listens`() {
        phone.standAt(121.26, 37.5)
        val heard = CopyOnWriteArrayList<Fix>()
        val scope = CoroutineScope(Dispatchers.Default)
        scope.launch { reader().updates(0).collect(heard::add) }
        await("a first reading") {
            if (heard.isEmpty()) phone.standAt(121.261, 37.5)
            heard.isNotEmpty()
        }
        val before = heard.size
        phone.standAt(121.262, 37.5)
        phone.standAt(121.263, 37.5)
        await("two more") { heard.size >= before + 2 }
        assertEquals(listOf(121.262, 121.263), heard.takeLast(2).map { it.point.lon })
        scope.cancel()
    }

    @Test fun `a worker who allows only a rough place gives rough readings`() {
        shadowOf(phone.app).grantPermissions(Manifest.permission.ACCESS_COARSE_LOCATION)
        val manager = phone.app.getSystemService(LocationManager::class.java)
        shadowOf(manager).setProviderEnabled(LocationManager.NETWORK_PROVIDER, true)
        val rough = Location(LocationManager.NETWORK_PROVIDER).apply {
            longitude = 121.26
            latitude = 37.5
            accuracy = 2_000f
            time = System.currentTimeMillis()
            elapsedRealtimeNanos = SystemClock.elapsedRealtimeNanos()
        }
        shadowOf(manager).simulateLocation(rough)
        assertTrue(reader().allowed() && !reader().exactly())
        assertEquals(2_000.0, checkNotNull(reader().lastFix()).accuracyM, 1.0)
    }

    @Test fun `the phone's own switch is told apart from the permission`() {
        phone.standAt(121.26, 37.5)
        assertTrue(reader().switchedOn())
        val manager = phone.app.getSystemService(LocationManager::class.java)
        for (provider in manager.allProviders) shadowOf(manager).setProviderEnabled(provider, false)
        assertTrue(reader().allowed() && !reader().switchedOn())
    }
}
