#if os(iOS) && canImport(UIKit)
import UIKit

/// Follows the app to the background and back: suspends the engine within the time the system grants, and opens it again.
@MainActor
public final class SceneFollower {
    private let session: GridSession
    private let background: BackgroundSync?

    public init(session: GridSession, background: BackgroundSync?) {
        self.session = session
        self.background = background
    }

    /// The scene has left the screen.
    public func left() {
        var granted = UIBackgroundTaskIdentifier.invalid
        let work = Task {
            await background?.schedule()
            await session.suspend()
            UIApplication.shared.endBackgroundTask(granted)
        }
        granted = UIApplication.shared.beginBackgroundTask { work.cancel() }
    }

    /// The scene is on the screen again.
    public func came() async { await session.open() }
}
#endif
