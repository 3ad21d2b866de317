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
            guard let reading else { return nil }
            let since = reading.came.duration(to: clock.now).components
            return reading.fix.older(byMs: UInt64(clamping: since.seconds * 1000 + since.attoseconds / 1_000_000_000_000_000))
        }
    }
}

extension Fix {
    /// The same reading, asked for later.
    func older(byMs more: UInt64) -> Fix {
        Fix(
            point: point, accuracyM: accuracyM, provider: provider, ageMs: ageMs + more, mock: mock, altitudeM: altitudeM,
            speedMps: speedMps, bearingDeg: bearingDeg, satellites: satellites, gnssMs: gnssMs)
    }
}
