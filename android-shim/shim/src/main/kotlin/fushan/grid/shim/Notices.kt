package fushan.grid.shim

import android.app.Notification
import android.app.NotificationManager
import android.app.PendingIntent
import android.content.Context
import android.content.Intent

/** Notifications. They say that something waits, never what: a lock screen shows them to anybody. */
class Notices(context: Context) {
    private val context = context.applicationContext
    private val manager = context.getSystemService(NotificationManager::class.java)

    /** A conflict or a refused report waits for the worker. */
    fun waitsForPerson() = warn(WAITS, "有记录等您决定", "A record waits for your decision")

    /** The notice that a patrol shows while it records. */
    internal fun patrol(finish: PendingIntent): Notification {
        val language = Language.of(context)
        val end = Notification.Action.Builder(null, language.of("结束巡查", "End patrol"), finish).build()
        return builder(Channels.PATROL, language.of("正在记录巡查路线", "Recording the patrol's route"))
            .setSmallIcon(android.R.drawable.ic_menu_mylocation)
            .setOngoing(true)
            .addAction(end)
            .build()
    }

    /** A patrol that was to end goes on, since its readings could not be written down. */
    internal fun patrolGoesOn() = warn(PATROL_TROUBLE, "巡查还没结束，请再点一次结束", "The patrol has not ended; end it once more")

    /** A patrol is not recorded any more, since the system does not allow it. */
    internal fun patrolStopped() = warn(PATROL_TROUBLE, "巡查记录已停止，请打开应用", "The patrol is not being recorded; open the app")

    private fun warn(id: Int, zh: String, en: String) {
        val notice = builder(Channels.WAITS, Language.of(context).of(zh, en)).setSmallIcon(android.R.drawable.ic_dialog_alert)
        manager.notify(id, notice.setAutoCancel(true).build())
    }

    private fun builder(channel: Channels, text: String) = Notification.Builder(context, channel.id)
        .setContentTitle(text)
        .setContentIntent(appIntent())
        .setVisibility(Notification.VISIBILITY_PUBLIC)

    private fun appIntent(): PendingIntent? {
        val launch = context.packageManager.getLaunchIntentForPackage(context.packageName) ?: return null
        launch.addFlags(Intent.FLAG_ACTIVITY_CLEAR_TOP)
        return PendingIntent.getActivity(context, 0, launch, PendingIntent.FLAG_IMMUTABLE)
    }

    internal companion object {
        const val WAITS = 72_001
        const val PATROL = 72_002
        const val PATROL_TROUBLE = 72_003
    }
}
