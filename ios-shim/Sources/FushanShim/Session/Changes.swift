import Synchronization

/// Tells whoever listens that something was written or has come from the platform, so that screens load again.
///
/// Every listener has a sequence of its own; ticks that come faster than it reads become one.
public final class Changes: Sendable {
    private let listeners = Mutex<[Int: AsyncStream<Void>.Continuation]>([:])
    private let next = Atomic<Int>(0)

    public init() {}

    /// A sequence with one element for now and one after each change.
    public func ticks() -> AsyncStream<Void> {
        let key = next.wrappingAdd(1, ordering: .relaxed).newValue
        let (ticks, feed) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        feed.onTermination = { [weak self] _ in self?.forget(key) }
        listeners.withLock { $0[key] = feed }
        feed.yield()
        return ticks
    }

    /// Something has changed.
    public func tick() {
        listeners.withLock { for feed in $0.values { feed.yield() } }
    }

    /// How many listen.
    public var count: Int { listeners.withLock { $0.count } }

    private func forget(_ key: Int) { listeners.withLock { _ = $0.removeValue(forKey: key) } }
}
