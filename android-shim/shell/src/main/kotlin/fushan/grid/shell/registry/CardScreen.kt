package fushan.grid.shell.registry

import android.view.View
import fushan.grid.core.Card
import fushan.grid.core.CardLine
import fushan.grid.core.Mark
import fushan.grid.shell.Screen
import fushan.grid.shell.Shell
import fushan.grid.shell.inspect.StartScreen
import kotlinx.coroutines.Job
import kotlinx.coroutines.delay

/**
 * A record as a card. Personal data is masked until the worker asks for it, and masked again after a minute, and when the screen goes:
 * then not even its drawing is left.
 */
class CardScreen(shell: Shell, private val id: String, private val openMs: Long = 60_000) : Screen(shell) {
    override val title get() = kit.say("登记卡", "Card")
    override val address get() = listOf("card", id)
    private var open = false
    private var reading: Job? = null
    private var masking: Job? = null

    override fun shown() = read()

    override fun hidden() {
        open = false
        put(blank())
    }

    private fun read() {
        reading?.cancel()
        reading = draw(grid.views.card(id, open), ::page)
    }

    private fun turn(toOpen: Boolean) {
        masking?.cancel()
        open = toOpen
        // nothing personal stays while the masked card is read
        if (!open) put(blank())
        read()
        if (open) masking = whileShown {
            delay(openMs)
            turn(false)
        }
    }

    private fun page(card: Card): View {
        val name = card.lines.firstOrNull { it.name == "name" }?.let(::shown).orEmpty()
        val content = kit.column(
            kit.quiet(kit.say(card.kindZh, card.kindEn)),
            kit.heading(name).takeIf { name.isNotEmpty() },
            mark(card.record.mark),
            kit.card(*card.lines.filter { it.name != "name" }.map(::line).toTypedArray(), gap = 14),
        )
        return kit.page(content, actions(card, name))
    }

    private fun shown(line: CardLine) = kit.say(line.shownZh, line.shownEn)

    private fun line(line: CardLine): View {
        val label = kit.say(line.zh, line.en)
        return kit.column(kit.quiet(label), kit.text(shown(line), 19f), gap = 2).apply {
            // read out as one
            contentDescription = "$label，${shown(line)}"
            isFocusable = true
        }
    }

    private fun mark(mark: Mark): View? {
        val (words, colour, ground) = when (mark) {
            Mark.CLEAN -> return null
            Mark.PENDING, Mark.DRAFT -> Triple(kit.say("有改动还没上传", "A change is not sent yet"), kit.palette.warn, kit.palette.warnSoft)
            Mark.CONFLICT -> Triple(kit.say("有冲突等您决定", "A conflict waits for you"), kit.palette.danger, kit.palette.dangerSoft)
            Mark.DEAD -> Triple(kit.say("平台没有接受改动", "The platform refused a change"), kit.palette.danger, kit.palette.dangerSoft)
        }
        return kit.notice(words, colour, ground)
    }

    private fun actions(card: Card, name: String): View {
        val show = kit.controls.secondary(if (open) kit.say("遮住隐私", "Mask again") else kit.say("显示隐私", "Show personal data")) { turn(!open) }
        val edit = kit.controls.secondary(kit.say("修改", "Change")) { shell.open(EditScreen(shell, id)) }
        val inspect = kit.controls.primary(kit.say("检查这里", "Inspect here")) { shell.open(StartScreen(shell, id, name)) }
        return kit.column(
            kit.row(show.takeIf { card.lines.any(CardLine::personal) }, edit.takeIf { card.record.kind != "incident" && !card.record.ended }),
            inspect.takeIf { card.record.kind in INSPECTED },
        )
    }

    private companion object {
        val INSPECTED = setOf("place", "dwelling", "household", "building")
    }
}
