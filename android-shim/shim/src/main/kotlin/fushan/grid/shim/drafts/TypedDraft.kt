package fushan.grid.shim.drafts

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

    /** What is written in a field. */
    operator fun get(field: String): String = synchronized(lock) { fields[field].orEmpty() }

    /** Something was typed. */
    operator fun set(field: String, text: String) {
        synchronized(lock) { fields[field] = text }
        typed.incrementAndGet()
        saving?.cancel()
        saving = scope.launch(io) {
            delay(pauseMs)
            flush()
        }
    }

    /** Reads what an earlier process kept. */
    fun restore() = synchronized(lock) { fields.putAll(box.load(form)) }

    /** Keeps everything now. */
    fun flush() = synchronized(lock) {
        val now = typed.get()
        if (now != saved) box.save(form, fields)
        saved = now
    }

    /** The form has become a record, or was given up. */
    fun done() = synchronized(lock) {
        saving?.cancel()
        fields.clear()
        saved = typed.get()
        box.drop(form)
    }
}
