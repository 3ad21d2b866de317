package fushan.grid.shell.registry

import android.view.View
import fushan.grid.core.GridRecord
import fushan.grid.core.Mark
import fushan.grid.shell.SearchScreen
import fushan.grid.shell.Shell
import fushan.grid.shim.Loaded
import fushan.grid.shim.map
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.map
import org.json.JSONObject

/** Searching people, dwellings and places. Personal data is masked in lists. */
class RegistryScreen(shell: Shell) : SearchScreen<GridRecord>(shell) {
    override val title get() = kit.say("台账", "Records")
    override val asks get() = kit.say("姓名、地址、拼音首字母或号码后几位", "Name, address, pinyin initials or last digits")
    override val none get() = kit.say("没有找到。", "Nothing found.")
    override val hint get() = kit.say("输入几个字开始查找。没有信号也能查。", "Type a few letters to search. It works without signal.")

    override fun find(text: String): Flow<Loaded<List<GridRecord>>>? =
        if (text.isBlank()) null else grid.views.registry(text).map { found -> found.map { it.items } }

    override fun entry(found: GridRecord): View {
        val kind = kindWords(found.kind)
        val name = nameOf(found)
        val waits = kit.tag(kit.say("未上传", "Not sent"), kit.palette.warn, kit.palette.warnSoft)
        return kit.controls.entry(
            "$name，$kind",
            kit.text(name, 20f),
            kit.tags(kit.quiet(kind), waits.takeIf { found.mark != Mark.CLEAN }),
        ) { shell.open(CardScreen(shell, found.id)) }
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
