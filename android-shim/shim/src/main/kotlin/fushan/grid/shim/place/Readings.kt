package fushan.grid.shim.place

import android.location.Location
import android.location.LocationManager
import android.os.Build
import android.os.SystemClock
import fushan.grid.core.Crs
import fushan.grid.core.Fix
import fushan.grid.core.GeoPoint

/** Readings of the system as the engine takes them: raw WGS-84 with accuracy, provider, age and the system's mock flag. */
internal object Readings {
    /** A reading that does not say how accurate it is counts as this bad, in metres. */
    private const val UNKNOWN_ACCURACY_M = 5_000.0

    fun fixOf(location: Location, nowNanos: Long = SystemClock.elapsedRealtimeNanos()): Fix {
        val gnss = location.provider == LocationManager.GPS_PROVIDER
        return Fix(
            point = GeoPoint(lon = location.longitude, lat = location.latitude, crs = Crs.WGS84),
            accuracyM = if (location.hasAccuracy()) location.accuracy.toDouble() else UNKNOWN_ACCURACY_M,
            provider = providerOf(location.provider),
            ageMs = ageMs(location, nowNanos),
            mock = isMock(location),
            altitudeM = location.altitude.takeIf { location.hasAltitude() },
            speedMps = location.speed.toDouble().takeIf { location.hasSpeed() },
            bearingDeg = location.bearing.toDouble().takeIf { location.hasBearing() },
            satellites = location.extras?.getInt("satellites", 0)?.takeIf { it > 0 }?.toUShort(),
            // the receiver's own time; other providers give the phone's clock
            gnssMs = location.time.takeIf { gnss && it > 0 },
        )
    }

    fun ageMs(location: Location, nowNanos: Long): ULong =
        ((nowNanos - location.elapsedRealtimeNanos).coerceAtLeast(0) / 1_000_000).toULong()

    private fun providerOf(name: String?) = when (name) {
        LocationManager.GPS_PROVIDER -> "gnss"
        null -> "unknown"
        else -> name
    }

    @Suppress("DEPRECATION") // before Android 12 nothing else tells
    private fun isMock(location: Location): Boolean =
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) location.isMock else location.isFromMockProvider
}
