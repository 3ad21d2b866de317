import Synchronization

/// What an observer has last heard of network and power.
public final class Surroundings: ConditionsSource {
    /// What the system says about a network path.
    public struct Path: Equatable, Sendable {
        public var reachable: Bool
        public var expensive: Bool
        public var constrained: Bool
        public var roaming: Bool
        public init(reachable: Bool, expensive: Bool, constrained: Bool, roaming: Bool = false) {
            self.reachable = reachable
            self.expensive = expensive
            self.constrained = constrained
            self.roaming = roaming
        }

        /// A path that costs money, or that the worker asked to spare, counts as metered.
        public var network: Network { roaming ? .roaming : (expensive || constrained) ? .metered : .unmetered }
    }

    private struct Heard { var path: Path?; var battery: UInt8?; var charging = false }
    private let heard = Mutex(Heard())

    public init() {}

    public func heard(path: Path) { heard.withLock { $0.path = path } }

    /// `level` from 0 to 1, as UIDevice tells it; below 0 it is unknown.
    public func heard(battery level: Float, charging: Bool) {
        heard.withLock {
            $0.battery = (0...1).contains(level) ? UInt8((level * 100).rounded()) : nil
            $0.charging = charging
        }
    }

    /// Whether there is any way out; true before the first word.
    public var isReachable: Bool { heard.withLock { $0.path?.reachable ?? true } }

    /// Before the first word the network counts as metered: nothing large goes out by mistake.
    public func now() throws -> Conditions {
        heard.withLock { Conditions(network: $0.path?.network ?? .metered, battery: $0.battery, charging: $0.charging) }
    }
}
