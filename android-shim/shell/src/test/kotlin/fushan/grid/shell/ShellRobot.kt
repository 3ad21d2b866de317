package fushan.grid.shell

import android.app.Activity
import android.content.Intent
import android.graphics.Bitmap
import android.graphics.Canvas
import android.graphics.Color
import android.graphics.drawable.ColorDrawable
import android.graphics.drawable.Drawable
import android.graphics.drawable.GradientDrawable
import android.graphics.drawable.LayerDrawable
import android.net.Uri
import android.os.Bundle
import android.os.ParcelFileDescriptor
import android.provider.MediaStore
import android.view.View
import android.view.ViewGroup
import android.widget.EditText
import android.widget.ImageView
import android.widget.TextView
import fushan.grid.shim.photos.CaptureProvider
import fushan.grid.shim.support.await
import java.io.File
import org.junit.Assert.assertTrue
import org.robolectric.Robolectric
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController

/** Uses the app as a worker does, looks at it as TalkBack does, and draws it. */
class ShellRobot(private val variant: String, state: Bundle? = null) {
    private val controller: ActivityController<ShellActivity> =
        Robolectric.buildActivity(ShellActivity::class.java).run { if (state == null) setup() else setup(state) }
    val shell: ShellActivity get() = controller.get()
    private val root: View get() = shell.window.decorView

    /** All texts in a view, drawn or not. */
    fun texts(view: View): String = tree(view).map(::words).joinToString(" ")

    fun all(): Sequence<View> = tree(root).filter { it.isShown }

    private fun tree(view: View): Sequence<View> = sequence {
        yield(view)
        if (view is ViewGroup) for (index in 0 until view.childCount) yieldAll(tree(view.getChildAt(index)))
    }

    private fun words(view: View): String = listOfNotNull((view as? TextView)?.text, view.contentDescription).joinToString(" ")

    private fun everything() = all().map(::words).filter(String::isNotBlank).toList()

    fun sees(text: String): Boolean = all().any { text in words(it) }

    fun awaits(text: String) = await({ "'$text' on the screen; there is: ${everything()}" }) { sees(text) }

    /** Touches what says so: what says nothing else, or the last of several, which is the one at the thumb. */
    fun touch(text: String) {
        val targets = { all().filter { it !is EditText && it.isClickable && it.isEnabled && text in words(it) } }
        await({ "'$text' to touch; there is: ${everything()}" }) { targets().any() }
        val exact = targets().filter { (it as? TextView)?.text?.toString() == text }
        (exact.lastOrNull() ?: targets().last()).performClick()
    }

    /** Takes the one choice that is called so. */
    fun choose(name: String) {
        val choices = { all().filter { it.isClickable && it.contentDescription?.toString() == name } }
        await({ "the choice '$name'; there is: ${everything()}" }) { choices().any() }
        choices().first().performClick()
    }

    /** What is written in a field. */
    fun written(label: String): String = field(label).text.toString()

    /** What the camera app does: it writes a picture where it was told to, and comes back. */
    fun cameraTakes(picture: ByteArray) {
        val asked = asked(MediaStore.ACTION_IMAGE_CAPTURE)
        writes(asked, picture)
        answers(asked)
    }

    /** The camera app has written, and has not come back yet. */
    fun writes(asked: Intent, picture: ByteArray) {
        @Suppress("DEPRECATION")
        val uri = checkNotNull(asked.getParcelableExtra<Uri>(MediaStore.EXTRA_OUTPUT))
        val file = Robolectric.setupContentProvider(CaptureProvider::class.java).openFile(uri, "w")
        ParcelFileDescriptor.AutoCloseOutputStream(file).use { it.write(picture) }
    }

    /** Another app comes back, with a picture or without. */
    fun answers(asked: Intent, uri: Uri? = null) {
        val code = if (asked.action == MediaStore.ACTION_IMAGE_CAPTURE) CAMERA else PICKER
        shell.onActivityResult(code, if (uri == null && code == PICKER) Activity.RESULT_CANCELED else Activity.RESULT_OK, uri?.let { Intent().setData(it) })
    }

    /** The intent that the app has started another app with. */
    fun asked(action: String): Intent {
        var found: Intent? = null
        await({ "another app for $action; there is: ${everything()}" }) {
            val next = if (action in ANSWERING) shadowOf(shell).nextStartedActivityForResult?.intent else shadowOf(shell).nextStartedActivity
            found = found ?: next?.takeIf { it.action == action }
            found != null
        }
        return checkNotNull(found)
    }

    fun type(label: String, text: String) {
        awaits(label)
        field(label).setText(text)
    }

    private fun field(label: String): EditText {
        val name = all().filterIsInstance<TextView>().first { label in it.text && it.labelFor != View.NO_ID }
        return all().first { it.id == name.labelFor } as EditText
    }

    fun open(screen: Screen) = shell.open(screen)

    /** What the system keeps of the app when it kills the process in the background. */
    fun dies(): Bundle {
        val state = Bundle()
        controller.pause().saveInstanceState(state).stop().destroy()
        return state
    }

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
        readable(name)
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

    /** Texts stand at least 4.5 to 1 on what lies behind them. */
    private fun readable(name: String) {
        val faint = all().filterIsInstance<TextView>().filter { it.text.isNotEmpty() }.mapNotNull { view ->
            val ground = ground(view) ?: return@mapNotNull null
            val ratio = Contrast.of(view.currentTextColor, ground)
            if (ratio < 4.5) "${view.text}: %.1f".format(ratio) else null
        }
        assertTrue("$variant/$name: too faint: ${faint.toList()}", faint.none())
    }

    /** The colour behind a view: its own ground, or that of what it lies in. */
    private fun ground(view: View): Int? =
        generateSequence(view) { it.parent as? View }.firstNotNullOfOrNull { colour(it.background) }

    private fun colour(ground: Drawable?): Int? = when (ground) {
        is ColorDrawable -> ground.color
        is GradientDrawable -> ground.color?.defaultColor
        is LayerDrawable -> (0 until ground.numberOfLayers).firstNotNullOfOrNull { colour(ground.getDrawable(it)) }
        else -> null
    }?.takeIf { Color.alpha(it) == 255 }

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

    private companion object {
        /** Codes of the app's requests. */
        const val CAMERA = 11
        const val PICKER = 12
        val ANSWERING = setOf(MediaStore.ACTION_IMAGE_CAPTURE, Intent.ACTION_OPEN_DOCUMENT)
    }
}
