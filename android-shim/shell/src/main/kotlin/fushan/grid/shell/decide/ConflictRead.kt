package fushan.grid.shell.decide

import fushan.grid.core.Conflict
import fushan.grid.core.Engine
import fushan.grid.core.FieldInput
import fushan.grid.core.GridException

/** A conflict with what a person needs to understand it: which record it is about, and the names of codes, by field and code. */
internal data class ConflictRead(val conflict: Conflict, val name: RecordName?, val codes: Map<String, Map<String, Pair<String, String>>>) {
    companion object {
        fun read(engine: Engine, id: String): ConflictRead {
            val conflict = engine.conflict(id)
            return ConflictRead(conflict, RecordName.of(engine, conflict.record), codesOf(engine, conflict))
        }

        private fun codesOf(engine: Engine, conflict: Conflict): Map<String, Map<String, Pair<String, String>>> {
            val kind = try {
                engine.record(conflict.record).kind
            } catch (_: GridException) {
                return emptyMap()
            }
            val fields = engine.registryKinds().firstOrNull { it.kind == kind }?.fields.orEmpty()
            return conflict.fields.mapNotNull { side ->
                val input = fields.firstOrNull { it.name == side.name }?.input as? FieldInput.Code ?: return@mapNotNull null
                side.name to engine.codeList(input.list).associate { it.code to (it.zh to it.en) }
            }.toMap()
        }
    }
}
