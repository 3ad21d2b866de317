package fushan.grid.shim

import android.app.job.JobScheduler
import fushan.grid.core.Crs
import fushan.grid.core.GeoPoint
import fushan.grid.core.IncidentReport
import fushan.grid.core.SyncTrigger
import fushan.grid.shim.photos.PhotoPlace
import fushan.grid.shim.support.FakeKeystore
import fushan.grid.shim.support.GridRule
import fushan.grid.shim.support.HostRunner
import fushan.grid.shim.support.Pictures
import fushan.grid.shim.support.TestPlatform
import fushan.grid.shim.support.await
import fushan.grid.shim.support.waiting
import fushan.grid.shim.sync.SyncSchedule
import fushan.grid.shim.sync.SyncState
import java.io.File
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertTrue
import org.junit.ClassRule
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith

/** All parts together, as an app has them. */
@RunWith(HostRunner::class)
class GridTest {
    companion object {
        @ClassRule @JvmField val platform = TestPlatform()
    }

    @get:Rule val phone = GridRule()
    private val grid get() = phone.grid

    @Test fun `an app that begins asks for the regular job and makes its channels`() {
        grid.start()
        val scheduler = phone.app.getSystemService(JobScheduler::class.java)
        assertNotNull(scheduler.getPendingJob(SyncSchedule.REGULAR))
        assertEquals(grid, GridHost.of(phone.app))
    }

    @Test fun `a settlement that cannot be is told by its state and throws nothing`() = waiting {
        grid.settle(SyncTrigger.WORKER)
        assertTrue(grid.sync.state.value is SyncState.Failed)
    }

    @Test fun `an evidence key that has gone is replaced when the engine opens, and the platform takes what is signed by the new one`() {
        phone.enrol(platform)
        phone.standAt(121.2645, 37.5025)
        photo(31)
        val old = grid.signer.publicKey()
        waiting { grid.keeper.shutDown() }
        FakeKeystore.entries.keys.removeAll { it.startsWith("fushan.evidence") }
        grid.start()
        waiting { grid.keeper.open() }
        await("a new key") { runCatching { grid.signer.publicKey() }.isSuccess }
        val fresh = grid.signer.publicKey()
        assertFalse(old.contentEquals(fresh))
        photo(32)
        waiting { grid.sync.run(SyncTrigger.WORKER, 60_000) }
        val status = waiting { grid.keeper.use { it.evidenceStatus() } }
        assertEquals("$status", 0uL, status.refused)
    }

    private fun photo(number: Int) = waiting {
        val report = IncidentReport("A01.03", "楼道堆物", "纸箱", point = GeoPoint(121.2645, 37.5025, Crs.WGS84))
        val incident = grid.keeper.use { it.incidentDraft(report) }
        val file = File(phone.app.cacheDir, "$number.jpg").apply { writeBytes(Pictures.jpeg(number)) }
        grid.photos.takeOwn(file.path, PhotoPlace.OfRecord(incident, "near"))
    }
}
