/// The app's one engine over its whole life: opened, suspended while the app is in the background, resumed, shut down.
///
/// iOS kills an app that holds a file lock while it is suspended. `suspend()` therefore cancels a settlement, waits for its end and
/// closes every file before it returns.
public actor GridSession {
    /// Where the engine stands.
    public enum State: Sendable {
        case closed
        case open(Engine)
        case suspended(Engine)
        case locked(LockReason, any Error)
        case failed(any Error)
    }

    public private(set) var state = State.closed
    private let config: EngineConfig
    private let services: HostServices
    /// Whether the worker looks at the app, and how much background work goes on: while either is so, the files stay open.
    private var inSight = false
    private var background = 0
    private var opening: Task<State, Never>?
    private var running: SyncRun?

    public init(config: EngineConfig, services: HostServices) {
        self.config = config
        self.services = services
    }

    /// The app is on the screen: opens the engine, or opens its files again. Does nothing when it is open.
    @discardableResult
    public func open() async -> State {
        inSight = true
        return await opened()
    }

    /// Opens the engine for work in the background, and lets it go afterwards unless the app has come on the screen meanwhile.
    public func inBackground<T: Sendable>(_ work: @Sendable (GridSession) async throws -> T) async rethrows -> T {
        background += 1
        _ = await opened()
        do {
            let done = try await work(self)
            await left()
            return done
        } catch {
            await left()
            throw error
        }
    }

    private func left() async {
        background -= 1
        await close()
    }

    private func opened() async -> State {
        if let opening { return await opening.value }
        switch state {
        case .open:
            break
        case .suspended(let engine):
            state = Self.attempt { try engine.resume(); return engine }
        case .closed, .locked, .failed:
            let (config, services) = (config, services)
            // whoever asks meanwhile waits for the same opening
            let task = Task<State, Never> {
                do { return .open(try await Engine.open(config: config, host: services)) }
                catch { return Self.refused(error) }
            }
            opening = task
            state = await task.value
            opening = nil
            // the app left the screen before its files were open
            await close()
        }
        return state
    }

    /// The engine while it is open; otherwise the reason why it is not.
    public func engine() throws -> Engine {
        switch state {
        case .open(let engine): return engine
        case .locked(_, let error), .failed(let error): throw error
        case .closed, .suspended: throw SessionClosed()
        }
    }

    /// Begins to settle with the platform. A run that is under way is given instead of a second one.
    public func sync(_ budget: SyncBudget) async throws -> SyncRun {
        if let running, !running.isFinished { return running }
        let run = try SyncRun(engine: engine(), budget: budget)
        running = run
        return run
    }

    /// The app is off the screen: closes every file, so that the system may suspend it, unless work goes on in the background, which
    /// closes them at its end.
    public func suspend() async {
        inSight = false
        await close()
    }

    private func close() async {
        guard !inSight, background == 0 else { return }
        if let running {
            running.cancel()
            _ = try? await running.report()
        }
        // the worker may have come back while the settlement came to its end
        guard !inSight, background == 0, case .open(let engine) = state else { return }
        do { try engine.suspend(); state = .suspended(engine) }
        catch { state = .failed(error) }
    }

    /// Closes the engine for good.
    public func shutDown() async {
        await suspend()
        switch state {
        case .open(let engine), .suspended(let engine): try? engine.shutDown()
        case .closed, .locked, .failed: break
        }
        state = .closed
    }

    private static func attempt(_ open: () throws -> Engine) -> State {
        do { return .open(try open()) } catch { return refused(error) }
    }

    private static func refused(_ error: any Error) -> State {
        LockReason(error).map { .locked($0, error) } ?? .failed(error)
    }
}

/// The engine was asked for while the session is closed or suspended.
public struct SessionClosed: Error, Equatable {
    public init() {}
}
