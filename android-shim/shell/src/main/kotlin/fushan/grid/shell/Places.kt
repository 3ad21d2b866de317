package fushan.grid.shell

import fushan.grid.shell.inspect.SheetsScreen
import fushan.grid.shell.registry.RegistryScreen
import fushan.grid.shell.report.ReportScreen
import fushan.grid.shell.settle.SyncScreen
import fushan.grid.shell.today.TodayScreen

/** Which screen stands at which place. */
internal object Places {
    fun screen(place: Place, shell: Shell): Screen = when (place) {
        Place.TODAY -> TodayScreen(shell)
        Place.REPORT -> ReportScreen(shell)
        Place.INSPECT -> SheetsScreen(shell)
        Place.REGISTRY -> RegistryScreen(shell)
        Place.SYNC -> SyncScreen(shell)
    }
}
