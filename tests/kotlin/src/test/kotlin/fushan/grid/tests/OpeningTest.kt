package fushan.grid.tests

import fushan.grid.core.*
import java.io.File
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import kotlin.test.*

/** Opening, suspending, shutting down; and what the app's key store may do to it. */
class OpeningTest {
    @TempDir lateinit var dir: File

    @Test fun `an engine is made once and opened again with the same key store`() = runBlocking {
        val phone = Phone(dir)
        phone.open().use { assertTrue(it.opened().created) }
        phone.open().use { assertFalse(it.opened().created) }
    }

    @Test fun `versions are told`() {
        assertEquals(version(), versions().engine)
        assertTrue(versions().let { it.protocol >= 1u && it.database >= 4u && it.registry >= 1u })
    }

    @Test fun `a key of the wrong length is told apart from a key that is gone`() = runBlocking {
        Phone(dir).open().close()
        val short = object : KeyProvider by MemoryKeys() { override fun unwrap(wrapped: ByteArray) = ByteArray(31) }
        assertEquals("key_wrong", lockedBy(short))
        val gone = object : KeyProvider by MemoryKeys() {
            override fun unwrap(wrapped: ByteArray): ByteArray = throw HostException.Missing()
        }
        assertEquals("key_missing", lockedBy(gone))
    }

    @Test fun `a recovery key of the wrong length is refused before anything is made`() = runBlocking {
        val config = EngineConfig(dir = File(dir, "new").path, recoveryKey = ByteArray(5))
        val refused = assertFailsWith<GridException.Invalid> { Engine.open(config, Host(MemoryKeys())) }
        assertEquals("key_length", refused.told.code)
        assertFalse(File(dir, "new/db/fushan.db").exists())
    }

    @Test fun `a key store that throws anything at all is unavailable, and the database stays`() = runBlocking {
        val keys = MemoryKeys()
        Phone(dir, Host(keys)).open().close()
        val odd = object : KeyProvider by keys { override fun unwrap(wrapped: ByteArray): ByteArray = error("odd") }
        assertEquals("key_unavailable", lockedBy(odd))
        Phone(dir, Host(keys)).open().use { assertFalse(it.opened().created) }
    }

    @Test fun `a key store that hangs is unavailable when its time is over`() = runBlocking {
        val keys = MemoryKeys()
        Phone(dir, Host(keys)).open().close()
        val slow = object : KeyProvider by keys {
            override fun unwrap(wrapped: ByteArray): ByteArray { Thread.sleep(3_000); return ByteArray(32) }
        }
        val started = System.nanoTime()
        val refused = assertFailsWith<GridException.Locked> { Phone(dir, Host(slow)).open(limitMs = 200uL) }
        assertEquals("key_unavailable", refused.told.code)
        assertTrue(System.nanoTime() - started < 2_500_000_000, "the limit counts, not the key store")
    }

    @Test fun `a suspended engine says so and works on after resume`() = runBlocking {
        Phone(dir).open().use { engine ->
            engine.suspend()
            assertEquals("store_closed", assertFailsWith<GridException.Closed> { engine.day() }.told.code)
            val photo = picture(1, File(dir, "p.jpg"))
            assertFailsWith<GridException.Closed> { engine.photoAddFile(aRecord, photo.path, photo("near")) }
            engine.resume()
            engine.resume()
            assertTrue(engine.day().startsWith("20"))
        }
    }

    @Test fun `an engine that was shut down says so for ever`() = runBlocking {
        val engine = Phone(dir).open()
        engine.shutDown()
        engine.shutDown()
        assertEquals("engine_closed", assertFailsWith<GridException.Closed> { engine.syncStatus() }.told.code)
        assertEquals("engine_closed", assertFailsWith<GridException.Closed> { engine.resume() }.told.code)
        engine.close()
        assertFailsWith<IllegalStateException> { engine.day() }
        Phone(File(dir, "another")).open().close()
    }

    @Test fun `two engines in one process know nothing of each other`() = runBlocking {
        val (one, two) = listOf("one", "two").map { Phone(File(dir, it)).open() }
        one.planPut(plan("p1"))
        assertEquals(listOf("p1"), one.plans().map { it.id })
        assertEquals(emptyList(), two.plans())
        one.shutDown()
        assertEquals(emptyList(), two.patrols(), "still open")
        two.shutDown()
    }

    @Test fun `an error carries code, texts in both languages and what to do`() = runBlocking {
        val refused = runCatching { Engine.open(EngineConfig(dir = dir.path), Host(object : KeyProvider by MemoryKeys() {
            override fun wrap(key: ByteArray): ByteArray = throw HostException.Unavailable()
        })) }.exceptionOrNull()
        // a sealed class: the compiler knows that nothing is forgotten here
        val error = refused as GridException
        val told = when (error) {
            is GridException.Invalid -> null
            is GridException.NotFound -> null
            is GridException.Forbidden -> null
            is GridException.Locked -> error.told
            is GridException.Closed -> null
            is GridException.Platform -> null
            is GridException.Storage -> null
            is GridException.Host -> null
            is GridException.Internal -> null
        }
        assertEquals("key_unavailable", told?.code)
        assertTrue(told!!.zh.any { it > '\u4e00' } && told.en.isNotEmpty() && told.nextZh.isNotEmpty())
    }

    private suspend fun lockedBy(keys: KeyProvider): String =
        assertFailsWith<GridException.Locked> { Phone(dir, Host(keys)).open() }.told.code
}

const val aRecord = "0190a000-0000-7000-8000-000000000000"

fun plan(id: String, form: String = "FIRE9") = """{"id": "$id", "name": "季检", "department": "消防", "forms": ["$form"],
    "from": "2026-01-01", "targets": {"kind": {"kind": "place"}}, "frequency": {"times": 1, "per": "quarter"}}"""
