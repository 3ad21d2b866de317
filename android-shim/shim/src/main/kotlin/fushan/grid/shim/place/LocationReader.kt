package fushan.grid.shim.place

import android.Manifest
import android.annotation.SuppressLint
import android.content.Context
import android.content.pm.PackageManager
import android.location.Location
import android.location.LocationListener
import android.location.LocationManager
import android.os.Bundle
import android.os.Looper
import java.util.concurrent.atomic.AtomicReference
import kotlinx.coroutines.channels.BufferOverflow
import kotlinx.coroutines.channels.awaitClose
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.buffer
import kotlinx.coroutines.flow.callbackFlow
import kotlinx.coroutines.flow.map
import fushan.grid.core.Fix
import fushan.grid.core.LocationSource

/**
 * Tells where the phone is. [lastFix] answers at once with the newest reading that anybody on the phone has asked for; [updates]
 * keeps the receiver running while it is collected. Without the permission there is no reading, and no error either.
 */
class LocationReader(context: Context) : LocationSource {
    private val context = context.applicationContext
    private val manager = context.getSystemService(LocationManager::class.java)
    private val heard = AtomicReference<Location?>()

    override fun lastFix(): Fix? = newest()?.let { Readings.fixOf(it) }

    /** Whether the worker allowed the app to know the place, if only roughly: how rough a reading is, each says itself. */
    fun allowed(): Boolean = exactly() || has(Manifest.permission.ACCESS_COARSE_LOCATION)

    /** Whether the worker allowed the app to know the place exactly. */
    fun exactly(): Boolean = has(Manifest.permission.ACCESS_FINE_LOCATION)

    /** Whether the phone's own switch for positions is on. */
    fun switchedOn(): Boolean = providers().any(manager::isProviderEnabled)

    private fun has(permission: String) = context.checkSelfPermission(permission) == PackageManager.PERMISSION_GRANTED

    /**
     * Readings as they come, in order; none is dropped while the collector is slow.
     *
     * @param intervalMs least time between two readings.
     * @param leastMetres least way between two readings.
     */
    fun updates(intervalMs: Long, leastMetres: Float = 0f): Flow<Fix> =
        locations(intervalMs, leastMetres).buffer(capacity = 1024, onBufferOverflow = BufferOverflow.DROP_OLDEST).map { Readings.fixOf(it) }

    @SuppressLint("MissingPermission")
    private fun locations(intervalMs: Long, leastMetres: Float): Flow<Location> = callbackFlow {
        val listener = listener { location ->
            heard.set(location)
            trySend(location)
        }
        if (allowed()) {
            for (provider in providers()) {
                manager.requestLocationUpdates(provider, intervalMs, leastMetres, listener, Looper.getMainLooper())
            }
        }
        awaitClose { manager.removeUpdates(listener) }
    }

    @SuppressLint("MissingPermission")
    private fun newest(): Location? {
        if (!allowed()) return null
        val known = providers().mapNotNull { manager.getLastKnownLocation(it) } + listOfNotNull(heard.get())
        return known.maxByOrNull { it.elapsedRealtimeNanos }
    }

    /** Satellites and the network: many phones in China have no fused provider. Satellites answer only who may know exactly. */
    private fun providers() = listOfNotNull(LocationManager.GPS_PROVIDER.takeIf { exactly() }, LocationManager.NETWORK_PROVIDER)
        .filter { it in manager.allProviders }

    private fun listener(take: (Location) -> Unit) = object : LocationListener {
        override fun onLocationChanged(location: Location) = take(location)
        // phones before Android 11 call these, and break where they are missing
        override fun onProviderEnabled(provider: String) = Unit
        override fun onProviderDisabled(provider: String) = Unit
        @Deprecated("Only old phones call it")
        override fun onStatusChanged(provider: String?, status: Int, extras: Bundle?) = Unit
    }
}
