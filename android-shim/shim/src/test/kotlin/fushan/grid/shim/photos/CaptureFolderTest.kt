package fushan.grid.shim.photos

import fushan.grid.shim.support.HostRunner
import fushan.grid.shim.support.Pictures
import java.io.File
import java.io.IOException
import java.security.MessageDigest
import org.json.JSONException
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RuntimeEnvironment

/** The folder between shutter and vault: notes, names, previews. */
@RunWith(HostRunner::class)
class CaptureFolderTest {
    private val app = RuntimeEnvironment.getApplication()
    private val folder = CaptureFolder(app)
    private val near = PhotoPlace.OfRecord("r", "near")

    private fun taken(bytes: ByteArray, place: PhotoPlace = near): String = folder.prepare(place).also { folder.photo(it).writeBytes(bytes) }

    @Test fun `what a photo belongs to is written down before the camera opens, and read by another process`() {
        for (place in listOf(near, PhotoPlace.OfItem("s", "/data/room[2]/use", "before"))) {
            val name = folder.prepare(place)
            assertEquals(place, CaptureFolder(app).placeOf(name))
            assertEquals(place, PhotoPlace.read(PhotoPlace.write(place)))
        }
        assertThrows(JSONException::class.java) { PhotoPlace.read("{}") }
    }

    @Test fun `a note is written anew when a photo is given to something else`() {
        val name = taken(byteArrayOf(1))
        folder.note(name, PhotoPlace.OfRecord("other", "near"))
        assertEquals("other", folder.placeOf(name).subject)
    }

    @Test fun `only what the camera wrote is taken, the oldest first`() {
        val second = taken(byteArrayOf(1))
        val first = taken(byteArrayOf(2))
        folder.prepare(near)
        folder.photo(first).setLastModified(1_000_000)
        folder.photo(second).setLastModified(2_000_000)
        assertEquals(listOf(first, second), folder.taken())
    }

    @Test fun `a name that nobody prepared is no file`() {
        val name = taken(byteArrayOf(1))
        assertNotNull(folder.known(name))
        for (other in listOf("../$name", "$name.jpg", "", "x")) assertNull(other, folder.known(other))
        assertThrows(IOException::class.java) { folder.placeOf("x") }
    }

    @Test fun `a digest is that of all bytes, also of more than one piece`() {
        val bytes = ByteArray(200_000) { it.toByte() }
        val digest = MessageDigest.getInstance("SHA-256").digest(bytes).joinToString("") { "%02x".format(it) }
        assertEquals(digest, folder.digest(taken(bytes)))
    }

    @Test fun `a preview is small, and there is none of what is no picture`() {
        val large = File(app.cacheDir, "large.jpg").apply { writeBytes(Pictures.jpeg(1, 1600, 1200)) }
        val preview = checkNotNull(Previews.of(large))
        assertTrue("${preview.width}x${preview.height}", maxOf(preview.width, preview.height) in 320..640)
        assertNull(Previews.of(File(app.cacheDir, "none.jpg").apply { writeText("no picture") }))
        assertNull(Previews.of(File(app.cacheDir, "absent.jpg")))
    }
}
