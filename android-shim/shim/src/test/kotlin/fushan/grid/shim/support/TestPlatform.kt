package fushan.grid.shim.support

import java.io.File
import java.net.HttpURLConnection
import java.net.URI
import java.nio.file.Files
import java.util.concurrent.TimeUnit
import org.json.JSONObject
import org.junit.rules.ExternalResource

/** A real platform with the sample district, in a process of its own that ends with the test class. */
class TestPlatform : ExternalResource() {
    private lateinit var folder: File
    private lateinit var process: Process
    lateinit var url: String
        private set

    override fun before() {
        folder = Files.createTempDirectory("fushan-platform").toFile()
        val told = File(folder, "url")
        process = ProcessBuilder(
            File(System.getProperty("fushan.bin"), "fushan-platform").path,
            "--listen", "127.0.0.1:0", "--data", File(folder, "data").path,
            "--district", File(System.getProperty("fushan.root"), "tests/fixtures/district").path,
            "--admin-token", TOKEN,
        ).redirectOutput(told).redirectError(File(folder, "log")).start()
        Runtime.getRuntime().addShutdownHook(Thread { process.destroyForcibly() })
        url = address(told)
    }

    override fun after() {
        process.destroy()
        if (!process.waitFor(5, TimeUnit.SECONDS)) process.destroyForcibly()
        folder.deleteRecursively()
    }

    /** A one-time code to enrol a phone with. */
    fun code(staff: String): String = post("/admin/v1/codes", JSONObject().put("staff", staff)).getString("code")

    /** Asks the operators' door. */
    fun post(path: String, message: JSONObject): JSONObject {
        val connection = URI(url + path).toURL().openConnection() as HttpURLConnection
        connection.requestMethod = "POST"
        connection.doOutput = true
        connection.setRequestProperty("Authorization", "Bearer $TOKEN")
        connection.outputStream.use { it.write(message.toString().toByteArray()) }
        check(connection.responseCode == 200) { "$path: ${connection.responseCode}" }
        return JSONObject(connection.inputStream.use { String(it.readBytes()) })
    }

    private fun address(told: File): String {
        repeat(600) {
            val line = told.readLines().firstOrNull()
            if (!line.isNullOrBlank()) return line.trim()
            check(process.isAlive) { File(folder, "log").readText() }
            Thread.sleep(50)
        }
        error("the platform did not start: ${File(folder, "log").readText()}")
    }

    companion object {
        /** The worker of [GRID] in the sample district. */
        const val WORKER = "s_370611001901001"
        const val LEADER = "l_370611001901"
        const val GRID = "370611001901001"
        private const val TOKEN = "operator"
    }
}
