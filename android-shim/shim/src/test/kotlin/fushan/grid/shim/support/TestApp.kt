package fushan.grid.shim.support

import android.app.Application
import fushan.grid.shim.Grid
import fushan.grid.shim.GridHost

/** An app on the shim, as tests have it: nothing runs until a test asks for it. */
class TestApp : Application(), GridHost {
    private val made = lazy { Grid(this) }
    override val grid: Grid by made

    /** The grid when a test has used it. */
    val used: Grid? get() = if (made.isInitialized()) made.value else null
}
