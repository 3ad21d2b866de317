package fushan.grid.shell.inspect

import android.view.View
import fushan.grid.core.SheetLine
import fushan.grid.core.SheetScreen
import fushan.grid.shell.Screen
import fushan.grid.shell.Shell
import fushan.grid.shell.decide.DropScreen
import fushan.grid.shell.kit.PhotoStrip
import fushan.grid.shim.photos.PhotoPlace

/** A checklist item by item: one question on the screen, its answer and photos, the way on at the thumb. */
class ItemScreen(shell: Shell, private val sheet: String, private var path: String? = null) : Screen(shell) {
    override val title get() = kit.say("逐项检查", "Item by item")
    override val address get() = listOfNotNull("item", sheet, path)
    private var last: SheetScreen? = null
    private val strip = PhotoStrip(shell)
    private val answers = Answers(shell, sheet)

    override fun shown() {
        whereverShown()
        draw(grid.views.sheet(sheet)) { screen ->
            last = screen
            page(screen)
        }
    }

    override fun hidden() {
        answers.flush()
    }

    private fun page(screen: SheetScreen): View {
        val walk = Walk(screen)
        val line = walk.at(path) ?: return kit.page(kit.quiet(kit.say("这张表没有题目。", "This checklist asks nothing.")))
        path = line.path
        val content = kit.column(
            kit.quiet("${walk.number(line)} / ${walk.questions.size}" + walk.heading(line)?.let { "　$it" }.orEmpty()),
            *(if (Walk.offers(line)) offer(walk, line) else question(screen, line)).toTypedArray(),
            walk.instance(line)?.takeIf { !Walk.offers(line) }?.let(::removal),
            nobody().takeIf { walk.before(line) == null },
        )
        return kit.page(content, actions(walk, line))
    }

    private fun question(screen: SheetScreen, line: SheetLine): List<View?> = listOf(
        kit.heading(line.label + if (line.required) kit.say("（必答）", " (required)") else ""),
        if (line.readonly) kit.text(line.answer.orEmpty()) else answers.of(line),
        hazardPart(line).takeIf { line.hazard },
        photoPart(screen, line),
    )

    private fun offer(walk: Walk, line: SheetLine): List<View?> {
        val there = walk.questions.mapNotNull(walk::instance).map { it.path }.distinct().count { it.startsWith(Walk.repeatOf(line)) }
        return listOf(
            kit.heading(line.label),
            kit.text(kit.say("现在有 $there 个。", "There are $there now.")),
            kit.controls.secondary(kit.say("＋ 加一个", "+ Add one")) { shell.once { add(line) } },
        )
    }

    private suspend fun add(line: SheetLine) {
        grid.keeper.use { it.inspectAddRepeat(sheet, Walk.repeatOf(line)) }
        val screen = grid.keeper.use { it.inspectShow(sheet) }
        // on with the first question of the new one, the last of its kind
        val made = screen.lines.lastOrNull { it.kind == "repeat" && it.path.startsWith(Walk.repeatOf(line)) }
        path = Walk(screen).questions.firstOrNull { made != null && it.path.startsWith(made.path + "/") }?.path ?: path
        last = screen
        // drawn here: another bell may have shown the new one already, and then nothing changes any more
        put(page(screen))
        grid.bell.ring()
    }

    private fun removal(instance: SheetLine): View = kit.controls.secondary(kit.say("删去这个${instance.label}", "Remove this: ${instance.label}"), kit.palette.danger) {
        answers.flush()
        shell.open(DropScreen(shell, kit.say("这个${instance.label}的回答会删去。照片会留着。", "The answers about it are removed. Photos are kept.")) {
            grid.keeper.use { it.inspectRemoveRepeat(sheet, instance.path) }
            path = null
            grid.bell.ring()
            shell.back()
        })
    }

    private fun nobody(): View = kit.controls.secondary(kit.say("没法检查（没人、拒绝、找不到）", "Cannot inspect (closed, refused, not found)"), kit.palette.quiet) {
        answers.flush()
        shell.open(NoAnswerScreen(shell, sheet))
    }

    private fun hazardPart(line: SheetLine): View = kit.card(
        kit.notice(kit.say("这一项是隐患。结束检查时会生成隐患，需要时生成事件。", "This item is a hazard. It is written down at the end, as an incident where needed."), kit.palette.danger, kit.palette.dangerSoft),
        kit.controls.field(kit.say("当场整改了？写下怎么改的", "Put right on the spot? Say how"), answers.fixedOf(line)) { answers.fixed(line.path, it) },
    )

    private fun photoPart(screen: SheetScreen, line: SheetLine): View {
        val short = screen.missing.firstOrNull { it.path == line.path && it.photosNeeded != null }
        val needed = short?.let { kit.say("还要 ${(it.photosNeeded ?: 0u) - (it.photosThere ?: 0u)} 张照片", "${(it.photosNeeded ?: 0u) - (it.photosThere ?: 0u)} more photos are needed") }
        return kit.column(needed?.let { kit.text(it, 18f, kit.palette.warn) }, strip.of(line.photos))
    }

    /** The camera is at the thumb, whatever the answer above is long. */
    private fun shots(line: SheetLine): View = kit.row(
        kit.controls.secondary(kit.say(if (line.hazard) "拍整改前" else "拍照", if (line.hazard) "Before" else "Photo")) { photograph(line, if (line.hazard) "before" else "near") },
        kit.controls.secondary(kit.say("拍整改后", "After")) { photograph(line, "after") }.takeIf { line.hazard },
    )

    private fun photograph(line: SheetLine, role: String) = shell.photograph(PhotoPlace.OfItem(sheet, line.path, role))

    private fun actions(walk: Walk, line: SheetLine): View {
        val back = kit.controls.secondary(kit.say("上一项", "Previous")) { move(walk.before(line)) }
        val next = walk.after(line)
        val on = if (next != null) kit.controls.primary(kit.say("下一项", "Next")) { move(next) }
        else kit.controls.primary(kit.say("结束检查", "Finish")) {
            answers.flush()
            shell.open(FinishScreen(shell, sheet, answers::settle) { path = it })
        }
        return kit.column(shots(line).takeIf { !Walk.offers(line) }, kit.row(back.takeIf { walk.before(line) != null }, on))
    }

    private fun move(line: SheetLine?) {
        answers.flush()
        path = line?.path ?: return
        last?.let { put(page(it)) }
    }
}
