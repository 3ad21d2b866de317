import Foundation
import FushanShim
import Observation

/// Reporting: category, words, photos, place, then submit or close on the spot. The view calls `keep()` after each pause in typing, so
/// that a killed app loses no photo and few words; what was sent leaves the form empty for the next report.
@MainActor
@Observable
public final class ReportModel: Screen {
    public var search = ""
    public var title = ""
    public var text = ""
    public var result = ""
    public private(set) var found: [FushanGrid.Category] = []
    public private(set) var category: FushanGrid.Category?
    /// The draft's id once it is on the disk.
    public private(set) var draft: String?
    public private(set) var photos: [PhotoRef] = []
    /// The incident that was submitted or closed.
    public private(set) var done: String?

    /// Categories that match, or those used last while nothing is typed.
    public func lookUp() async {
        let text = search
        await attempt {
            found = try await desk.ask { text.isEmpty ? try $0.categoriesRecent() : try $0.categorySearch(text: text) }
        }
    }

    public func choose(_ category: FushanGrid.Category) { self.category = category }

    /// Writes the draft down, or brings the one on the disk to what is typed now.
    public func keep(at point: GeoPoint? = nil) async {
        guard let category else { return }
        let (title, text, draft) = (self.title, self.text, self.draft)
        await attempt {
            if let draft {
                let set = String(decoding: try JSONEncoder().encode(["title": title, "description": text]), as: UTF8.self)
                try await desk.write { try $0.incidentChange(id: draft, setJson: set) }
            } else {
                let report = IncidentReport(category: category.code, title: title, description: text, point: point)
                self.draft = try await desk.write { try $0.incidentDraft(report: report) }
            }
        }
    }

    /// Before the camera opens: the draft is on the disk, and so is a note of what the picture will belong to.
    public func prepare(role: String) async -> Capture? {
        if draft == nil { await keep() }
        guard let draft else {
            trouble = trouble ?? desk.word(.categoryFirst)
            return nil
        }
        return await attempt { try desk.captures.prepare(.record(draft), role: role) }
    }

    /// A picture that the camera has taken.
    public func add(_ capture: Capture, about: PhotoIntake.Origin) async {
        await attempt {
            let engine = try await desk.session.engine()
            _ = try await PhotoIntake(engine: engine, about: about).camera(capture, of: desk.captures)
            if let draft { photos = try await desk.ask { try $0.incident(id: draft).photos } }
            desk.changes.tick()
        }
    }

    public func submit() async { await finish { engine, draft, _ in try engine.incidentSubmit(id: draft) } }

    /// Closes it on the spot.
    public func selfClose() async { await finish { try $0.incidentSelfClose(id: $1, result: $2) } }

    private func finish(_ step: @escaping @Sendable (Engine, String, String) throws -> Void) async {
        await keep()
        guard trouble == nil, let draft else { return }
        let result = result
        await attempt {
            try await desk.write { try step($0, draft, result) }
            done = draft
            begin()
        }
    }

    /// An empty form: the next report is another incident.
    private func begin() {
        (draft, category, photos) = (nil, nil, [])
        (title, text, result) = ("", "", "")
    }
}
