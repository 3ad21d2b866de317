import FushanShim
import Observation

/// The state of the sync in words a person understands, and the button.
@MainActor
@Observable
public final class SyncModel: Screen {
    public private(set) var summary = ""
    public private(set) var details: [String] = []
    public private(set) var refused: [RefusedOperation] = []
    public private(set) var progress: SyncProgress?
    /// Whether the signing key is gone, which only a person may replace.
    public private(set) var signingLost = false
    @ObservationIgnored private var run: SyncRun?

    public override func load() async {
        await attempt {
            let (status, refused) = try await desk.ask { (try $0.syncStatus(), try $0.refused()) }
            summary = Self.summary(status, desk)
            details = Self.details(status, desk)
            self.refused = refused
            let signer = desk.signer
            signingLost = await Task.detached { signer?.state == .lost }.value
        }
    }

    /// Settles now, and follows it to its end.
    public func sync() async {
        await attempt {
            let run = try await desk.session.sync(SyncBudget(trigger: .worker))
            self.run = run
            for await step in run { progress = step }
            let report = try await run.report()
            progress = nil
            if case .offline = report.outcome { trouble = nil; summary = desk.word(.offline) }
        }
        progress = nil
        run = nil
        desk.changes.tick()
    }

    /// Makes another signing key in the place of the lost one, and begins a chain of evidence that says so.
    public func startSigningOver() async {
        guard let signer = desk.signer else { return }
        await attempt {
            try await desk.write { engine in
                try signer.startOver()
                try engine.evidenceReinstalled()
            }
            signingLost = false
        }
    }

    public func stop() { run?.cancel() }

    /// Queues a refused operation again as it is; fields are edited in the registry.
    public func retry(_ operation: RefusedOperation) async {
        await attempt { try await desk.write { try $0.refusedRequeue(op: operation.op, editedJson: "{}") } }
    }

    /// The gravest thing first.
    static func summary(_ status: SyncStatus, _ desk: Desk) -> String {
        if status.refused > 0 { return "\(status.refused) \(desk.word(.refused))" }
        if status.opsWaiting > 0 { return "\(status.opsWaiting) \(desk.word(.waiting))" }
        if status.photosWaiting > 0 { return "\(status.photosWaiting) \(desk.word(.photosWaiting))" }
        return status.runs.isEmpty ? desk.word(.neverSynced) : desk.word(.allSent)
    }

    static func details(_ status: SyncStatus, _ desk: Desk) -> [String] {
        var lines: [String] = []
        if status.opsWaiting > 0 { lines.append("\(status.opsWaiting) \(desk.word(.waiting))") }
        if status.photosWaiting > 0 { lines.append("\(status.photosWaiting) \(desk.word(.photosWaiting))") }
        if status.conflicts > 0 { lines.append("\(desk.word(.conflicts)): \(status.conflicts)") }
        let left = desk.captures.waiting().count
        if left > 0 { lines.append("\(left) \(desk.word(.leftPhotos))") }
        if let told = status.needsUpgrade { lines.append(desk.pick(zh: told.zh, en: told.en)) }
        return lines
    }
}
