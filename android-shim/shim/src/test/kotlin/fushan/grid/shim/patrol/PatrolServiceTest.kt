package fushan.grid.shim.patrol

import android.Manifest
import android.app.NotificationManager
import android.app.Service
import android.content.Intent
import fushan.grid.core.Crs
import fushan.grid.core.Fix
import fushan.grid.core.GeoPoint
import fushan.grid.shim.support.FakeKeystore
import fushan.grid.shim.support.GridRule
import fushan.grid.shim.support.HostRunner
import fushan.grid.shim.support.TestPlatform
import fushan.grid.shim.support.await
import fushan.grid.shim.support.waiting
import java.util.concurrent.atomic.AtomicInteger
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.flowOf
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.ClassRule
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

@RunWith(HostRunner::class)
@Config(qualifiers = "zh-rCN")
class PatrolServiceTest {
    companion object {
        @ClassRule @JvmField val platform = TestPlatform()
        const val ROUTE = """{"id": "east", "name": "东区", "points": [{"id": "gate", "name": "东门", "point": {"lon_e7": 1212640000, "lat_e7": 375020000}}]}"""
    }

    @get:Rule val phone = GridRule()
    private lateinit var patrol: String

    @Before fun begun() {
        phone.enrol(platform)
        phone.standAt(121.264, 37.502)
        patrol = waiting { phone.grid.keeper.use { it.patrolStart(ROUTE) } }
    }

    private fun started(): Intent = checkNotNull(shadowOf(phone.app).nextStartedService)

    private fun readings() = waiting { phone.grid.keeper.use { it.patrol(patrol) }.readings }

    @Test fun `readings are on the disk as they come, and the notice is seen all the time`() {
        PatrolService.start(phone.app, patrol)
        val intent = started()
        val service = Robolectric.buildService(PatrolService::class.java, intent).create()
        assertEquals(Service.START_REDELIVER_INTENT, service.get().onStartCommand(intent, 0, 1))
        val notice = checkNotNull(shadowOf(service.get()).lastForegroundNotification)
        assertEquals("fushan.patrol", notice.channelId)
        assertEquals("it can be ended from the notice", 1, notice.actions.size)
        var step = 0
        await("readings") {
            step += 1
            phone.standAt(121.264 + step * 1e-5, 37.502)
            readings() >= 3uL
        }
        service.destroy()
    }

    @Test fun `ending it from the notice finishes the patrol`() {
        PatrolService.finish(phone.app, patrol)
        val service = Robolectric.buildService(PatrolService::class.java, started()).create().startCommand(0, 1)
        await("finished") { waiting { phone.grid.keeper.use { it.patrol(patrol) }.finished } }
        await("the service is gone") { shadowOf(service.get()).isStoppedBySelf }
    }

    @Test fun `a service that the system starts without a patrol ends itself`() {
        val service = Robolectric.buildService(PatrolService::class.java).create().get()
        assertEquals(Service.START_NOT_STICKY, service.onStartCommand(null, 0, 1))
        assertTrue(shadowOf(service).isStoppedBySelf)
    }

    @Test fun `readings that could not be written wait and go first`() = waiting {
        val track = TrackWriter(phone.grid.keeper, patrol)
        val fix = Fix(GeoPoint(121.264, 37.502, Crs.WGS84), accuracyM = 5.0, provider = "gnss", ageMs = 0uL)
        phone.grid.keeper.shutDown()
        FakeKeystore.broken = true
        track.add(fix)
        FakeKeystore.broken = false
        track.add(fix)
        assertEquals(2uL, readings())
    }

    private val fix = Fix(GeoPoint(121.264, 37.502, Crs.WGS84), accuracyM = 5.0, provider = "gnss", ageMs = 0uL)

    @Test fun `what was heard before the end is on the disk when the end has come`() = waiting {
        val heard = AtomicInteger()
        val readings = flow {
            while (true) {
                emit(fix)
                heard.incrementAndGet()
                if (heard.get() > 200) awaitCancellation()
            }
        }
        val recording = Recording(phone.grid.scope, readings, TrackWriter(phone.grid.keeper, patrol)) {}
        while (heard.get() < 100) delay(1)
        assertTrue(recording.end())
        assertEquals(heard.get().toULong(), readings())
    }

    @Test fun `a patrol that ended elsewhere ends the recording`() = waiting {
        phone.grid.keeper.use { it.patrolFinish(patrol) }
        val over = CompletableDeferred<Unit>()
        val recording = Recording(phone.grid.scope, flowOf(fix), TrackWriter(phone.grid.keeper, patrol)) { over.complete(Unit) }
        over.await()
        assertTrue(recording.end())
    }

    @Test fun `a patrol whose readings cannot be written does not end, and ends when they can`() {
        PatrolService.start(phone.app, patrol)
        val service = Robolectric.buildService(PatrolService::class.java, started()).create().startCommand(0, 1)
        waiting { phone.grid.keeper.shutDown() }
        FakeKeystore.broken = true
        PatrolService.finish(phone.app, patrol)
        val finish = started()
        service.get().onStartCommand(finish, 0, 2)
        val notices = shadowOf(phone.app.getSystemService(NotificationManager::class.java))
        await("told that it goes on") { notices.allNotifications.any { "再点一次" in it.extras.getString("android.title").orEmpty() } }
        assertFalse(shadowOf(service.get()).isStoppedBySelf)
        FakeKeystore.broken = false
        service.get().onStartCommand(finish, 0, 3)
        await("finished") { shadowOf(service.get()).isStoppedBySelf && waiting { phone.grid.keeper.use { it.patrol(patrol) }.finished } }
    }

    @Test fun `without the permission nothing is recorded, and the worker is told`() {
        shadowOf(phone.app).denyPermissions(Manifest.permission.ACCESS_FINE_LOCATION, Manifest.permission.ACCESS_COARSE_LOCATION)
        assertFalse(PatrolService.start(phone.app, patrol))
        assertNull(shadowOf(phone.app).nextStartedService)
    }

    @Test fun `a patrol that has ended already can be ended again`() {
        waiting { phone.grid.keeper.use { it.patrolFinish(patrol) } }
        PatrolService.finish(phone.app, patrol)
        val service = Robolectric.buildService(PatrolService::class.java, started()).create().startCommand(0, 1)
        await("the service is gone") { shadowOf(service.get()).isStoppedBySelf }
    }
}
