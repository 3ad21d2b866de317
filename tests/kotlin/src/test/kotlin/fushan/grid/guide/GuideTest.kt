package fushan.grid.guide

import fushan.grid.core.*
import fushan.grid.tests.*
import java.io.File
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import kotlin.test.*

/** The guide for integrators: its app is compiled and run, and its text is what was compiled. */
class GuideTest {
    @TempDir lateinit var dir: File

    @Test fun `the small app does a morning's work`() = runBlocking {
        val engine = Phone(dir).open()
        val said = mutableListOf<String>()
        val app = SmallApp(engine, said::add)
        app.enrol(District.url, District.code())
        assertTrue(app.settle())
        val photo = picture(31, File(dir, "p.jpg"))
        assertNotNull(app.report("楼道堆物", photo, here), "$said")
        assertNull(app.report("楼道堆物", File(dir, "none.jpg"), here))
        assertTrue(app.settle(), "$said")
        engine.shutDown()
    }

    @Test fun `the guide shows the app as it was compiled`() {
        val guide = File(System.getProperty("guide")).readText()
        val source = File("src/test/kotlin/fushan/grid/guide/SmallApp.kt").readText()
        val shown = Regex("```kotlin\n// SmallApp.kt\n(.*?)```", RegexOption.DOT_MATCHES_ALL).find(guide)?.groupValues?.get(1)
        assertEquals(source, shown)
    }
}
