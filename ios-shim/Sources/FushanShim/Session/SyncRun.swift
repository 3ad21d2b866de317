/// A settlement under way: a sequence of its progress, and its report.
///
/// Swift never drops the future of a cancelled task, so cancelling is explicit: `cancel()`, or the cancellation of a task that waits
/// for `report()`.
public struct SyncRun: AsyncSequence, Sendable {
    public typealias Element = SyncProgress

    private let handle: SyncHandle
    private let steps: AsyncStream<SyncProgress>

    init(engine: Engine, budget: SyncBudget) throws {
        let (steps, feed) = AsyncStream.makeStream(of: SyncProgress.self, bufferingPolicy: .bufferingNewest(1))
        let handle = try engine.syncStart(budget: budget, observer: Steps(feed))
        Task {
            _ = try? await handle.wait()
            feed.finish()
        }
        self.handle = handle
        self.steps = steps
    }

    /// Whether it has ended.
    public var isFinished: Bool { handle.isFinished() }

    /// Stops it soon; what is committed stays.
    public func cancel() { handle.cancel() }

    /// Waits for its end. When the waiting task is cancelled, the settlement is cancelled too, and its report still comes.
    public func report() async throws -> SyncReport {
        try await withTaskCancellationHandler {
            try await handle.wait()
        } onCancel: {
            handle.cancel()
        }
    }

    public func makeAsyncIterator() -> AsyncStream<SyncProgress>.Iterator { steps.makeAsyncIterator() }
}

private final class Steps: SyncObserver {
    private let feed: AsyncStream<SyncProgress>.Continuation
    init(_ feed: AsyncStream<SyncProgress>.Continuation) { self.feed = feed }
    func progress(progress: SyncProgress) throws { feed.yield(progress) }
}
