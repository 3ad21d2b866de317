package fushan.grid.shell.report

import android.text.format.DateUtils
import android.view.View
import android.widget.ImageView
import android.widget.LinearLayout
import fushan.grid.core.IncidentView
import fushan.grid.shell.Place
import fushan.grid.shell.Screen
import fushan.grid.shell.Shell
import fushan.grid.shell.decide.DropScreen
import fushan.grid.shim.drafts.KeptDraft
import fushan.grid.shim.photos.PhotoPlace

/** Reports and photos that lie aside: the worker takes them back, or gives them up after being asked. */
class UnsentScreen(shell: Shell) : Screen(shell) {
    override val title get() = kit.say("没交的", "Not sent yet")
    private val form = ReportForm(shell.grid)

    override fun shown() {
        draw(grid.views.watch { Unsent.read(grid, it) }, ::page)
    }

    private fun page(unsent: Unsent): View = kit.page(
        kit.column(
            kit.quiet(kit.say("取回一份时，正在写的那份会放到这里，不会丢。", "When you take one back, the one being written comes here; nothing is lost.")),
            *unsent.drafts.map(::draft).toTypedArray(),
            *unsent.kept.map(::kept).toTypedArray(),
            *unsent.photos.map(::photo).toTypedArray(),
            kit.text(kit.say("没有了，都处理好了。", "Nothing left; all is settled.")).takeIf { unsent.count == 0 },
        ),
    )

    private fun draft(incident: IncidentView): View {
        val photos = kit.say("照片 ${incident.photos.size} 张", "Photos: ${incident.photos.size}")
        val name = kit.say("接着写：${incident.title}", "Go on with: ${incident.title}")
        return kit.controls.entry("$name，$photos", kit.text(name, 19f), kit.quiet(photos)) { takeBack { form.goOnWith(incident) } }
    }

    private fun kept(draft: KeptDraft): View = when (val content = draft.content) {
        is KeptDraft.Content.Readable -> readable(draft, content.fields)
        KeptDraft.Content.NotNow -> kit.card(
            kit.text(kit.say("有一份上报现在读不出来。", "A report cannot be read now."), 19f),
            kit.quiet(kit.say("请解锁手机，过一会儿再来看。", "Unlock the phone and look again later.")),
        )
        KeptDraft.Content.Never -> kit.card(
            kit.text(kit.say("有一份上报再也读不出来了。", "A report cannot be read any more."), 19f),
            kit.quiet(kit.say("手机的密钥换过，这份的密钥已经没有了。", "The phone's key has changed, and the key of this report is gone.") + " " + changed(draft)),
            giveUp(kit.say("这份上报读不出来。", "This report cannot be read.")) { grid.drafts.dropKept(ReportForm.FORM, draft.name) },
        )
    }

    private fun readable(draft: KeptDraft, fields: Map<String, String>): View {
        val words = listOf(ReportForm.TITLE, ReportForm.TEXT).firstNotNullOfOrNull { fields[it]?.ifBlank { null } } ?: kit.say("没有文字", "no words")
        val name = kit.say("接着写：$words", "Go on with: $words")
        return kit.controls.entry("$name，${changed(draft)}", kit.text(name, 19f), kit.quiet(changed(draft))) { takeBack { form.takeBack(draft.name) } }
    }

    private fun changed(draft: KeptDraft): String =
        DateUtils.formatDateTime(kit.context, draft.changedMs, DateUtils.FORMAT_SHOW_DATE or DateUtils.FORMAT_SHOW_TIME)

    private fun photo(name: String): View {
        val small = ImageView(kit.context).apply {
            contentDescription = kit.say("没收进来的照片", "Photo that was not taken in")
            scaleType = ImageView.ScaleType.CENTER_CROP
            background = kit.shapes.round(kit.palette.line, 8)
            setImageBitmap(grid.photos.preview(name))
        }
        val take = kit.controls.secondary(kit.say("收进这份上报", "Put into this report")) { shell.once { takeFor(name) } }
        val drop = giveUp(kit.say("这张照片没能收进来。", "This photo could not be taken in.")) { grid.photos.drop(name) }
        return kit.card(
            kit.text(kit.say("有一张照片没能收进来。", "A photo could not be taken in."), 19f),
            LinearLayout(kit.context).apply { addView(small, LinearLayout.LayoutParams(kit.dp(160), kit.dp(120))) },
            kit.row(drop, take),
        )
    }

    private fun giveUp(words: String, drop: () -> Unit): View = kit.controls.secondary(kit.say("放弃", "Give up"), kit.palette.danger) {
        shell.open(DropScreen(shell, words) {
            drop()
            shell.back()
        })
    }

    /** Goes on with a report in the place of the one being written, which is set aside. */
    private fun takeBack(take: () -> Unit) = shell.once {
        form.restore()
        take()
        shell.place(Place.REPORT)
    }

    private suspend fun takeFor(name: String) {
        form.restore()
        if (form.category() == null) return shell.tell(kit.say("先在“上报”里选好类别，再把照片收进去。", "Choose a category under Report first, then put the photo in."))
        val role = grid.photos.placeOf(name)?.role ?: "near"
        grid.photos.takeFor(name, PhotoPlace.OfRecord(form.drafted(), role))
        // read anew from the box, which knows the draft now
        shell.place(Place.REPORT)
    }
}
