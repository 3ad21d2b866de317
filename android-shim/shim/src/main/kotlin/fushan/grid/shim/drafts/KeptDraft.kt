package fushan.grid.shim.drafts

/** A draft that was set aside, since it could not be read when something new was typed, or since another one was taken back for it. */
class KeptDraft(
    /** Its name in the box. */
    val name: String,

    /** When its file was last changed, by the phone's clock: for showing only. */
    val changedMs: Long,

    /** What can be read of it now. */
    val content: Content,
) {
    /** What can be read of a draft that was set aside. */
    sealed interface Content {
        /** Its fields. */
        data class Readable(val fields: Map<String, String>) : Content

        /** The key store does not answer now; it can be tried again. */
        data object NotNow : Content

        /** Its key has gone: nobody can read it any more. */
        data object Never : Content
    }
}
