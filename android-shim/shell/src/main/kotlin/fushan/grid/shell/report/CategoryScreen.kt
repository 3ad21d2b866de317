package fushan.grid.shell.report

import android.view.View
import fushan.grid.core.Category
import fushan.grid.shell.Screen
import fushan.grid.shell.Shell
import fushan.grid.shell.kit.SearchPage
import fushan.grid.shim.Loaded
import kotlinx.coroutines.Job

/** Choosing a category: those used last, or a search by name, code, pinyin or initials. */
class CategoryScreen(shell: Shell, private val chosen: (Category) -> Unit) : Screen(shell) {
    override val title get() = kit.say("选择类别", "Choose a category")
    private var reading: Job? = null
    private val page by lazy { SearchPage(kit, kit.say("名称、拼音首字母或编号", "Name, pinyin initials or code"), ::look) }

    override fun shown() {
        put(page.view)
        look(page.text)
    }

    private fun look(text: String) {
        reading?.cancel()
        reading = whileShown {
            grid.views.categories(text).collect { loaded ->
                if (loaded is Loaded.Here) page.put(loaded.value.map(::entry), none())
                if (loaded is Loaded.Trouble) shell.tell(kit.say(loaded.told))
            }
        }
    }

    private fun none() = kit.say("没有这样的类别，换个说法试试。", "No such category; try another word.")

    private fun entry(category: Category): View {
        val name = kit.say(category.zh, category.en)
        val close = kit.tag(kit.say("可自办自结", "May be closed on the spot"), kit.palette.accent, kit.palette.accentSoft)
        return kit.controls.entry(
            "$name，${category.code}",
            kit.text(name, 19f),
            kit.tags(kit.quiet(category.code), close.takeIf { category.selfClose }),
        ) {
            chosen(category)
            shell.back()
        }
    }
}
