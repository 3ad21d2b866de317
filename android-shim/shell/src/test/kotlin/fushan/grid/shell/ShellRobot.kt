package fushan.grid.shell

import android.graphics.Bitmap
import android.graphics.Canvas
import android.view.View
import android.view.ViewGroup
import android.widget.EditText
import android.widget.ImageView
import android.widget.TextView
import fushan.grid.shim.support.await
import java.io.File
import org.junit.Assert.assertTrue
import org.robolectric.Robolectric
import org.robolectric.android.controller.ActivityController

/** Uses the app as a worker does, looks at it as TalkBack does, and draws it. */
class ShellRobot(private val variant: String) {
    private val controller: ActivityController<ShellActivity> = Robolectric.buildActivity(ShellActivity::class.java).setup()
    val shell: ShellActivity get() = controller.get()
    private val root: View get() = shell.window.decorView

    fun all(): Sequence<View> = tree(root).filter { it.isShown }

    private fun tree(view: View): Sequence<View> = sequence {
        yield(view)
        if (view is ViewGroup) for (index in 0 until view.childCount) yieldAll(tree(view.getChildAt(index)))
    }

    private fun words(view: View): String = listOfNotNull((view as? TextView)?.text, view.contentDescription).joinToString(" ")

    private fun everything() = all().map(::words).filter(String::isNotBlank).toList()

    fun sees(text: String): Boolean = all().any { text in words(it) }

    fun awaits(text: String) = await({ "'$text' on the screen; there is: ${everything()}" }) { sees(text) }

    /** Touches what says so: the last of several, which is the one at the thumb. */
    fun touch(text: String) {
        val targets = { all().filter { it !is EditText && it.isClickable && it.isEnabled && text in words(it) } }
        await({ "'$text' to touch; there is: ${everything()}" }) { targets().any() }
        targets().last().performClick()
    }

    fun type(label: String, text: String) {
        awaits(label)
        val name = all().filterIsInstance<TextView>().first { label in it.text && it.labelFor != View.NO_ID }
        (all().first { it.id == name.labelFor } as EditText).setText(text)
    }

    fun open(screen: Screen) = shell.open(screen)

    fun end() {
        controller.pause().stop().destroy()
    }

    /** Draws what is seen, and holds it to what every screen owes its users. */
    fun look(name: String) {
        layout()
        draw(name)
        named(name)
        large(name)
        whole(name)
    }

    private fun layout() {
        root.measure(exactly(root.width), exactly(root.height))
        root.layout(0, 0, root.width, root.height)
    }

    private fun exactly(size: Int) = View.MeasureSpec.makeMeasureSpec(size, View.MeasureSpec.EXACTLY)

    private fun draw(name: String) {
        val picture = Bitmap.createBitmap(root.width, root.height, Bitmap.Config.ARGB_8888)
        root.draw(Canvas(picture))
        val file = File(System.getProperty("fushan.pictures"), "$variant/$name.png")
        file.parentFile.mkdirs()
        file.outputStream().use { picture.compress(Bitmap.CompressFormat.PNG, 100, it) }
    }

    /** Everything that can be touched, and every picture, has a name that TalkBack reads out. */
    private fun named(name: String) {
        val labelled = all().map { it.labelFor }.toSet()
        val mute = all().filter { it.isClickable || it is ImageView || it is EditText }.filter { view ->
            words(view).isBlank() && !(view is EditText && view.id in labelled)
        }
        val unlabelled = all().filterIsInstance<EditText>().filter { it.id !in labelled }
        assertTrue("$variant/$name: without a name: ${mute.toList()}", mute.none())
        assertTrue("$variant/$name: fields without a label", unlabelled.none())
    }

    /** Targets of touch are 48 dp and more, both ways. */
    private fun large(name: String) {
        val least = (48 * root.resources.displayMetrics.density).toInt()
        val small = all().filter { it.isClickable }.filter { it.width < least || it.height < least }
        assertTrue("$variant/$name: too small: ${small.map { "${words(it)} ${it.width}x${it.height}" }.toList()}", small.none())
    }

    /** No text is cut. */
    private fun whole(name: String) {
        val cut = all().filterIsInstance<TextView>().filter { it !is EditText && it.text.isNotEmpty() }.filter { view ->
            val layout = view.layout ?: return@filter false
            val needed = layout.height + view.compoundPaddingTop + view.compoundPaddingBottom
            val ellipsis = (0 until layout.lineCount).any { layout.getEllipsisCount(it) > 0 }
            val wide = (0 until layout.lineCount).any { layout.getLineMax(it) > view.width - view.compoundPaddingLeft - view.compoundPaddingRight + 1 }
            ellipsis || wide || needed > view.height || (view.maxLines == 1 && layout.lineCount > 1)
        }
        assertTrue("$variant/$name: cut: ${cut.map { it.text }.toList()}", cut.none())
    }
}
