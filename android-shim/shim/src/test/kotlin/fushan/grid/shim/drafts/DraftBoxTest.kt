package fushan.grid.shim.drafts

import fushan.grid.core.HostException
import fushan.grid.shim.support.FakeKeystore
import fushan.grid.shim.support.HostRunner
import fushan.grid.shim.support.await
import java.io.File
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancel
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RuntimeEnvironment

@RunWith(HostRunner::class)
class DraftBoxTest {
    @get:Rule val keystore = FakeKeystore.Rule()
    private val app = RuntimeEnvironment.getApplication()
    private val typed = mapOf("title" to "楼道堆物", "text" to "张三家门口,电话 16900001234")

    private fun files() = File(app.noBackupFilesDir, "drafts").listFiles().orEmpty()

    @Test fun `what was typed is there after the process died`() {
        DraftBox(app).save("report", typed)
        assertEquals(typed, DraftBox(app).load("report"))
        assertEquals(emptyMap<String, String>(), DraftBox(app).load("other"))
    }

    @Test fun `no word and no form's name lies open on the disk`() {
        DraftBox(app).save("person p_1234", typed)
        val bytes = files().single().readBytes()
        assertFalse(String(bytes, Charsets.UTF_8).contains("张三"))
        assertFalse(files().single().name.contains("1234"))
    }

    @Test fun `a draft whose key has gone stays where it is`() {
        DraftBox(app).save("report", typed)
        FakeKeystore.entries.clear()
        assertThrows(HostException.Missing::class.java) { DraftBox(app).load("report") }
        assertEquals(1, files().size)
    }

    @Test fun `a draft whose key has gone is set aside when something new is kept`() {
        DraftBox(app).save("report", typed)
        val old = files().single().readBytes()
        FakeKeystore.entries.clear()
        DraftBox(app).save("report", mapOf("title" to "新"))
        assertEquals(mapOf("title" to "新"), DraftBox(app).load("report"))
        assertTrue(files().any { it.readBytes().contentEquals(old) })
        DraftBox(app).drop("report")
        assertTrue("also after the new one became a record", files().single().readBytes().contentEquals(old))
    }

    @Test fun `a draft that could not be read is not overwritten by what is typed after`() {
        DraftBox(app).save("report", typed)
        val old = files().single().readBytes()
        val scope = CoroutineScope(Dispatchers.Default)
        val draft = TypedDraft(DraftBox(app), "report", scope, pauseMs = 60_000)
        FakeKeystore.broken = true
        assertThrows(HostException.Unavailable::class.java) { draft.restore() }
        FakeKeystore.broken = false
        draft["title"] = "新"
        draft.flush()
        assertEquals(mapOf("title" to "新"), DraftBox(app).load("report"))
        assertTrue(files().any { it.readBytes().contentEquals(old) })
        scope.cancel()
    }

    @Test fun `a draft that became a record is gone`() {
        DraftBox(app).save("report", typed)
        DraftBox(app).drop("report")
        assertEquals(emptyMap<String, String>(), DraftBox(app).load("report"))
    }

    @Test fun `typing is kept a moment later, and at once when the screen goes`() {
        val scope = CoroutineScope(Dispatchers.Default)
        val draft = TypedDraft(DraftBox(app), "report", scope, pauseMs = 30)
        draft["title"] = "楼"
        draft["title"] = "楼道"
        await("kept") { DraftBox(app).load("report")["title"] == "楼道" }
        val slow = TypedDraft(DraftBox(app), "report", scope, pauseMs = 60_000)
        slow.restore()
        slow["text"] = "纸箱"
        slow.flush()
        assertEquals(mapOf("title" to "楼道", "text" to "纸箱"), DraftBox(app).load("report"))
        slow.done()
        assertTrue(files().isEmpty())
        scope.cancel()
    }
}
