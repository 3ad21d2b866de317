package fushan.grid.tests

import fushan.grid.core.*
import java.io.File
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.condition.EnabledIfSystemProperty
import org.junit.jupiter.api.io.TempDir
import kotlin.test.*

/** What a call and a page of 1,000 records cost on the JVM; `bindings/tests/cost.rs` prints the same in plain Rust. */
@EnabledIfSystemProperty(named = "cost", matches = "yes", disabledReason = "prints figures, judges nothing: FUSHAN_DOOR_COST=1")
class CostTest {
    @TempDir lateinit var dir: File

    @Test fun `cost of a call and of a page`() = runBlocking {
        Phone(dir).open().use { engine ->
            var last = ""
            repeat(1_000) { n ->
                last = engine.registryAdd("person", GRID, """{"name": "测试甲$n", "phone": "169${"%08d".format(n)}", "live_addr": "测试路${n}号"}""").id
            }
            val call = median(201) { repeat(1_000) { engine.opened() } } / 1_000
            val record = median(201) { repeat(10) { engine.record(last) } } / 10
            val search = median(51) { engine.registrySearch("csj999", limit = 50u) }
            val page = median(51) { assertEquals(1_000, engine.registryList(RecordQuery("person", limit = 1_000u)).items.size) }
            println("COST JVM: one call ${call / 1_000.0} µs, one record ${record / 1_000.0} µs, a search ${search / 1_000.0} µs, " +
                "a page of 1,000 records ${page / 1_000_000.0} ms")
        }
    }

    private fun median(times: Int, work: () -> Unit): Long = List(times) {
        val started = System.nanoTime()
        work()
        System.nanoTime() - started
    }.sorted()[times / 2]
}
