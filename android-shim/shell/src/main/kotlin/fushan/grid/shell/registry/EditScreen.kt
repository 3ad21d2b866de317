package fushan.grid.shell.registry

import android.text.InputType
import android.view.View
import fushan.grid.core.FieldInput
import fushan.grid.core.GridException
import fushan.grid.core.RegistryField
import fushan.grid.shell.Screen
import fushan.grid.shell.Shell
import fushan.grid.shell.decide.DropScreen
import fushan.grid.shim.about

/** Changing a card field by field. The rules look at it when it is saved; what they refuse stands at its field. */
class EditScreen(shell: Shell, private val id: String) : Screen(shell) {
    override val title get() = kit.say("修改", "Change")
    override val address get() = listOf("edit", id)
    private val form = EditForm(shell.grid, id)
    private var problems = emptyMap<String, String>()
    private var restored = false

    override fun shown() {
        restore()
        draw(grid.views.watch { Editable.read(it, id) }, ::page)
    }

    /** What was typed is kept; what is personal does not stay drawn. */
    override fun hidden() {
        put(blank())
        form.keep()
    }

    private fun restore() {
        if (restored) return
        restored = true
        try {
            form.restore()
        } catch (error: Exception) {
            // it stays on the disk; the worker can write anew
            shell.tell(error)
        }
    }

    private fun page(card: Editable): View {
        val save = kit.controls.primary(kit.say("保存", "Save")) { shell.once { save(card) } }
        val drop = kit.controls.secondary(kit.say("不改了", "Discard"), kit.palette.danger) { ask(card) }
        // what was refused comes first, so that nobody has to look for it
        val content = kit.column(*card.fields.sortedBy { it.name !in problems }.map { field(card, it) }.toTypedArray(), gap = 18)
        return kit.page(content, kit.row(drop, save))
    }

    private fun field(card: Editable, field: RegistryField): View = kit.column(
        control(card, field),
        problems[field.name]?.let { kit.notice(it, kit.palette.danger, kit.palette.dangerSoft) },
        form.overtaken(card, field.name)?.let {
            kit.notice(kit.say("您改的时候，这一项被改成了：", "While you typed it was changed to: ") + words(card, field, it), kit.palette.warn, kit.palette.warnSoft)
        },
        gap = 6,
    )

    private fun control(card: Editable, field: RegistryField): View {
        val label = kit.say(field.zh, field.en) + if (field.required) kit.say("（必填）", " (required)") else ""
        val now = form.shown(card, field.name)
        return when (val input = field.input) {
            is FieldInput.Code -> kit.controls.entry("$label：${words(card, field, now)}", kit.quiet(label), kit.text(words(card, field, now), 19f)) { choose(card, field, input.list) }
            FieldInput.Boolean -> kit.column(kit.quiet(label), kit.row(answer(card, field, "true"), answer(card, field, "false")), gap = 6)
            else -> kit.controls.field(label, now, type = keyboard(input)) { form.type(card, field.name, it) }
        }
    }

    private fun answer(card: Editable, field: RegistryField, value: String): View =
        kit.controls.choice(words(card, field, value), form.shown(card, field.name) == value) {
            form.type(card, field.name, if (form.shown(card, field.name) == value) "" else value)
            put(page(card))
        }

    private fun choose(card: Editable, field: RegistryField, list: String) {
        shell.open(CodeScreen(shell, kit.say(field.zh, field.en), list, mayBeEmpty = !field.required) { form.type(card, field.name, it) })
    }

    private fun words(card: Editable, field: RegistryField, value: String): String = when (val input = field.input) {
        is FieldInput.Code -> card.codes[input.list]?.get(value)?.let { kit.say(it.first, it.second) } ?: value
        FieldInput.Boolean -> if (value == "true") kit.say("是", "Yes") else if (value == "false") kit.say("否", "No") else ""
        else -> value
    }.ifEmpty { kit.say("（空）", "(empty)") }

    private fun keyboard(input: FieldInput) = when (input) {
        is FieldInput.Integer -> InputType.TYPE_CLASS_NUMBER or InputType.TYPE_NUMBER_FLAG_SIGNED
        is FieldInput.Decimal -> InputType.TYPE_CLASS_NUMBER or InputType.TYPE_NUMBER_FLAG_DECIMAL
        is FieldInput.Area -> InputType.TYPE_CLASS_NUMBER
        FieldInput.Date -> InputType.TYPE_CLASS_DATETIME or InputType.TYPE_DATETIME_VARIATION_DATE
        else -> InputType.TYPE_CLASS_TEXT
    }

    private suspend fun save(card: Editable) {
        try {
            val remarks = form.save(card)
            shell.back()
            shell.tell((listOf(kit.say("已保存；有网时自动上传。", "Saved; it is sent when there is a network.")) + remarks.map { kit.say(it.zh, it.en) }).joinToString("\n"))
        } catch (error: GridException.Invalid) {
            problems = error.problems.associate { it.field to kit.say(it.zh, it.en) }
            put(page(card), atTop = true)
            shell.tell(kit.say(error.about.zh, error.about.en))
        }
    }

    private fun ask(card: Editable) {
        val changed = form.changes(card).length()
        if (changed == 0) return leave()
        val words = kit.say("改了 $changed 项，还没有保存。", "$changed changed and not saved.")
        shell.open(DropScreen(shell, words) {
            shell.back()
            leave()
        })
    }

    private fun leave() {
        form.giveUp()
        shell.back()
    }
}
