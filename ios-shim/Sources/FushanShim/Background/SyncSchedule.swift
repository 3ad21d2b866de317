/// When the system should wake the app again, from what the engine says.
public struct SyncSchedule: Equatable, Sendable {
    /// Seconds from now, at the earliest.
    public var after: Double
    /// A long run on power and any network that costs nothing: photos wait. Otherwise a short refresh will do.
    public var long: Bool

    /// Between two runs at least this long, or the system gives the app less and less time.
    static let shortest = 15.0 * 60
    /// With nothing to send, the platform's news are fetched this often.
    static let quiet = 60.0 * 60

    /// The next wake-up; nothing while the phone may not settle at all.
    public init?(status: SyncStatus) {
        guard status.enrolled, status.needsUpgrade == nil else { return nil }
        let asked = status.nextAttemptMs.map { Double($0) / 1000 }
        let waits = status.opsWaiting > 0 || status.photosWaiting > 0
        after = max(Self.shortest, asked ?? (waits ? Self.shortest : Self.quiet))
        long = status.photosWaiting > 0
    }

    /// What a run in the background may use, in the time the system gives.
    public static func budget(seconds: Double, long: Bool) -> SyncBudget {
        // the last seconds belong to closing the files
        let usable = max(1, seconds - 5)
        return SyncBudget(trigger: .schedule, maxMs: UInt64(usable * 1000), maxBytes: long ? nil : 5_000_000)
    }
}
