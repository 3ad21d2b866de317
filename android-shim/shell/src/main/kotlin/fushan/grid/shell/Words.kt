package fushan.grid.shell

import android.content.ActivityNotFoundException
import fushan.grid.core.GridException
import fushan.grid.core.HostException
import fushan.grid.shell.kit.Kit
import fushan.grid.shim.about
import java.io.IOException

/** What the worker is told of something that went wrong; nothing for what nobody expects. */
internal fun Kit.wordsOf(error: Exception): String? = when (error) {
    is GridException -> say(error.about)
    is HostException -> say("手机的密钥库现在没有回应，请解锁手机后再试。", "The phone's key store does not answer; unlock the phone and try again.")
    is ActivityNotFoundException -> say("手机上没有能做这件事的应用。", "No app on this phone can do this.")
    is SecurityException -> say("手机不允许这样做，请检查应用的权限。", "The phone does not allow it; check the app's permissions.")
    is IOException -> say("手机上的文件读写失败，请看看还有没有空间。", "A file on the phone could not be read or written; see whether there is room.")
    else -> null
}
