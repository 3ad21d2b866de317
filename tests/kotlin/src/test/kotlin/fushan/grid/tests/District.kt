package fushan.grid.tests

import java.io.File
import java.net.HttpURLConnection
import java.net.URI
import java.nio.file.Files
import java.util.concurrent.TimeUnit

/** A running platform of the sample district, one for all tests of this JVM. */
object District : Platform(Files.createTempDirectory("fushan-platform").toFile()) {
    init {
        Runtime.getRuntime().addShutdownHook(Thread {
            close()
            data.deleteRecursively()
        })
    }

    /** Another one, for a test that ends it. */
    fun own(data: File) = Platform(data.apply { mkdirs() })
}

/** A running platform whose files lie in a folder. */
open class Platform(protected val data: File) : AutoCloseable {
    private val process: Process = ProcessBuilder(
        System.getProperty("platform.program"), "--listen", "127.0.0.1:0", "--data", data.path,
        "--district", System.getProperty("district"), "--admin-token", OPERATOR,
    ).redirectError(File(data, "log")).start()
    val url: String = process.inputReader().readLine() ?: error("the platform did not start: ${File(data, "log").readText()}")

    override fun close() {
        process.destroy()
        process.waitFor(5, TimeUnit.SECONDS)
    }

    /** A one-time code for a worker. */
    fun code(grid: String = GRID): String {
        val reply = post("/admin/v1/codes", """{"staff": "s_$grid"}""")
        return Regex(""""code":"([^"]*)"""").find(reply)?.groupValues?.get(1) ?: error(reply)
    }

    /** Orders that a phone is wiped. */
    fun wipe(device: String) = post("/admin/v1/wipe", """{"device": "$device"}""")

    private fun post(path: String, body: String): String {
        val connection = URI(url + path).toURL().openConnection() as HttpURLConnection
        connection.requestMethod = "POST"
        connection.doOutput = true
        connection.setRequestProperty("Authorization", "Bearer $OPERATOR")
        connection.outputStream.use { it.write(body.toByteArray()) }
        return connection.inputStream.use { String(it.readAllBytes()) }
    }

    private companion object {
        const val OPERATOR = "operator"
    }
}
