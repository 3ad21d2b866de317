package fushan.grid.shim.photos

import android.graphics.Bitmap
import android.graphics.Color
import android.net.Uri
import android.provider.MediaStore
import fushan.grid.core.Crs
import fushan.grid.core.GeoPoint
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
import java.io.FilterInputStream
import java.io.IOException
import java.io.InputStream
import java.lang.management.ManagementFactory
import java.security.MessageDigest
import java.util.Random
import org.json.JSONObject
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
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

    private fun shown(sha256: String) = JSONObject(waiting { phone.grid.keeper.use { it.photoStatus(sha256) } }.shownJson).toString()

    @Test fun `a photo taken in by a later process does not claim to be from where the phone is then`() = waiting {
        cameraWrites(photos.capture(place()), picture)
        phone.standAt(121.30, 37.55)
        val again = PhotoIntake(phone.app, phone.grid.keeper, phone.grid.location)
        val taken = checkNotNull(again.takeCaptured(again.waiting().single()))
        val shown = shown(taken.sha256)
        assertTrue(shown, "taken_in_later" in shown)
        assertFalse(shown, "\"provider\":\"gnss\"" in shown || "121.3" in shown)
    }

    @Test fun `killed between the intake and the end of the plain file, a photo is attached once`() = waiting {
        val capture = photos.capture(place())
        cameraWrites(capture, picture)
        val folder = File(phone.app.noBackupFilesDir, "captures")
        val left = folder.listFiles().orEmpty().associate { it.name to it.readBytes() }
        photos.takeCaptured(capture.name)
        left.forEach { (name, bytes) -> File(folder, name).writeBytes(bytes) }
        val again = PhotoIntake(phone.app, phone.grid.keeper, phone.grid.location)
        again.takeCaptured(again.waiting().single())
        assertEquals(listOf(digest to "near"), attached())
        assertEquals(emptyList<String>(), captures().toList())
    }

    @Test fun `killed after the camera was prepared, an empty file is forgotten, and the one under way is not`() = waiting {
        photos.capture(place())
        val under = photos.capture(place())
        photos.tidy(null)
        assertEquals("a camera of this process may still write", 4, captures().size)
        val again = PhotoIntake(phone.app, phone.grid.keeper, phone.grid.location)
        again.tidy(under.name)
        assertEquals(setOf("${under.name}.jpg", "${under.name}.json"), captures().toSet())
        again.tidy(null)
        assertEquals(emptyList<String>(), captures().toList())
    }

    @Test fun `a photo that its record takes no more is seen, given to another one, or dropped`() = waiting {
        val gone = PhotoPlace.OfRecord("00000000-0000-7000-8000-000000000000", "far")
        val capture = photos.capture(gone)
        cameraWrites(capture, Pictures.jpeg(2, 1200, 900))
        assertTrue(runCatching { photos.takeCaptured(capture.name) }.isFailure)
        val small = checkNotNull(photos.preview(capture.name))
        assertTrue("${small.width}", small.width in 300..640)
        assertEquals(gone, photos.placeOf(capture.name))
        assertEquals("far", photos.takeFor(capture.name, place("far"))?.let { attached().single().second })
        assertEquals(emptyList<String>(), photos.waiting())
        val other = photos.capture(gone)
        cameraWrites(other, picture)
        photos.drop(other.name)
        assertEquals(emptyList<String>(), captures().toList())
    }

    @Test fun `a disk that is full is told before the camera opens`() {
        val storage = phone.grid.photos
        assertThrows(fushan.grid.core.GridException::class.java) {
            waiting { phone.grid.keeper.use { it.photoRoom(ULong.MAX_VALUE / 4u) } }
        }
        assertTrue("and one with room is not", waiting { storage.capture(place()) }.name.isNotEmpty())
    }

    /** A picture of 12 megapixels with the grain of a real one. */
    private fun large(): File {
        val bitmap = Bitmap.createBitmap(4000, 3000, Bitmap.Config.ARGB_8888)
        val row = IntArray(4000)
        val random = Random(7)
        for (y in 0 until 3000) {
            for (x in row.indices) row[x] = Color.rgb(90 + random.nextInt(60), 100 + (x + y) % 80, 90 + random.nextInt(60))
            bitmap.setPixels(row, 0, 4000, 0, y, 4000, 1)
        }
        return File(phone.app.cacheDir, "large.jpg").also { file ->
            file.outputStream().use { bitmap.compress(Bitmap.CompressFormat.JPEG, 92, it) }
            bitmap.recycle()
        }
    }

    /** Bytes that all threads of this process have allocated. */
    private fun allocated(): Long {
        val threads = ManagementFactory.getThreadMXBean() as com.sun.management.ThreadMXBean
        return threads.getThreadAllocatedBytes(threads.allThreadIds).filter { it > 0 }.sum()
    }

    @Test fun `twelve megapixels pass from the picker in small pieces, and from the camera not at all through this memory`() {
        val file = large()
        val size = file.length()
        assertTrue("$size", size > 4_000_000)
        var largest = 0
        var total = 0L
        var early = false
        val stream = object : FilterInputStream(file.inputStream()) {
            override fun read(into: ByteArray, from: Int, length: Int): Int {
                largest = maxOf(largest, length)
                // nobody gathers the pieces before the engine asks for them
                early = early || Thread.currentThread().stackTrace.none { it.className == StreamBytes::class.java.name }
                return super.read(into, from, length).also { if (it > 0) total += it }
            }

            override fun readAllBytes(): ByteArray = throw AssertionError("whole")
        }
        val uri = Uri.parse("content://gallery/large")
        shadowOf(phone.app.contentResolver).registerInputStream(uri, stream)
        val picked = waiting { photos.takePicked(uri, place()) }
        assertEquals("read once", size, total)
        assertTrue("pieces of $largest", largest <= 64 * 1024)
        assertFalse("gathered somewhere", early)
        assertEquals(size.toULong(), picked.bytes)
        val capture = waiting { photos.capture(place("far")) }
        file.copyTo(File(phone.app.noBackupFilesDir, "captures/${capture.name}.jpg"), overwrite = true)
        val before = allocated()
        waiting { photos.takeCaptured(capture.name) }
        val used = allocated() - before
        assertTrue("$used bytes for a file of $size", used < size / 2)
    }
}
