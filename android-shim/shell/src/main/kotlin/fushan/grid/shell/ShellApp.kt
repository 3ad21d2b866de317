package fushan.grid.shell

import android.app.Application
import fushan.grid.shim.Grid
import fushan.grid.shim.GridHost

/** The reference app: it holds the one [Grid] and starts it. */
class ShellApp : Application(), GridHost {
    override val grid: Grid by lazy { Grid(this) }

    override fun onCreate() {
        super.onCreate()
        grid.start()
    }
}
