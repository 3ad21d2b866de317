package fushan.grid.shim.drafts

import fushan.grid.core.HostException
import fushan.grid.shim.support.FakeKeystore
import fushan.grid.shim.support.HostRunner
import fushan.grid.shim.support.await
import java.io.File
import java.io.FileNotFoundException
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

    private val other = mapOf("title" to "路灯不亮")

    @Test fun `a draft that was set aside is found, and taken back in the place of the present one`() {
        val box = DraftBox(app)
        box.save("report", typed)
        box.setAside("report")
        box.save("report", other)
        val kept = box.kept("report").single()
        assertEquals(KeptDraft.Content.Readable(typed), kept.content)
        assertEquals("another form's is not its", emptyList<KeptDraft>(), box.kept("other"))
        assertEquals(typed, box.takeBack("report", kept.name))
        assertEquals(typed, DraftBox(app).load("report"))
        assertEquals("the present one is kept in turn", KeptDraft.Content.Readable(other), box.kept("report").single().content)
    }

    @Test fun `a draft set aside says when it cannot be read now, and when nobody can read it any more`() {
        val box = DraftBox(app)
        box.save("report", typed)
        box.setAside("report")
        FakeKeystore.broken = true
        assertEquals(KeptDraft.Content.NotNow, box.kept("report").single().content)
        assertThrows(HostException.Unavailable::class.java) { box.takeBack("report", box.kept("report").single().name) }
        FakeKeystore.broken = false
        FakeKeystore.entries.clear()
        assertEquals(KeptDraft.Content.Never, box.kept("report").single().content)
        box.save("report", other)
        val lost = box.kept("report").single()
        assertThrows("another key now", HostException.Wrong::class.java) { box.takeBack("report", lost.name) }
        assertEquals("nothing has moved", other, box.load("report"))
        box.dropKept("report", lost.name)
        assertEquals(emptyList<KeptDraft>(), box.kept("report"))
        assertEquals(other, box.load("report"))
    }

    @Test fun `a name that no draft was set aside under takes nothing back and drops nothing`() {
        val box = DraftBox(app)
        box.save("report", typed)
        box.save("other", other)
        for (name in listOf(files().first().name, "../grid/db/fushan.db", "")) {
            assertThrows(FileNotFoundException::class.java) { box.takeBack("report", name) }
            box.dropKept("report", name)
        }
        assertEquals(typed, box.load("report"))
        assertEquals(other, box.load("other"))
    }

    @Test fun `going on with something else sets aside what is written, and an empty form leaves nothing behind`() {
        val scope = CoroutineScope(Dispatchers.Default)
        val draft = TypedDraft(DraftBox(app), "report", scope, pauseMs = 60_000)
        draft.goOnWith(other)
        assertEquals(emptyList<KeptDraft>(), DraftBox(app).kept("report"))
        draft["title"] = "新"
        draft.goOnWith(typed)
        assertEquals("楼道堆物", draft["title"])
        val kept = DraftBox(app).kept("report").single()
        assertEquals(KeptDraft.Content.Readable(mapOf("title" to "新")), kept.content)
        draft.takeBack(kept.name)
        assertEquals("新", draft["title"])
        assertFalse("text" in draft)
        assertEquals(KeptDraft.Content.Readable(typed), DraftBox(app).kept("report").single().content)
        scope.cancel()
    }
}
