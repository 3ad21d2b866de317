package fushan.grid.shell.registry

import fushan.grid.core.Engine
import fushan.grid.core.FieldInput
import fushan.grid.core.GridRecord
import fushan.grid.core.RegistryField
import fushan.grid.shim.Grid
import fushan.grid.shim.drafts.TypedDraft
import org.json.JSONObject

/** A record with the fields that a worker can type in, and the names of its codes. */
internal data class Editable(val record: GridRecord, val fields: List<RegistryField>, val codes: Map<String, Map<String, Pair<String, String>>>) {
    /** The value of a field as it stands; empty where there is none. */
    fun valueOf(field: String): String = JSONObject(record.bodyJson).run { if (isNull(field)) "" else get(field).toString() }

    companion object {
        /** Reads a record for editing, personal data unmasked. */
        fun read(engine: Engine, id: String): Editable {
            val record = engine.record(id)
            val fields = engine.registryKinds().firstOrNull { it.kind == record.kind }?.fields.orEmpty().filter { typed(it.input) }
            val lists = fields.mapNotNull { (it.input as? FieldInput.Code)?.list }.distinct()
            return Editable(record, fields, lists.associateWith { list -> engine.codeList(list).associate { it.code to (it.zh to it.en) } })
        }

        /** References, points and lists are not typed, and times are set by what happens. */
        private fun typed(input: FieldInput) = when (input) {
            is FieldInput.Text, is FieldInput.Code, is FieldInput.Area, FieldInput.Date, is FieldInput.Integer, is FieldInput.Decimal, FieldInput.Boolean -> true
            else -> false
        }
    }
}

/**
 * What was typed into a card and is not saved yet. It outlives the process, and knows what stood in each field when it was first
 * touched: what somebody else changed since then is not overwritten unseen.
 */
internal class EditForm(private val grid: Grid, private val id: String) {
    private val draft = TypedDraft(grid.drafts, "edit $id", grid.scope)

    fun restore() = draft.restore()

    fun keep() = draft.flush()

    fun giveUp() = draft.done()

    /** What a field shows: what was typed, else what stands there. */
    fun shown(of: Editable, field: String): String = if (field in draft) draft[field] else of.valueOf(field)

    /** What a field held when it was first touched, when it holds something else now; else nothing. */
    fun overtaken(of: Editable, field: String): String? = of.valueOf(field).takeIf { field in draft && BEFORE + field in draft && draft[BEFORE + field] != it }

    fun type(of: Editable, field: String, text: String) {
        if (BEFORE + field !in draft) draft[BEFORE + field] = of.valueOf(field)
        draft[field] = text
    }

    /** The fields that were changed, as the engine takes them. */
    fun changes(of: Editable): JSONObject = JSONObject().apply {
        for (field in of.fields.filter { it.name in draft && draft[it.name] != of.valueOf(it.name) }) put(field.name, valueOf(field, draft[field.name]))
    }

    /** Saves what was changed, and gives what the rules remark. */
    suspend fun save(of: Editable): List<fushan.grid.core.FieldProblem> {
        val set = changes(of)
        val remarks = if (set.length() == 0) emptyList() else grid.write { it.registryChange(id, set.toString()) }.warnings
        draft.done()
        return remarks
    }

    /** A value as its field holds it. What does not fit goes as it was typed, and the engine's rule says so. */
    private fun valueOf(field: RegistryField, text: String): Any = when {
        text.isEmpty() -> JSONObject.NULL
        field.input is FieldInput.Integer -> text.trim().toLongOrNull() ?: text
        field.input == FieldInput.Boolean -> text == "true"
        else -> text
    }

    private companion object {
        const val BEFORE = "before:"
    }
}
