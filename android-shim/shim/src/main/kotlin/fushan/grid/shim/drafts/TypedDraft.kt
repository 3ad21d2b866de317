package fushan.grid.shim.drafts

import fushan.grid.core.HostException
import java.io.IOException
import java.util.concurrent.atomic.AtomicLong
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch

/**
 * The draft of one form while somebody types: every change is kept a moment later, and at once by [flush], which a screen calls when
 * it goes out of sight.
 */
class TypedDraft(
    private val box: DraftBox,
    private val form: String,
    private val scope: CoroutineScope,
    private val io: CoroutineDispatcher = Dispatchers.IO,
    private val pauseMs: Long = 400,
) {
    private val lock = Any()
    private val fields = LinkedHashMap<String, String>()
    private val typed = AtomicLong()
    private var saved = 0L
    private var saving: Job? = null
    private var unread = false

    /** What is written in a field. */
    operator fun get(field: String): String = synchronized(lock) { fields[field].orEmpty() }

    /** Whether anything was ever written in a field, also when it is empty now. */
    operator fun contains(field: String): Boolean = synchronized(lock) { field in fields }

    /** Whether nothing is written in any field. */
    fun isEmpty(): Boolean = synchronized(lock) { fields.values.all(String::isEmpty) }

    /** Something was typed. */
    operator fun set(field: String, text: String) {
        synchronized(lock) { fields[field] = text }
        typed.incrementAndGet()
        saving?.cancel()
        saving = scope.launch(io) {
            delay(pauseMs)
            try {
                flush()
            } catch (_: HostException) {
                // not kept yet: the next change or the screen's own flush tries again, and tells
            } catch (_: IOException) {
                // the same
            }
        }
    }

    /** Reads what an earlier process kept. What could not be read is not overwritten later. */
    fun restore() = synchronized(lock) {
        // words typed since a reading that failed come first; what lies on the disk is set aside for them
        if (typed.get() == saved) {
            unread = true
            fields.putAll(box.load(form))
            unread = false
        }
    }

    /** Keeps everything now. */
    fun flush() = synchronized(lock) {
        val now = typed.get()
        if (now != saved) {
            if (unread) box.setAside(form)
            unread = false
            box.save(form, fields)
        }
        saved = now
    }

    /** Sets what is written aside and goes on with a draft that was set aside before. Throws as [DraftBox.takeBack] does. */
    fun takeBack(name: String) = synchronized(lock) {
        flush()
        replace(box.takeBack(form, name))
    }

    /** Sets what is written aside, if anything is, and goes on with other fields. */
    fun goOnWith(other: Map<String, String>) = synchronized(lock) {
        flush()
        if (unread || !isEmpty()) box.setAside(form)
        box.save(form, other)
        replace(other)
    }

    /** The form has become a record, or was given up. */
    fun done() = synchronized(lock) {
        saving?.cancel()
        fields.clear()
        saved = typed.get()
        if (unread) box.setAside(form)
        unread = false
        box.drop(form)
    }

    /** What lies on the disk is what is written. */
    private fun replace(other: Map<String, String>) {
        saving?.cancel()
        fields.clear()
        fields.putAll(other)
        saved = typed.get()
        unread = false
    }
}
