package fushan.grid.shim

import android.app.NotificationManager
import android.os.Looper
import fushan.grid.core.GridException
import fushan.grid.core.Told
import fushan.grid.shim.support.GridRule
import fushan.grid.shim.support.HostRunner
import fushan.grid.shim.support.await
import fushan.grid.shim.support.waiting
import java.util.concurrent.CopyOnWriteArrayList
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

/** The small parts: bell, words, channels, notices, the drawing thread, errors. */
@RunWith(HostRunner::class)
class SmallPartsTest {
    @get:Rule val phone = GridRule()
    private val told = Told("some_code", "发生了", "It happened", "请重试", "Try again", "第三行", null)

    @Test fun `the bell rings once at the beginning and at every ring, and waits for nobody`() {
        val bell = ChangeBell()
        repeat(5) { bell.ring() }
        val heard = CopyOnWriteArrayList<Unit>()
        val scope = CoroutineScope(Dispatchers.Default)
        scope.launch { bell.heard().collect(heard::add) }
        await("the first") { heard.size == 1 }
        await("a later one") {
            bell.ring()
            heard.size > 1
        }
        scope.cancel()
    }

    @Test @Config(qualifiers = "zh-rCN") fun `texts are Chinese with what to do next`() {
        assertEquals(Language.ZH, Language.of(phone.app))
        assertEquals("发生了\n第三行\n请重试", Language.of(phone.app).of(told))
    }

    @Test @Config(qualifiers = "en-rGB") fun `texts are English where the phone is`() {
        assertEquals("It happened\nTry again", Language.of(phone.app).of(told))
    }

    @Test @Config(qualifiers = "ug-rCN") fun `a phone in any other language shows Chinese`() {
        assertEquals(Language.ZH, Language.of(phone.app))
    }

    @Test @Config(qualifiers = "zh-rCN") fun `channels are named in the phone's language, and named anew when it changes`() {
        Channels.make(phone.app)
        val manager = phone.app.getSystemService(NotificationManager::class.java)
        assertEquals(setOf("巡查记录中", "等您处理"), manager.notificationChannels.map { it.name.toString() }.toSet())
        RuntimeEnvironment.setQualifiers("en-rUS")
        Channels.make(phone.app)
        assertEquals(setOf("Patrol being recorded", "Waits for you"), manager.notificationChannels.map { it.name.toString() }.toSet())
    }

    @Test fun `every notice can be shown on a lock screen`() {
        Channels.make(phone.app)
        val notices = Notices(phone.app)
        notices.waitsForPerson()
        notices.patrolGoesOn()
        notices.patrolStopped()
        val all = shadowOf(phone.app.getSystemService(NotificationManager::class.java)).allNotifications
        assertEquals("a patrol's two troubles take one place", 2, all.size)
        assertTrue(all.all { it.visibility == android.app.Notification.VISIBILITY_PUBLIC && it.channelId == "fushan.waits" })
    }

    @Test fun `work for the drawing thread is done there`() {
        var there: Looper? = null
        val job: Job = CoroutineScope(MainThread).launch { there = Looper.myLooper() }
        await("done") { job.isCompleted }
        assertEquals(Looper.getMainLooper(), there)
    }

    @Test fun `a value keeps its state when it is told otherwise`() {
        assertEquals(Loaded.Here(2), Loaded.Here("ab").map { it.length })
        assertEquals(Loaded.Trouble(told), (Loaded.Trouble(told) as Loaded<String>).map { it.length })
        assertEquals(Loaded.Waiting, (Loaded.Waiting as Loaded<String>).map { it.length })
    }

    @Test fun `every error of the engine has code and texts`() {
        val error = runCatching { waiting { phone.grid.keeper.use { it.incident("no id") } } }.exceptionOrNull() as GridException
        assertTrue(error.about.code.isNotEmpty() && error.about.zh.isNotEmpty() && error.about.en.isNotEmpty())
    }
}
