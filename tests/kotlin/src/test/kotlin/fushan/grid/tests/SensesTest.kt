package fushan.grid.tests

import fushan.grid.core.*
import java.io.File
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import kotlin.test.*

/** What the app knows of network, power and position, and the log it keeps: used when they answer, no harm when they do not. */
class SensesTest {
    @TempDir lateinit var dir: File

    private class Weather(@Volatile var answer: () -> Conditions) : ConditionsSource { override fun now() = answer() }

    private class Log : LogSink {
        val lines = LinkedBlockingQueue<LogLine>()
        override fun log(line: LogLine) { lines += line }
        fun next(): LogLine = lines.poll(5, TimeUnit.SECONDS) ?: fail("no line")
    }

    private suspend fun settle(engine: Engine, budget: SyncBudget = SyncBudget(SyncTrigger.WORKER)) = engine.syncStart(budget).use { it.wait() }
    private suspend fun report(engine: Engine, number: Int) {
        val incident = draft(engine)
        for ((n, role) in listOf("near", "far").withIndex())
            engine.photoAddFile(incident, picture(10 * number + n, File(dir, "$number$role.jpg")).path, photo(role))
        engine.incidentSubmit(incident)
    }
    private fun lane(engine: Engine, name: String) = engine.syncStatus().lanes.first { it.lane == name }

    @Test fun `photos wait for a network that costs nothing, text does not`(): Unit = runBlocking {
        val weather = Weather { Conditions(Network.METERED) }
        enrolled(File(dir, "phone"), Host(MemoryKeys(), JvmSigner(), conditions = weather)).use { engine ->
            report(engine, 6)
            assertEquals("metered", lane(engine, "P4").blocked)
            settle(engine)
            assertTrue(engine.syncStatus().run { opsWaiting == 0uL && photosWaiting == 2uL }, "${engine.syncStatus()}")
            assertTrue("\"network\":\"metered\"" in engine.diagnosticsJson(), engine.diagnosticsJson())
            assertTrue("\"network\":\"unmetered\"" in engine.diagnosticsJson(Conditions(Network.UNMETERED)))
            // asked about another network than the one at hand
            assertNull(engine.syncStatus(Conditions(Network.UNMETERED)).lanes.first { it.lane == "P4" }.blocked)
            weather.answer = { Conditions(Network.UNMETERED, battery = 7u) }
            assertEquals("battery", lane(engine, "P4").blocked)
            settle(engine)
            assertEquals(2uL, engine.syncStatus().photosWaiting, "a battery that is nearly empty is spared")
            weather.answer = { Conditions(Network.UNMETERED, battery = 7u, charging = true) }
            settle(engine)
            assertEquals(0uL, engine.syncStatus().photosWaiting)
        }
    }

    @Test fun `what a budget says of the network counts before what the source says`(): Unit = runBlocking {
        val weather = Weather { Conditions(Network.METERED) }
        enrolled(File(dir, "phone"), Host(MemoryKeys(), JvmSigner(), conditions = weather)).use { engine ->
            report(engine, 7)
            settle(engine, SyncBudget(SyncTrigger.WORKER, conditions = Conditions(Network.UNMETERED)))
            assertEquals(0uL, engine.syncStatus().photosWaiting)
        }
    }

    @Test fun `a source that throws or hangs counts as a network that costs`(): Unit = runBlocking {
        val weather = Weather { error("odd") }
        enrolled(File(dir, "phone"), Host(MemoryKeys(), JvmSigner(), conditions = weather), limitMs = 300uL).use { engine ->
            report(engine, 8)
            for (answer in listOf<() -> Conditions>({ error("odd") }, { throw HostException.Unavailable() }, { Thread.sleep(2_000); Conditions(Network.UNMETERED) })) {
                weather.answer = answer
                withTimeout(1_500) { assertEquals("metered", lane(engine, "P4").blocked) }
            }
            settle(engine)
            assertEquals(2uL, engine.syncStatus().photosWaiting)
        }
    }

    @Test fun `the log tells how each settlement ended, and nothing about anybody`(): Unit = runBlocking {
        val log = Log()
        enrolled(File(dir, "phone"), Host(MemoryKeys(), JvmSigner(), log = log)).use { engine ->
            log.next().run { assertEquals(Triple("sync", "ok", LogLevel.INFO), Triple(what, code, level)) }
            engine.registryAdd("person", GRID, """{"name": "测试日志", "phone": "16900000091"}""")
            settle(engine)
            val line = log.next()
            assertTrue("taken=1" in line.detail, line.detail)
            assertFalse("测试日志" in line.toString() || "16900000091" in line.toString())
            engine.syncStart(SyncBudget(SyncTrigger.WORKER)).use { it.cancel(); it.wait() }
            assertTrue(log.next().code in listOf("cancelled", "ok"))
            engine.suspend()
            engine.resume()
        }
    }

    @Test fun `a settlement without signal is a warning with the code of its reason`(): Unit = runBlocking {
        val log = Log()
        District.own(File(dir, "platform")).use { district ->
            Phone(File(dir, "phone"), Host(MemoryKeys(), log = log)).open().use { engine ->
                engine.enrol(district.url, district.code())
                assertEquals(district.url, engine.platformUrl())
                district.close()
                val report = settle(engine)
                assertIs<SyncOutcome.Offline>(report.outcome)
                log.next().run { assertEquals("offline" to LogLevel.WARN, code to level) }
                // the next attempt by the app's schedule waits; the worker's does not
                assertTrue(engine.nextSyncMs()!! > 0uL)
                assertEquals(SyncOutcome.Waiting, settle(engine, SyncBudget(SyncTrigger.SCHEDULE)).outcome)
                assertEquals("waiting", log.next().code)
                assertIs<SyncOutcome.Offline>(settle(engine).outcome)
            }
        }
    }

    @Test fun `a log that throws or hangs holds nothing up`(): Unit = runBlocking {
        val throwing = object : LogSink { override fun log(line: LogLine): Unit = error("odd") }
        enrolled(File(dir, "one"), Host(MemoryKeys(), log = throwing)).use { assertEquals(SyncOutcome.Done, settle(it).outcome) }
        val hanging = object : LogSink { override fun log(line: LogLine) = Thread.sleep(8_000) }
        enrolled(File(dir, "two"), Host(MemoryKeys(), log = hanging)).use { engine ->
            // more lines than may wait for it
            repeat(270) { engine.syncStart(SyncBudget(SyncTrigger.WORKER, maxMs = 0uL)).use { run -> run.wait() } }
            withTimeout(10_000) { assertEquals(SyncOutcome.Done, settle(engine).outcome) }
        }
    }

    @Test fun `a position that cannot be told leaves what needs none alone`(): Unit = runBlocking {
        val lost = object : LocationSource { override fun lastFix(): Fix? = error("odd") }
        Phone(File(dir, "phone"), Host(MemoryKeys(), location = lost)).open().use { engine ->
            val report = IncidentReport(category = "A01.03", title = "t", description = "d")
            assertEquals("location_missing", assertFailsWith<GridException.Invalid> { engine.incidentDraft(report) }.told.code)
            engine.planPut(plan("p1"))
            assertEquals(1, engine.plans().size)
        }
    }
}
