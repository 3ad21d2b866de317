package fushan.grid.tests

import fushan.grid.core.*
import java.io.File
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import kotlin.test.*

/** What the district orders a phone: how long it opens without asking, and that it is wiped. */
class OrdersTest {
    @TempDir lateinit var dir: File

    private suspend fun settle(engine: Engine, conditions: Conditions? = null) =
        engine.syncStart(SyncBudget(SyncTrigger.WORKER, conditions = conditions)).use { it.wait() }

    @Test fun `an ordered wipe takes the last work to the platform and every byte from the phone`(): Unit = runBlocking {
        val kept = object : TokenStore {
            var value: ByteArray? = null
            override fun load() = value
            override fun save(secret: ByteArray) { value = secret }
            override fun clear() { value = null }
        }
        val host = Host(MemoryKeys(), JvmSigner(), tokens = kept)
        val (home, other) = File(dir, "phone") to enrolled(File(dir, "other"))
        val engine = enrolled(home, host)
        val person = engine.registryAdd("person", GRID, """{"name": "测试末班", "phone": "16900000088"}""").id
        val draft = draft(engine)
        engine.photoAddFile(draft, picture(51, File(dir, "p.jpg")).path, photo("near"))
        District.wipe(engine.deviceId())
        // the draft goes to the supervisor first, its photo with the next run
        val outcomes = generateSequence { runBlocking { settle(engine).outcome } }.take(3).onEach { assertFalse(it is SyncOutcome.Offline) }
        assertNotNull(outcomes.firstOrNull { it == SyncOutcome.Wiped(sealed = false) })
        assertFailsWith<GridException> { engine.record(person) }
        assertFailsWith<GridException> { settle(engine) }
        assertNull(kept.value, "nor the credentials")
        engine.close()
        val left = home.walkTopDown().filter { it.isFile }.toList()
        assertTrue(left.isEmpty(), "$left")
        settle(other)
        assertTrue("测试末班" in other.record(person).bodyJson, "what waited was sent before")
        other.close()
        Phone(home, host).open().use { again ->
            assertTrue(again.opened().created)
            assertFailsWith<GridException.NotFound> { again.record(person) }
        }
    }

    @Test fun `a wipe with work that cannot go out seals it, and the phone stays locked`(): Unit = runBlocking {
        val home = File(dir, "phone")
        // any 32 bytes are a public key of X25519
        val config = EngineConfig(dir = home.path, recoveryKey = ByteArray(32) { (it + 9).toByte() })
        val host = Host(MemoryKeys(), JvmSigner())
        val engine = Engine.open(config, host)
        engine.enrol(District.url, District.code())
        settle(engine)
        engine.registryAdd("person", GRID, """{"name": "测试封存", "phone": "16900000089"}""")
        District.wipe(engine.deviceId())
        // abroad, registry edits may not go out
        val report = settle(engine, Conditions(Network.ROAMING))
        assertEquals(SyncOutcome.Wiped(sealed = true), report.outcome)
        engine.close()
        val locked = assertFailsWith<GridException.Locked> { Phone(home, host).open() }.told
        assertEquals("sealed", locked.code)
        assertTrue(locked.zh.isNotEmpty() && locked.nextZh.isNotEmpty())
    }

    @Test fun `a phone whose lease has run out is locked until the district gives a code, and loses nothing`(): Unit = runBlocking {
        val home = File(dir, "phone")
        val keys = MemoryKeys()
        val asked = mutableListOf<String>()
        val watched = object : KeyProvider by keys { override fun unwrap(wrapped: ByteArray) = keys.unwrap(wrapped).also { asked += "unwrap" } }
        val host = Host(watched, JvmSigner())
        val person = enrolled(home, host).use { engine ->
            assertNotNull(engine.syncStatus().leaseUntilMs)
            engine.registryAdd("person", GRID, """{"name": "测试租期", "phone": "16900000090"}""").id
        }
        // the phone has seen a day long after the lease
        val lease = File(home, "db/fushan.lease.json")
        val seen = Regex("""("seen":\{[^}]*?"(?:time|at)":)(\d+)""")
        val text = lease.readText()
        assertTrue(seen.containsMatchIn(text), text)
        lease.writeText(seen.replace(text) { it.groupValues[1] + (it.groupValues[2].toLong() + 30L * 86_400_000) })
        asked.clear()
        assertEquals("lease_expired", assertFailsWith<GridException.Locked> { Phone(home, host).open() }.told.code)
        assertEquals(emptyList(), asked, "the key store was not even asked")
        val config = EngineConfig(dir = home.path)
        val wrong = assertFailsWith<GridException.Invalid> { renewLease(config, host, District.url, "no-such-code") }
        assertEquals("code_invalid", wrong.told.code)
        assertEquals("offline", assertFailsWith<GridException.Platform> { renewLease(config, host, "http://127.0.0.1:1", "code") }.told.code)
        assertEquals("lease_expired", assertFailsWith<GridException.Locked> { Phone(home, host).open() }.told.code)
        renewLease(config, host, District.url, District.code())
        Phone(home, host).open().use { again ->
            assertTrue("测试租期" in again.record(person).bodyJson)
            assertEquals(SyncOutcome.Done, settle(again).outcome)
        }
    }

    @Test fun `a phone that was never enrolled has no lease to renew`(): Unit = runBlocking {
        val host = Host(MemoryKeys())
        Phone(dir, host).open().close()
        val refused = assertFailsWith<GridException.Locked> { renewLease(EngineConfig(dir = dir.path), host, District.url, "code") }
        assertEquals("not_enrolled", refused.told.code)
    }
}
