#if canImport(Network)
import Network

/// Listens to the system's network and keeps `Surroundings` true; `onReachable` is called when a way out appears.
public final class PathObserver: Sendable {
    private let monitor = NWPathMonitor()

    public init(_ surroundings: Surroundings, onReachable: @escaping @Sendable () -> Void) {
        monitor.pathUpdateHandler = { path in
            let before = surroundings.isReachable
            surroundings.heard(path: .init(
                reachable: path.status == .satisfied, expensive: path.isExpensive, constrained: path.isConstrained))
            if !before, surroundings.isReachable { onReachable() }
        }
        monitor.start(queue: .global(qos: .utility))
    }

    deinit { monitor.cancel() }
}
#endif
