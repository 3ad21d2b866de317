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

    @Test fun `every part says whether others may start it`() {
        for (module in listOf("shim", "shell")) {
            for (part in listOf("activity", "service", "provider").flatMap { elements(module, it) }) {
                assertTrue(part.getAttribute("android:name"), part.getAttribute("android:exported") in setOf("true", "false"))
            }
        }
    }

    @Test fun `what the sources ask the system for is declared`() {
        val declared = elements("shim", "uses-permission").map { it.getAttribute("android:name") }.toSet()
        val asked = Regex("""Manifest\.permission\.(\w+)""")
        val named = listOf("shim", "shell").flatMap { module ->
            File(root, "$module/src/main/kotlin").walk().filter { it.extension == "kt" }.flatMap { file -> asked.findAll(file.readText()).map { it.groupValues[1] } }
        }
        assertTrue("$named", named.isNotEmpty() && declared.containsAll(named.map { "android.permission.$it" }))
        val patrol = elements("shim", "service").single { it.getAttribute("android:foregroundServiceType").isNotEmpty() }
        assertEquals("location", patrol.getAttribute("android:foregroundServiceType"))
        assertTrue(declared.containsAll(listOf("FOREGROUND_SERVICE", "FOREGROUND_SERVICE_LOCATION", "RECEIVE_BOOT_COMPLETED").map { "android.permission.$it" }))
    }

    @Test fun `nothing is backed up, nor moved to another phone`() {
        val application = elements("shell", "application").single()
        assertEquals("@xml/data_extraction_rules", application.getAttribute("android:dataExtractionRules"))
        assertEquals("false", application.getAttribute("android:fullBackupContent"))
        val rules = File(root, "shell/src/main/res/xml/data_extraction_rules.xml")
        val read = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(rules)
        for (way in listOf("cloud-backup", "device-transfer")) {
            val excluded = (read.getElementsByTagName(way).item(0) as Element).getElementsByTagName("exclude")
            val domains = (0 until excluded.length).map { (excluded.item(it) as Element).getAttribute("domain") }.toSet()
            assertEquals(way, setOf("root", "file", "database", "sharedpref", "external"), domains)
        }
    }
}
