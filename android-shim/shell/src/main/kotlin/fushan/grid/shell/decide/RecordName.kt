package fushan.grid.shell.decide

import fushan.grid.core.Engine
import fushan.grid.core.GridException

/** What a record is called, in both languages: its kind and its name, masked as lists show it, since nobody asked for personal data. */
internal data class RecordName(val zh: String, val en: String) {
    companion object {
        /** The name of a record; nothing for one that this phone does not hold any more. */
        fun of(engine: Engine, record: String): RecordName? = try {
            val card = engine.registryCard(record)
            val name = NAMES.firstNotNullOfOrNull { name -> card.lines.firstOrNull { it.name == name } }?.shownZh.orEmpty()
            RecordName("${card.kindZh} $name".trim(), "${card.kindEn} $name".trim())
        } catch (_: GridException) {
            null
        }

        private val NAMES = listOf("name", "title", "head_name", "address", "house_no")
    }
}
