package fushan.grid.shim

import java.io.File
import javax.xml.parsers.DocumentBuilderFactory
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.w3c.dom.Element

/** The manifests are not merged here, so that what they say is checked against the sources. */
class ManifestTest {
    private val root = File(System.getProperty("fushan.root"), "android-shim")

    private fun elements(module: String, tag: String): List<Element> {
        val file = File(root, "$module/src/main/AndroidManifest.xml")
        val nodes = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file).getElementsByTagName(tag)
        return (0 until nodes.length).map { nodes.item(it) as Element }
    }

    private fun declared(module: String) = listOf("activity", "service", "provider").flatMap { elements(module, it) }
        .map { it.getAttribute("android:name") }.toSet()

    private fun written(module: String): Set<String> {
        val kind = Regex("""class (\w+) : (Service|JobService|Activity|ContentProvider)\(""")
        return File(root, "$module/src/main/kotlin").walk().filter { it.extension == "kt" }.flatMap { file ->
            val text = file.readText()
            val name = checkNotNull(Regex("""package (\S+)""").find(text)).groupValues[1]
            kind.findAll(text).map { "$name.${it.groupValues[1]}" }
        }.toSet()
    }

    @Test fun `every part that the system starts is declared, and nothing else is`() {
        for (module in listOf("shim", "shell")) assertEquals(module, written(module), declared(module))
    }

    @Test fun `nothing but the app's first screen is open to other apps`() {
        val open = listOf("activity", "service", "provider").flatMap { elements("shim", it) + elements("shell", it) }
            .filter { it.getAttribute("android:exported") == "true" && it.getAttribute("android:permission").isEmpty() }
        assertTrue("${open.map { it.getAttribute("android:name") }}", open.all { it.tagName == "activity" })
        assertEquals("false", elements("shell", "application").single().getAttribute("android:allowBackup"))
    }
}
