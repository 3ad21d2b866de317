import FushanShim

/// What every screen works with: the session, the news that something changed, and the worker's language.
public struct Desk: Sendable {
    public let session: GridSession
    public let changes: Changes
    public let language: String
    /// Pictures on their way into the vault.
    public let captures: Captures
    /// What signs evidence; nothing where photos stay unsigned.
    public let signer: StoredSigner?

    public init(session: GridSession, changes: Changes, language: String, captures: Captures, signer: StoredSigner? = nil) {
        self.session = session
        self.captures = captures
        self.signer = signer
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

    /// Takes in the pictures that an earlier start of the app, or a full disk, has left. What is refused stays, and the sync screen counts it.
    public func takeLeft(about: PhotoIntake.Origin) async {
        for capture in captures.waiting() {
            guard let engine = try? await session.engine() else { return }
            let taken = try? await PhotoIntake(engine: engine, about: about).left(capture, of: captures)
            if taken != nil { changes.tick() }
        }
    }

    func word(_ word: Words) -> String { word.text(language) }

    /// The one of two texts in the worker's language.
    func pick(zh: String, en: String) -> String { language.hasPrefix("en") ? en : zh }
}
