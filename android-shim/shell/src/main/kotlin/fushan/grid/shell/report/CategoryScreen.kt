package fushan.grid.shell.report

import android.view.View
import fushan.grid.core.Category
import fushan.grid.shell.SearchScreen
import fushan.grid.shell.Shell

/** Choosing a category: those used last, or a search by name, code, pinyin or initials. */
class CategoryScreen(shell: Shell, private val chosen: (Category) -> Unit) : SearchScreen<Category>(shell) {
    override val title get() = kit.say("选择类别", "Choose a category")
    override val asks get() = kit.say("名称、拼音首字母或编号", "Name, pinyin initials or code")
    override val none get() = kit.say("没有这样的类别，换个说法试试。", "No such category; try another word.")

    override fun find(text: String) = grid.views.categories(text)

    override fun entry(found: Category): View {
        val name = kit.say(found.zh, found.en)
        val close = kit.tag(kit.say("可自办自结", "May be closed on the spot"), kit.palette.accent, kit.palette.accentSoft)
        return kit.controls.entry(
            "$name，${found.code}",
            kit.text(name, 19f),
            kit.tags(kit.quiet(found.code), close.takeIf { found.selfClose }),
        ) {
            chosen(found)
            shell.back()
        }
    }
}
