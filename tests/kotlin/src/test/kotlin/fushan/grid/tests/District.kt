package fushan.grid.tests

import java.io.File
import java.net.HttpURLConnection
import java.net.URI
import java.nio.file.Files
import java.util.concurrent.TimeUnit

/** A running platform of the sample district, one for all tests of this JVM. */
object District {
    private const val OPERATOR = "operator"
    private val data: File = Files.createTempDirectory("fushan-platform").toFile()
    private val process: Process = ProcessBuilder(
        System.getProperty("platform.program"), "--listen", "127.0.0.1:0", "--data", data.path,
        "--district", System.getProperty("district"), "--admin-token", OPERATOR,
    ).redirectError(File(data, "log")).start()
    val url: String = process.inputReader().readLine() ?: error("the platform did not start: ${File(data, "log").readText()}")

    init {
        Runtime.getRuntime().addShutdownHook(Thread {
            process.destroy()
            process.waitFor(5, TimeUnit.SECONDS)
            data.deleteRecursively()
        })
    }

    /** A one-time code for a worker. */
    fun code(grid: String = GRID): String {
        val reply = post("/admin/v1/codes", """{"staff": "s_$grid"}""")
        return Regex(""""code":"([^"]*)"""").find(reply)?.groupValues?.get(1) ?: error(reply)
    }

    private fun post(path: String, body: String): String {
        val connection = URI(url + path).toURL().openConnection() as HttpURLConnection
        connection.requestMethod = "POST"
        connection.doOutput = true
        connection.setRequestProperty("Authorization", "Bearer $OPERATOR")
        connection.outputStream.use { it.write(body.toByteArray()) }
        return connection.inputStream.use { String(it.readAllBytes()) }
    }
}
