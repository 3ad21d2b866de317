import FushanShim

/// What every screen works with: the session, the news that something changed, and the worker's language.
public struct Desk: Sendable {
    public let session: GridSession
    public let changes: Changes
    public let language: String

    public init(session: GridSession, changes: Changes, language: String) {
        self.session = session
        self.changes = changes
        self.language = language
    }

    /// Reads or writes off the main thread.
    func ask<T: Sendable>(_ work: @escaping @Sendable (Engine) throws -> T) async throws -> T {
        let engine = try await session.engine()
        return try await Task.detached(priority: .userInitiated) { try work(engine) }.value
    }

    /// Writes, and lets every screen know.
    func write<T: Sendable>(_ work: @escaping @Sendable (Engine) throws -> T) async throws -> T {
        let done = try await ask(work)
        changes.tick()
        return done
    }

    func word(_ word: Words) -> String { word.text(language) }

    /// The one of two texts in the worker's language.
    func pick(zh: String, en: String) -> String { language.hasPrefix("en") ? en : zh }
}
