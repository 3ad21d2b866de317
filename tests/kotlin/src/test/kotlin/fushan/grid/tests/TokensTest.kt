package fushan.grid.tests

import fushan.grid.core.*
import java.io.File
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import kotlin.test.*

/** Credentials in a store of the app's: an option, and never the reason that work is lost. */
class TokensTest {
    @TempDir lateinit var dir: File

    /** A store that outlives the app. */
    private class Kept : TokenStore {
        @Volatile var value: ByteArray? = null
        @Volatile var before: () -> Unit = {}
        override fun load(): ByteArray? { before(); return value }
        override fun save(secret: ByteArray) { before(); value = secret }
        override fun clear() { before(); value = null }
    }

    private val keys = MemoryKeys()
    private val kept = Kept()
    private fun host(tokens: TokenStore? = kept) = Host(keys, JvmSigner(), tokens = tokens)
    private suspend fun app(tokens: TokenStore? = kept, limitMs: ULong = 30_000uL) = Phone(File(dir, "phone"), host(tokens)).open(limitMs)
    private suspend fun settle(engine: Engine) = engine.syncStart(SyncBudget(SyncTrigger.WORKER)).use { it.wait() }
    private suspend fun refused(engine: Engine) = assertFailsWith<GridException.Locked> { settle(engine) }.told

    @Test fun `an app that begins to use a store finds the credentials in it after the next settlement`(): Unit = runBlocking {
        enrolled(File(dir, "phone"), host(null)).close()
        app().use { engine ->
            assertNull(kept.value, "opening moves nothing")
            assertEquals(SyncOutcome.Done, settle(engine).outcome)
            assertNotNull(kept.value)
        }
        // and the database has them no more
        app(null).use { assertEquals("tokens_missing", refused(it).code) }
        app().use { assertEquals(SyncOutcome.Done, settle(it).outcome) }
    }

    @Test fun `a store that throws anything is a typed error, and the work waits`(): Unit = runBlocking {
        app().use { engine ->
            val reasons = listOf<() -> Unit>({ throw HostException.Unavailable() }, { throw HostException.Failed() }, { error("odd") })
            for (reason in reasons) {
                kept.before = reason
                // before the one-time code is spent
                val error = assertFailsWith<GridException.Locked> { engine.enrol(District.url, District.code()) }
                assertEquals("tokens_unavailable", error.told.code)
                assertTrue(error.told.zh.isNotEmpty() && error.told.nextZh.isNotEmpty())
            }
            kept.before = {}
            engine.enrol(District.url, District.code())
            settle(engine)
            val incident = draft(engine)
            engine.photoAddFile(incident, picture(41, File(dir, "a.jpg")).path, photo("near"))
            engine.photoAddFile(incident, picture(42, File(dir, "b.jpg")).path, photo("far"))
            engine.incidentSubmit(incident)
            for (reason in reasons) {
                kept.before = reason
                assertEquals("tokens_unavailable", refused(engine).code)
                assertTrue(engine.syncStatus().run { opsWaiting > 0uL && photosWaiting > 0uL })
            }
            kept.before = {}
            assertEquals(SyncOutcome.Done, settle(engine).outcome)
            assertTrue(engine.syncStatus().run { opsWaiting == 0uL && photosWaiting == 0uL })
        }
    }

    @Test fun `a store that hangs costs its limit of time and holds nothing else up`(): Unit = runBlocking {
        app(limitMs = 300uL).use { engine ->
            engine.enrol(District.url, District.code())
            settle(engine)
            kept.before = { Thread.sleep(2_500) }
            val run = engine.syncStart(SyncBudget(SyncTrigger.WORKER))
            withTimeout(1_500) {
                draft(engine)
                assertEquals(1uL, engine.syncStatus().drafts)
                assertEquals("tokens_unavailable", assertFailsWith<GridException.Locked> { run.wait() }.told.code)
            }
            // the call before is still under way: nothing may overtake it
            kept.before = {}
            assertEquals("tokens_unavailable", refused(engine).code)
            Thread.sleep(2_600)
            assertEquals(SyncOutcome.Done, settle(engine).outcome)
        }
    }

    @Test fun `credentials that are gone ask for a new code, and the work goes out afterwards`(): Unit = runBlocking {
        app().use { engine ->
            engine.enrol(District.url, District.code())
            settle(engine)
            engine.registryAdd("person", GRID, """{"name": "测试留存", "phone": "16900000077"}""")
            val losses = listOf<() -> Unit>({ kept.value = null }, { kept.value = ByteArray(40) }, { kept.before = { throw HostException.Missing() } })
            for (lose in losses) {
                lose()
                assertEquals("tokens_missing", refused(engine).code)
            }
            assertEquals(1uL, engine.syncStatus().opsWaiting)
            kept.before = {}
            engine.enrol(District.url, District.code())
            assertEquals(SyncOutcome.Done, settle(engine).outcome)
            assertEquals(0uL, engine.syncStatus().opsWaiting)
        }
    }
}
