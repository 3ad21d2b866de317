package fushan.grid.shim.photos

import android.net.Uri
import android.provider.MediaStore
import fushan.grid.core.GeoPoint
import fushan.grid.core.Crs
import fushan.grid.core.HostException
import fushan.grid.core.IncidentReport
import fushan.grid.shim.support.GridRule
import fushan.grid.shim.support.HostRunner
import fushan.grid.shim.support.Pictures
import fushan.grid.shim.support.TestPlatform
import fushan.grid.shim.support.waiting
import java.io.ByteArrayInputStream
import java.io.File
import java.io.FileNotFoundException
import java.io.IOException
import java.io.InputStream
import java.security.MessageDigest
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.ClassRule
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.Shadows.shadowOf

@RunWith(HostRunner::class)
class PhotoIntakeTest {
    companion object {
        @ClassRule @JvmField val platform = TestPlatform()
    }

    @get:Rule val phone = GridRule()
    private val photos get() = phone.grid.photos
    private val picture = Pictures.jpeg(1)
    private val digest = "sha256:" + MessageDigest.getInstance("SHA-256").digest(picture).joinToString("") { "%02x".format(it) }
    private lateinit var incident: String

    @Before fun enrolled() {
        phone.enrol(platform)
        phone.standAt(121.2645, 37.5025)
        incident = waiting {
            val report = IncidentReport("A01.03", "楼道堆物", "纸箱", point = GeoPoint(121.2645, 37.5025, Crs.WGS84))
            phone.grid.keeper.use { it.incidentDraft(report) }
        }
    }

    private fun place(role: String = "near") = PhotoPlace.OfRecord(incident, role)

    private fun captures() = File(phone.app.noBackupFilesDir, "captures").list().orEmpty()

    /** What the camera app does with the intent that it was given. */
    private fun cameraWrites(capture: Capture, bytes: ByteArray) {
        @Suppress("DEPRECATION")
        val uri = capture.intent.getParcelableExtra<Uri>(MediaStore.EXTRA_OUTPUT)
        val provider = Robolectric.setupContentProvider(CaptureProvider::class.java)
        android.os.ParcelFileDescriptor.AutoCloseOutputStream(provider.openFile(checkNotNull(uri), "w")).use { it.write(bytes) }
    }

    private fun attached() = waiting { phone.grid.keeper.use { it.incident(incident) }.photos.map { it.sha256 to it.role } }

    @Test fun `a photo of the camera app is taken in byte for byte, and its plain file is gone`() = waiting {
        val capture = photos.capture(place())
        cameraWrites(capture, picture)
        val taken = checkNotNull(photos.takeCaptured(capture.name))
        assertEquals(digest, taken.sha256)
        assertEquals(listOf(digest to "near"), attached())
        assertEquals(emptyList<String>(), captures().toList())
        val back = phone.grid.keeper.use { engine -> engine.photoOpen(taken.sha256).use { it.read(1_000_000u) } }
        assertArrayEquals(picture, back)
        val shown = phone.grid.keeper.use { it.photoStatus(taken.sha256) }.shownJson
        assertTrue(shown, "system_camera" in shown && "\"provider\":\"gnss\"" in shown.replace(" ", ""))
    }

    @Test fun `a camera left without a photo leaves nothing`() = waiting {
        val capture = photos.capture(place())
        assertNull(photos.takeCaptured(capture.name))
        assertEquals(emptyList<String>(), captures().toList())
    }

    @Test fun `a photo taken just before the process died is found and taken in`() = waiting {
        cameraWrites(photos.capture(place("far")), picture)
        val again = PhotoIntake(phone.app, phone.grid.keeper, phone.grid.location)
        assertEquals(1, again.waiting().size)
        again.takeCaptured(again.waiting().single())
        assertEquals(listOf(digest to "far"), attached())
        assertEquals(emptyList<String>(), again.waiting())
    }

    @Test fun `an intake that fails keeps the photo for another try`() = waiting {
        val capture = photos.capture(PhotoPlace.OfRecord("00000000-0000-7000-8000-000000000000", "near"))
        cameraWrites(capture, picture)
        assertTrue(runCatching { photos.takeCaptured(capture.name) }.isFailure)
        assertEquals(listOf(capture.name), photos.waiting())
    }

    @Test fun `a photo whose note tells nothing stays`() = waiting {
        val capture = photos.capture(place())
        cameraWrites(capture, picture)
        File(phone.app.noBackupFilesDir, "captures/${capture.name}.json").writeText("")
        assertTrue(runCatching { photos.takeCaptured(capture.name) }.exceptionOrNull() is IOException)
        assertEquals(listOf(capture.name), photos.waiting())
    }

    @Test fun `a picked picture is streamed in pieces and never whole in memory`() = waiting {
        val uri = Uri.parse("content://gallery/1")
        var largest = 0
        val stream = object : ByteArrayInputStream(picture) {
            override fun read(into: ByteArray, from: Int, length: Int): Int = super.read(into, from, length).also { largest = maxOf(largest, length) }
        }
        shadowOf(phone.app.contentResolver).registerInputStream(uri, stream)
        assertEquals(digest, photos.takePicked(uri, place()).sha256)
        assertTrue("pieces of $largest", largest <= 64 * 1024)
        assertEquals(listOf(digest to "near"), attached())
    }

    @Test fun `the app's own camera vouches for the bytes it hashed`() = waiting {
        val file = File(phone.app.cacheDir, "own.jpg").apply { writeBytes(picture) }
        assertTrue(runCatching { photos.takeOwn(file.path, place(), "0".repeat(64)) }.isFailure)
        assertEquals(digest, photos.takeOwn(file.path, place(), digest.removePrefix("sha256:")).sha256)
    }

    @Test fun `a stream that breaks is an error of the host and attaches nothing`() {
        val broken = object : InputStream() {
            override fun read(): Int = throw IOException("cut")
        }
        assertThrows(HostException.Failed::class.java) { StreamBytes(broken).read(10u) }
        shadowOf(phone.app.contentResolver).registerInputStream(Uri.parse("content://gallery/2"), broken)
        assertTrue(runCatching { waiting { photos.takePicked(Uri.parse("content://gallery/2"), place()) } }.isFailure)
        assertEquals(emptyList<Pair<String, String>>(), attached())
    }

    @Test fun `the provider gives out prepared files and nothing else`() {
        val provider = Robolectric.setupContentProvider(CaptureProvider::class.java)
        for (name in listOf("other.jpg", "..%2Fgrid%2Fdb%2Ffushan.db", "")) {
            val uri = Uri.parse("content://x.fushan.captures/$name")
            assertThrows(FileNotFoundException::class.java) { provider.openFile(uri, "r") }
        }
    }
}
