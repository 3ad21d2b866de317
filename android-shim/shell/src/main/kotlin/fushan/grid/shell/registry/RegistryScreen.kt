package fushan.grid.shell.registry

import android.view.View
import fushan.grid.core.GridRecord
import fushan.grid.core.Mark
import fushan.grid.shell.Screen
import fushan.grid.shell.Shell
import fushan.grid.shell.kit.SearchPage
import fushan.grid.shim.Loaded
import kotlinx.coroutines.Job
import org.json.JSONObject

/** Searching people, dwellings and places. Personal data is masked in lists. */
class RegistryScreen(shell: Shell) : Screen(shell) {
    override val title get() = kit.say("台账", "Records")
    private var reading: Job? = null
    private val page by lazy { SearchPage(kit, kit.say("姓名、地址、拼音首字母或号码后几位", "Name, address, pinyin initials or last digits"), ::look) }

    override fun shown() {
        put(page.view)
        look(page.text)
    }

    private fun look(text: String) {
        reading?.cancel()
        if (text.isBlank()) {
            page.put(emptyList(), kit.say("输入几个字开始查找。没有信号也能查。", "Type a few letters to search. It works without signal."))
            return
        }
        reading = whileShown {
            grid.views.registry(text).collect { loaded ->
                if (loaded is Loaded.Here) page.put(loaded.value.items.map(::entry), kit.say("没有找到。", "Nothing found."))
                if (loaded is Loaded.Trouble) shell.tell(kit.say(loaded.told))
            }
        }
    }

    private fun entry(record: GridRecord): View {
        val kind = kindWords(record.kind)
        val name = nameOf(record)
        val waits = kit.tag(kit.say("未上传", "Not sent"), kit.palette.warn, kit.palette.warnSoft)
        return kit.controls.entry(
            "$name，$kind",
            kit.text(name, 20f),
            kit.tags(kit.quiet(kind), waits.takeIf { record.mark != Mark.CLEAN }),
        ) { shell.open(CardScreen(shell, record.id)) }
    }

    private fun nameOf(record: GridRecord): String {
        val body = JSONObject(record.bodyJson)
        return listOf("name", "title", "address", "live_addr", "number").firstNotNullOfOrNull { body.optString(it).ifEmpty { null } } ?: record.id
    }

    private fun kindWords(kind: String) = when (kind) {
        "person" -> kit.say("人员", "Person")
        "household" -> kit.say("户", "Household")
        "dwelling" -> kit.say("房屋", "Dwelling")
        "building" -> kit.say("楼栋", "Building")
        "place" -> kit.say("场所", "Place")
        "incident" -> kit.say("事件", "Incident")
        else -> kind
    }
}
