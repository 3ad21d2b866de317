import Foundation
import Synchronization

/// The last reading of the position, kept with the moment it came by a clock that cannot be set.
public final class LastFix: LocationSource {
    private struct Reading { var fix: Fix; var came: ContinuousClock.Instant }
    private let last = Mutex<Reading?>(nil)
    private let clock = ContinuousClock()

    public init() {}

    /// A reading has come; `fix.ageMs` is its age at this moment.
    public func came(_ fix: Fix) { last.withLock { $0 = Reading(fix: fix, came: clock.now) } }

    /// The reading with its age now; nothing before the first.
    public func lastFix() throws -> Fix? {
        last.withLock { reading in
            guard var fix = reading?.fix, let came = reading?.came else { return nil }
            let age = came.duration(to: clock.now).components
            fix.ageMs += UInt64(clamping: age.seconds * 1000 + age.attoseconds / 1_000_000_000_000_000)
            return fix
        }
    }
}
