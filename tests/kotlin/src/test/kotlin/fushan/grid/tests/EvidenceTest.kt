package fushan.grid.tests

import fushan.grid.core.*
import java.io.ByteArrayInputStream
import java.io.File
import java.security.MessageDigest
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import kotlin.test.*

/** Photos after their intake, and the key that signs them. */
class EvidenceTest {
    @TempDir lateinit var dir: File

    private suspend fun settle(engine: Engine) =
        assertEquals(SyncOutcome.Done, engine.syncStart(SyncBudget(SyncTrigger.WORKER)).use { it.wait() }.outcome)

    private suspend fun take(engine: Engine, incident: String, number: Int) =
        engine.photoAddFile(incident, picture(number, File(dir, "$number.jpg")).path, photo("near")).sha256

    private fun shown(engine: Engine, photo: String) = engine.photoStatus(photo).shownJson
    private fun sha256(bytes: ByteArray) = MessageDigest.getInstance("SHA-256").digest(bytes).joinToString("") { "%02x".format(it) }

    @Test fun `a signing key is changed by an entry of the old one, and the platform follows`(): Unit = runBlocking {
        val signer = JvmSigner()
        enrolled(File(dir, "phone"), Host(MemoryKeys(), signer)).use { engine ->
            val incident = draft(engine)
            val before = take(engine, incident, 61)
            val (old, next) = sha256(signer.publicKey()) to sha256(signer.nextKey().publicKey)
            assertTrue(old in shown(engine, before))
            assertTrue(engine.evidenceRotateKey("换机").endsWith(next))
            assertEquals(next, sha256(signer.publicKey()), "the signer was told")
            val after = take(engine, incident, 62)
            assertTrue(next in shown(engine, after) && old !in shown(engine, after), shown(engine, after))
            settle(engine)
            engine.evidenceStatus().run { assertEquals(0uL to 0uL, due to refused); assertNull(alarm); assertTrue(logSize!! >= 3uL) }
        }
    }

    @Test fun `a signer that gives no new key changes nothing`(): Unit = runBlocking {
        val signer = object : DeviceSigner by JvmSigner() {
            override fun nextKey(): NewSigningKey = throw HostException.Unavailable()
        }
        enrolled(File(dir, "phone"), Host(MemoryKeys(), signer)).use { engine ->
            val refused = assertFailsWith<GridException.Locked> { engine.evidenceRotateKey() }
            assertEquals("signer_unavailable", refused.told.code)
            val photo = take(engine, draft(engine), 63)
            assertTrue(sha256(signer.publicKey()) in shown(engine, photo))
            settle(engine)
            assertEquals(0uL, engine.evidenceStatus().refused)
        }
        Phone(File(dir, "without"), Host(MemoryKeys())).open().use { engine ->
            assertEquals("signer_missing", assertFailsWith<GridException.Locked> { engine.evidenceRotateKey() }.told.code)
        }
    }

    @Test fun `an installation that follows a lost one says so in its chain`(): Unit = runBlocking {
        enrolled(File(dir, "phone")).use { engine ->
            engine.evidenceReinstalled()
            take(engine, draft(engine), 64)
            settle(engine)
            assertEquals(0uL, engine.evidenceStatus().refused)
        }
    }

    @Test fun `a redacted copy leaves the original as it was`(): Unit = runBlocking {
        enrolled(File(dir, "phone")).use { engine ->
            val photo = take(engine, draft(engine), 65)
            val copy = engine.photoRedact(photo, listOf(PictureArea(0u, 0u, 100u, 80u)), "人脸")
            assertNotEquals(photo, copy)
            fun pixels(sha256: String) = engine.photoOpen(sha256).use { reader ->
                val bytes = generateSequence { reader.read(65_536u).takeIf { it.isNotEmpty() } }.fold(ByteArray(0)) { all, piece -> all + piece }
                javax.imageio.ImageIO.read(ByteArrayInputStream(bytes))
            }
            val (black, original) = pixels(copy) to pixels(photo)
            assertTrue(black.getRGB(50, 40) and 0xf0f0f0 == 0, "covered")
            assertEquals(original.width to original.height, black.width to black.height)
            assertFalse(original.getRGB(8, 8) and 0xf0f0f0 == 0, "the original is not")
            assertTrue(engine.photoLog(photo).any { it.reason == "人脸" }, "${engine.photoLog(photo)}")
            val outside = listOf(PictureArea(5_000u, 5_000u, 10u, 10u))
            assertFailsWith<GridException.Invalid> { engine.photoRedact(photo, outside, "人脸") }
        }
    }

    @Test fun `a photo leaves the phone only when the platform has it and nothing keeps it`(): Unit = runBlocking {
        enrolled(File(dir, "phone")).use { engine ->
            val incident = draft(engine)
            val photo = take(engine, incident, 66)
            engine.photoAddFile(incident, picture(67, File(dir, "far.jpg")).path, photo("far"))
            assertEquals("photo_not_stored", assertFailsWith<GridException.Forbidden> { engine.photoDelete(photo, "占空间") }.told.code)
            engine.incidentSubmit(incident)
            settle(engine)
            engine.photoRetain(photo, System.currentTimeMillis() + 86_400_000)
            assertEquals("photo_retained", assertFailsWith<GridException.Forbidden> { engine.photoDelete(photo, "占空间") }.told.code)
            engine.photoRetain(photo, 0)
            engine.photoDelete(photo, "占空间")
            assertFalse(engine.photoStatus(photo).here)
            assertTrue(engine.photoStatus(photo).stored)
            assertTrue(engine.photosVerify(incident).none { it.sha256 == photo })
            assertFailsWith<GridException> { engine.photoOpen(photo) }
        }
    }

    @Test fun `room for a photo is told before the camera opens`(): Unit = runBlocking {
        Phone(File(dir, "phone")).open().use { engine ->
            engine.photoRoom(5_000_000uL)
            assertEquals("file_too_large", assertFailsWith<GridException.Invalid> { engine.photoRoom(1uL shl 40) }.told.code)
        }
    }
}
