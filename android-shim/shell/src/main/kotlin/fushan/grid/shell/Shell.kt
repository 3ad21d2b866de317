package fushan.grid.shell

import fushan.grid.shell.kit.Kit
import fushan.grid.shim.Grid
import fushan.grid.shim.photos.PhotoPlace

/** The six places of the app; the first five are always at the thumb. */
enum class Place(val zh: String, val en: String) {
    /** What is to be done today. */
    TODAY("今日", "Today"),

    /** Writing an incident down. */
    REPORT("上报", "Report"),

    /** Filling in checklists. */
    INSPECT("检查", "Inspect"),

    /** People, dwellings, places. */
    REGISTRY("台账", "Records"),

    /** What waits, what has arrived. */
    SYNC("同步", "Sync"),
}

/** What screens ask of the app around them. */
interface Shell {
    val grid: Grid
    val kit: Kit

    /** Goes to one of the places, leaving everything above it. */
    fun place(place: Place)

    /** Shows a screen above the one that is shown. */
    fun open(screen: Screen)

    /** Leaves the screen that is shown. */
    fun back()

    /** Says something to the worker. */
    fun tell(text: String)

    /** Tells what went wrong; throws on what nobody expects. */
    fun tell(error: Exception)

    /** Runs something that the worker asked for; what goes wrong is told. */
    fun act(work: suspend () -> Unit)

    /** As [act], for what may not be done twice: a second touch while it runs does nothing. */
    fun once(work: suspend () -> Unit)

    /** Lets the camera app take a photo; what it belongs to survives the death of the process. */
    fun photograph(place: PhotoPlace)

    /** Lets the worker pick a picture; what it belongs to survives the death of the process. */
    fun pick(place: PhotoPlace)

    /** Asks for the right to know the place, or leads to the phone's settings where the system asks no more. */
    fun askForPlace()
}
