package fushan.grid.shim.drafts

import android.content.Context
import android.util.AtomicFile
import fushan.grid.core.HostException
import fushan.grid.shim.keys.HostTrouble
import fushan.grid.shim.keys.Keystore
import fushan.grid.shim.keys.SealedBytes
import fushan.grid.shim.keys.hostCall
import java.io.File
import java.io.FileNotFoundException
import java.io.IOException
import java.security.MessageDigest
import java.util.UUID
import org.json.JSONException
import org.json.JSONObject

/**
 * Keeps what was typed and is no record yet, so that a killed process costs not a word. Texts may hold personal data: they are sealed
 * with a key of the key store, in files that are replaced whole or not at all and are never backed up.
 *
 * Answers of a checklist need no draft box: the engine has each on the disk before its call returns.
 */
class DraftBox(context: Context, private val alias: String = "fushan.drafts.1") {
    private val keys = Keystore(context.applicationContext)
    private val folder = File(context.applicationContext.noBackupFilesDir, "drafts")

    /**
     * Keeps the fields of a form under its name. On return they are on the disk. A draft whose key has gone is set aside and not
     * overwritten.
     */
    @Synchronized
    fun save(form: String, fields: Map<String, String>) {
        val sealed = hostCall {
            if (!keys.has(alias)) {
                setAside(form)
                keys.makeSecret(alias)
            }
            SealedBytes.seal(key(), JSONObject(fields).toString().toByteArray())
        }
        folder.mkdirs()
        val file = file(form)
        val out = file.startWrite()
        try {
            out.write(sealed)
            file.finishWrite(out)
        } catch (failed: IOException) {
            file.failWrite(out)
            throw failed
        }
    }

    /**
     * The fields of a form; none when there is no draft. Throws [HostException.Missing] or [HostException.Wrong] for a draft whose key
     * has gone; the file stays where it is.
     */
    @Synchronized
    fun load(form: String): Map<String, String> {
        val sealed = try {
            file(form).readFully()
        } catch (_: FileNotFoundException) {
            return emptyMap()
        }
        return opened(sealed)
    }

    /** Keeps a draft that cannot be read now under another name, so that the next [save] does not overwrite it. */
    @Synchronized
    fun setAside(form: String) {
        val file = file(form).baseFile
        try {
            // this also brings back what an old phone keeps beside the file while it writes
            file(form).openRead().close()
        } catch (_: FileNotFoundException) {
            return
        }
        if (!file.renameTo(File(folder, "${file.name}$KEPT${UUID.randomUUID()}"))) throw IOException("set aside")
    }

    /** The drafts of a form that were set aside, the one changed last first. */
    @Synchronized
    fun kept(form: String): List<KeptDraft> = keptFiles(form).sortedByDescending(File::lastModified)
        .map { KeptDraft(it.name, it.lastModified(), contentOf(it)) }

    /**
     * Makes a draft that was set aside the form's draft again. The one in its place is set aside for it, so that none is lost. Throws
     * as [load] does for one that cannot be read, and changes nothing then.
     */
    @Synchronized
    fun takeBack(form: String, name: String): Map<String, String> {
        val kept = keptFiles(form).firstOrNull { it.name == name } ?: throw FileNotFoundException("kept draft")
        val fields = opened(kept.readBytes())
        setAside(form)
        if (!kept.renameTo(file(form).baseFile)) throw IOException("take back")
        return fields
    }

    /** Throws away a draft that was set aside: the worker was asked. */
    @Synchronized
    fun dropKept(form: String, name: String) {
        keptFiles(form).firstOrNull { it.name == name }?.delete()
    }

    /** Forgets a draft: it has become a record, or the worker gave it up. */
    @Synchronized
    fun drop(form: String) = file(form).delete()

    private fun keptFiles(form: String): List<File> {
        val beginning = file(form).baseFile.name + KEPT
        return folder.listFiles().orEmpty().filter { it.name.startsWith(beginning) }
    }

    private fun contentOf(file: File): KeptDraft.Content = try {
        KeptDraft.Content.Readable(opened(file.readBytes()))
    } catch (_: HostException.Unavailable) {
        KeptDraft.Content.NotNow
    } catch (_: HostException) {
        KeptDraft.Content.Never
    } catch (_: IOException) {
        KeptDraft.Content.NotNow
    }

    private fun opened(sealed: ByteArray): Map<String, String> = try {
        val fields = JSONObject(String(hostCall { SealedBytes.open(key(), sealed) }))
        fields.keys().asSequence().associateWith(fields::getString)
    } catch (foreign: JSONException) {
        throw HostTrouble.wrong(foreign)
    }

    private fun key() = keys.secret(alias) ?: throw HostTrouble.missing()

    /** The name of a form may hold an id, which a file name should not tell. */
    private fun file(form: String): AtomicFile {
        val digest = MessageDigest.getInstance("SHA-256").digest(form.toByteArray())
        return AtomicFile(File(folder, digest.take(16).joinToString("") { "%02x".format(it) }))
    }

    private companion object {
        /** Stands between the name of a draft and what tells apart those of it that were set aside. */
        const val KEPT = ".kept-"
    }
}
