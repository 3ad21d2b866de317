package fushan.grid.shell.decide

import fushan.grid.core.Conflict
import fushan.grid.shell.kit.Kit
import org.json.JSONObject
import org.json.JSONTokener

/** Conflicts in words. */
internal class ConflictWords(private val kit: Kit) {
    /** What has happened. */
    fun what(conflict: Conflict): String = when (conflict.what) {
        "field" -> kit.say("您和别人改了同一处", "You and somebody else changed the same")
        "closed_while_editing" -> kit.say("您改的时候，这件事已经办结", "It was closed while you edited it")
        "double_close" -> kit.say("这件事两边都办结了", "It was closed on both sides")
        "illegal_transition" -> kit.say("您的这一步现在不能走", "Your step is not possible any more")
        "withdrawn" -> kit.say("您改的时候，这件事已被撤回", "It was withdrawn while you edited it")
        "deleted" -> kit.say("您改的时候，这条记录已注销", "The record was ended while you edited it")
        "create" -> kit.say("这条记录别人也登记了", "Somebody else registered it too")
        else -> kit.say("两边不一致", "Both sides differ")
    }

    /** A value as people read it. */
    fun value(json: String): String = when (val value = JSONTokener(json).nextValue()) {
        JSONObject.NULL -> kit.say("（空）", "(empty)")
        true -> kit.say("是", "Yes")
        false -> kit.say("否", "No")
        else -> value.toString().ifEmpty { kit.say("（空）", "(empty)") }
    }
}
