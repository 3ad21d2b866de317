import FushanShim
import Observation

/// What the six models share: a desk, and the last thing that went wrong as a text.
@MainActor
@Observable
public class Screen {
    /// What to tell the worker; nothing when all is well.
    public var trouble: String?
    @ObservationIgnored let desk: Desk

    public init(desk: Desk) { self.desk = desk }

    /// Loads again at once and after every change, until the screen's task is cancelled.
    public func follow() async {
        for await _ in desk.changes.ticks() { await load() }
    }

    /// Loads what the screen shows.
    public func load() async {}

    /// Does something and tells what went wrong. The screen keeps what was typed.
    @discardableResult
    func attempt<T: Sendable>(_ work: () async throws -> T) async -> T? {
        do {
            let done = try await work()
            trouble = nil
            return done
        } catch {
            trouble = ErrorText.of(error, desk.language)
            return nil
        }
    }
}
