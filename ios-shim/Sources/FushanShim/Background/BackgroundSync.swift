#if os(iOS) && canImport(BackgroundTasks)
import BackgroundTasks
import Foundation

/// Settles in the background: a short refresh for records, a long task on power for photos. The identifiers stand in the app's
/// `BGTaskSchedulerPermittedIdentifiers`.
public final class BackgroundSync: Sendable {
    /// Seconds that iOS gives, as Apple documents them.
    private static let refreshSeconds = 30.0
    private static let processingSeconds = 180.0

    private let session: GridSession
    private let short: String
    private let long: String

    public init(session: GridSession, short: String, long: String) {
        self.session = session
        self.short = short
        self.long = long
    }

    /// Call before the app has finished launching.
    public func register() {
        for (identifier, isLong) in [(short, false), (long, true)] {
            BGTaskScheduler.shared.register(forTaskWithIdentifier: identifier, using: nil) { [self] task in
                run(Handed(task), long: isLong)
            }
        }
    }

    /// Asks to be woken, as the engine's state says. Call when the app leaves the screen.
    public func schedule() async {
        guard let status = try? await session.engine().syncStatus(), let next = SyncSchedule(status: status) else { return }
        let request: BGTaskRequest
        if next.long {
            let processing = BGProcessingTaskRequest(identifier: long)
            processing.requiresNetworkConnectivity = true
            processing.requiresExternalPower = true
            request = processing
        } else {
            request = BGAppRefreshTaskRequest(identifier: short)
        }
        request.earliestBeginDate = Date(timeIntervalSinceNow: next.after)
        // refused on a simulator and when the worker has switched it off: the next start of the app settles
        try? BGTaskScheduler.shared.submit(request)
    }

    private func run(_ handed: Handed, long: Bool) {
        let work = Task {
            let budget = SyncSchedule.budget(seconds: long ? Self.processingSeconds : Self.refreshSeconds, long: long)
            let report = await session.inBackground { session in
                let report = try? await session.sync(budget).report()
                await schedule()
                return report
            }
            handed.task.setTaskCompleted(success: report != nil)
        }
        handed.task.expirationHandler = { work.cancel() }
    }

    /// The system hands a task over to whoever ends it; it is used by one task of ours only.
    private struct Handed: @unchecked Sendable {
        let task: BGTask
        init(_ task: BGTask) { self.task = task }
    }
}
#endif
