package fushan.grid.shim

import android.app.NotificationChannel
import android.app.NotificationManager
import android.content.Context

/** The notification channels of the app, so that the worker can silence one without the others. */
enum class Channels(internal val id: String, internal val zh: String, internal val en: String, internal val importance: Int) {
    /** While a patrol is recorded. */
    PATROL("fushan.patrol", "巡查记录中", "Patrol being recorded", NotificationManager.IMPORTANCE_LOW),

    /** Something waits for the worker: a conflict, a refused report. */
    WAITS("fushan.waits", "等您处理", "Waits for you", NotificationManager.IMPORTANCE_DEFAULT);

    companion object {
        /** Makes them all, with names in the phone's language. Making them again renames them. */
        fun make(context: Context) {
            val manager = context.getSystemService(NotificationManager::class.java)
            val chinese = Language.of(context) == Language.ZH
            manager.createNotificationChannels(
                entries.map { NotificationChannel(it.id, if (chinese) it.zh else it.en, it.importance) },
            )
        }
    }
}
