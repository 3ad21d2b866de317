package fushan.grid.shell

import fushan.grid.shell.inspect.ItemScreen
import fushan.grid.shell.inspect.SheetsScreen
import fushan.grid.shell.inspect.StartScreen
import fushan.grid.shell.registry.CardScreen
import fushan.grid.shell.registry.EditScreen
import fushan.grid.shell.registry.RegistryScreen
import fushan.grid.shell.report.ReportScreen
import fushan.grid.shell.settle.SyncScreen
import fushan.grid.shell.today.TodayScreen
import org.json.JSONArray

/** Which screen stands at which place, and how those above it are found again after the process died. */
internal object Places {
    fun screen(place: Place, shell: Shell): Screen = when (place) {
        Place.TODAY -> TodayScreen(shell)
        Place.REPORT -> ReportScreen(shell)
        Place.INSPECT -> SheetsScreen(shell)
        Place.REGISTRY -> RegistryScreen(shell)
        Place.SYNC -> SyncScreen(shell)
    }

    /** The screens above the lowest one as a text, up to the first that has no address. They hold ids and names of places, no texts. */
    fun written(stack: List<Screen>): String {
        val addresses = stack.drop(1).map(Screen::address).takeWhile { it != null }
        return JSONArray(addresses.map { JSONArray(it) }).toString()
    }

    /** The screens of such a text. */
    fun again(text: String, shell: Shell): List<Screen> {
        val all = JSONArray(text)
        val addresses = List(all.length()) { at -> all.getJSONArray(at).let { parts -> List(parts.length(), parts::getString) } }
        return addresses.mapNotNull { screen(it, shell) }
    }

    private fun screen(address: List<String>, shell: Shell): Screen? = when (address.first()) {
        "card" -> CardScreen(shell, address[1])
        "edit" -> EditScreen(shell, address[1])
        "item" -> ItemScreen(shell, address[1], address.getOrNull(2))
        "start" -> StartScreen(shell, address[1], address[2], address.drop(3))
        else -> null
    }
}
