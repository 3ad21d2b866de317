package fushan.grid.tests

import fushan.grid.core.*
import java.io.File
import kotlinx.coroutines.*
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import kotlin.test.*

/** Objects, coroutines and threads: what is let go of is gone, what is dropped does no harm. */
class LifetimeTest {
    @TempDir lateinit var dir: File

    @Test fun `ten thousand objects made and closed leave nothing behind`() = runBlocking {
        val phone = enrolled(File(dir, "phone"))
        phone.use { engine ->
            // every handle is an object of its own, with a thread for as long as its run
            fun rounds(count: Int) = repeat(count) {
                engine.syncStart(SyncBudget(SyncTrigger.WORKER, maxMs = 0uL)).use { it.cancel() }
            }
            // the first half fills heap and caches; what leaks goes on growing in the second
            rounds(5_000)
            val before = memoryKib()
            rounds(5_000)
            settled(engine)
            val grown = memoryKib() - before
            assertTrue(grown < 40_000, "memory grew by $grown KiB")
            assertTrue(threads() < 200, "${threads()} threads")
        }
    }

    @Test fun `photos opened and closed a thousand times leave no file open`() = runBlocking {
        enrolled(File(dir, "phone")).use { engine ->
            val incident = draft(engine)
            val taken = engine.photoAddFile(incident, picture(3, File(dir, "p.jpg")).path, photo("near"))
            val before = openFiles()
            repeat(1_000) { engine.photoOpen(taken.sha256).use { reader -> reader.read(100u) } }
            assertTrue(openFiles() <= before + 5, "${openFiles()} files open, $before before")
        }
    }

    @Test fun `a cancelled coroutine stops waiting, and the settlement goes on to its end`() = runBlocking {
        enrolled(File(dir, "phone")).use { engine ->
            draft(engine).let { engine.incidentNote(it, "一") }
            val handle = engine.syncStart(SyncBudget(SyncTrigger.WORKER))
            val waiting = launch(Dispatchers.Default) { handle.wait() }
            waiting.cancelAndJoin()
            assertTrue(waiting.isCancelled)
            assertEquals(SyncOutcome.Done, handle.wait().outcome)
            assertNull(withTimeoutOrNull(1) { delay(50); handle.wait() })
        }
    }

    @Test fun `a photo whose coroutine was cancelled is there whole or not at all`() = runBlocking {
        enrolled(File(dir, "phone")).use { engine ->
            val incident = draft(engine)
            for (number in 0 until 6) {
                val file = picture(100 + number, File(dir, "c$number.jpg"))
                val taking = launch(Dispatchers.Default) { engine.photoAddFile(incident, file.path, photo("near")) }
                delay(number * 15L)
                taking.cancelAndJoin()
            }
            delay(1_500)
            val attached = engine.incident(incident).photos
            val verified = engine.photosVerify(incident)
            assertTrue(verified.all { it.verdict == "intact" })
            assertTrue(attached.map { it.sha256 }.toSet().all { hash -> verified.any { it.sha256 == hash } })
        }
    }

    @Test fun `cancel ends a settlement soon, and twice is no error`() = runBlocking {
        enrolled(File(dir, "phone")).use { engine ->
            val handle = engine.syncStart(SyncBudget(SyncTrigger.WORKER))
            handle.cancel()
            handle.cancel()
            val outcome = withTimeout(5_000) { handle.wait() }.outcome
            assertTrue(outcome == SyncOutcome.Cancelled || outcome == SyncOutcome.Done, "$outcome")
            assertTrue(handle.isFinished())
        }
    }

    @Test fun `a second settlement is told that one is under way`() = runBlocking {
        enrolled(File(dir, "phone")).use { engine ->
            val handles = (1..4).map { engine.syncStart(SyncBudget(SyncTrigger.WORKER)) }
            val outcomes = handles.map { it.wait().outcome }
            assertTrue(outcomes.all { it == SyncOutcome.Done || it == SyncOutcome.Busy }, "$outcomes")
            assertTrue(SyncOutcome.Done in outcomes)
        }
    }

    @Test fun `an observer that throws or hangs holds nothing up`() = runBlocking {
        enrolled(File(dir, "phone")).use { engine ->
            val throwing = object : SyncObserver { override fun progress(progress: SyncProgress): Unit = error("odd") }
            assertEquals(SyncOutcome.Done, engine.syncStart(SyncBudget(SyncTrigger.WORKER), throwing).wait().outcome)
            val hanging = object : SyncObserver { override fun progress(progress: SyncProgress) = Thread.sleep(4_000) }
            withTimeout(3_500) {
                assertEquals(SyncOutcome.Done, engine.syncStart(SyncBudget(SyncTrigger.WORKER), hanging).wait().outcome)
            }
        }
    }

    @Test fun `a signer that hangs leaves the photo unsigned and the engine free`() = runBlocking {
        val hanging = object : DeviceSigner by JvmSigner() {
            override fun sign(digest: ByteArray): ByteArray { Thread.sleep(2_000); return ByteArray(0) }
        }
        enrolled(File(dir, "phone"), Host(MemoryKeys(), hanging), limitMs = 100uL).use { engine ->
            val incident = draft(engine)
            val taking = async(Dispatchers.Default) {
                engine.photoAddFile(incident, picture(7, File(dir, "p.jpg")).path, photo("near"))
            }
            withTimeout(1_000) { engine.incident(incident); engine.syncStatus() }
            assertEquals("near", taking.await().let { engine.incident(incident).photos.single().role })
        }
    }

    @Test fun `many threads use one engine at once`() = runBlocking {
        enrolled(File(dir, "phone")).use { engine ->
            val ids = (1..8).map { n -> async(Dispatchers.IO) { List(10) { draft(engine, "并发$n") } } }.awaitAll().flatten()
            assertEquals(80, ids.toSet().size)
            assertEquals(80uL, engine.syncStatus().drafts)
        }
    }

    private suspend fun settled(engine: Engine) {
        while (engine.syncStart(SyncBudget(SyncTrigger.WORKER, maxMs = 0uL)).use { it.wait().outcome } == SyncOutcome.Busy) delay(20)
    }

    private fun memoryKib(): Long {
        repeat(3) { System.gc(); Thread.sleep(100) }
        return File("/proc/self/status").readLines().first { it.startsWith("VmRSS") }.filter { it.isDigit() }.toLong()
    }

    private fun threads() = File("/proc/self/task").list()!!.size
    private fun openFiles() = File("/proc/self/fd").list()!!.size
}

/** A phone that has enrolled at the district and has taken its first fill. */
suspend fun enrolled(dir: File, host: Host = Host(MemoryKeys(), JvmSigner()), limitMs: ULong = 30_000uL): Engine {
    val engine = Phone(dir, host).open(limitMs)
    engine.enrol(District.url, District.code())
    check(engine.syncStart(SyncBudget(SyncTrigger.WORKER)).wait().outcome == SyncOutcome.Done)
    return engine
}

fun draft(engine: Engine, title: String = "楼道堆物"): String =
    engine.incidentDraft(IncidentReport(category = "A01.03", title = title, description = "三楼", point = here, accuracyM = 5u))
