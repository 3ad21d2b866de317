package fushan.grid.shell.registry

import android.view.View
import fushan.grid.core.CodeName
import fushan.grid.shell.SearchScreen
import fushan.grid.shell.Shell

/** Choosing one code of a list. */
class CodeScreen(
    shell: Shell,
    override val title: String,
    private val list: String,
    private val mayBeEmpty: Boolean,
    private val chosen: (String) -> Unit,
) : SearchScreen<CodeName>(shell) {
    override val asks get() = kit.say("名称或编号", "Name or code")
    override val none get() = kit.say("没有找到。", "Nothing found.")

    override fun find(text: String) = grid.views.watch { engine ->
        val empty = CodeName("", kit.say("（空）", "(empty)"), "(empty)").takeIf { mayBeEmpty && text.isBlank() }
        listOfNotNull(empty) + engine.codeList(list).filter { name -> listOf(name.code, name.zh, name.en).any { it.contains(text.trim(), ignoreCase = true) } }
    }

    override fun entry(found: CodeName): View {
        val name = kit.say(found.zh, found.en)
        return kit.controls.entry(name, kit.text(name, 19f)) {
            chosen(found.code)
            shell.back()
        }
    }
}
