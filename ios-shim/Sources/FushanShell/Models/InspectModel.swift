import Foundation
import FushanShim
import Observation

/// A checklist, item by item. Every answer is on the disk before the next item shows; what is not relevant is not there.
@MainActor
@Observable
public final class InspectModel: Screen {
    public private(set) var checklists: [ChecklistVersion] = []
    public private(set) var drafts: [SheetSummary] = []
    public private(set) var sheet: SheetScreen?
    /// Position of the item on the screen.
    public var position = 0
    public private(set) var finished: FinishedInspection?

    /// The item on the screen.
    public var item: SheetLine? {
        guard let sheet, sheet.lines.indices.contains(position) else { return nil }
        return sheet.lines[position]
    }

    public override func load() async {
        let open = sheet?.sheet.id
        await attempt {
            (checklists, drafts) = try await desk.ask { (try $0.checklists().filter(\.current), try $0.inspectDrafts()) }
            if let open, finished == nil { sheet = try await desk.ask { try $0.inspectShow(sheet: open) } }
        }
    }

    public func begin(form: String, place: String?, arrival: ArrivalAt) async {
        let start = SheetStart(form: form, place: place, arrival: arrival, language: desk.language.hasPrefix("en") ? "en" : "zh")
        await attempt {
            let id = try await desk.write { try $0.inspectStart(start: start) }
            try await show(id)
            position = 0
        }
    }

    /// Goes on with a draft where it was left.
    public func resume(_ draft: SheetSummary) async {
        await attempt {
            try await show(draft.id)
            position = sheet?.lines.firstIndex { $0.path == draft.stoppedAt } ?? 0
        }
    }

    /// Answers an item, the one on the screen when none is named. A refused answer leaves the one before.
    public func answer(_ value: String, at path: String? = nil) async {
        guard let id = sheet?.sheet.id, let path = path ?? item?.path else { return }
        await attempt {
            _ = try await desk.write { try $0.inspectAnswer(sheet: id, path: path, value: value) }
            try await show(id)
        }
    }

    /// Before the camera opens: a note of the item that the picture will belong to.
    public func prepare(role: String) async -> Capture? {
        guard let id = sheet?.sheet.id, let path = item?.path else { return nil }
        return await attempt { try desk.captures.prepare(.item(sheet: id, path: path), role: role) }
    }

    /// A picture that the camera has taken for an item.
    public func add(_ capture: Capture, about: PhotoIntake.Origin) async {
        await attempt {
            let engine = try await desk.session.engine()
            _ = try await PhotoIntake(engine: engine, about: about).camera(capture, of: desk.captures)
            if let id = sheet?.sheet.id { try await show(id) }
        }
    }

    /// Notes that the hazard of the item was put right on the spot.
    public func fixed(_ note: String) async {
        guard let id = sheet?.sheet.id, let path = item?.path else { return }
        await attempt {
            try await desk.write { try $0.inspectFixed(sheet: id, path: path, note: note) }
            try await show(id)
        }
    }

    /// Jumps to something that is missing.
    public func jump(to missing: MissingAnswer) {
        position = sheet?.lines.firstIndex { $0.path == missing.path } ?? position
    }

    public func finish() async {
        guard let id = sheet?.sheet.id else { return }
        await attempt { finished = try await desk.write { try $0.inspectFinish(sheet: id) } }
    }

    private func show(_ id: String) async throws {
        sheet = try await desk.ask { try $0.inspectShow(sheet: id) }
    }
}

extension SheetLine {
    /// Whether a choice is part of the answer.
    func has(_ choice: String) -> Bool { choices(of: answer).contains(choice) }

    /// The answer after a tap on a choice: of several it joins or leaves the others, of one it replaces the other.
    func chosen(_ choice: String) -> String {
        guard takesSeveral else { return choice }
        var all = choices(of: answer)
        if let at = all.firstIndex(of: choice) { all.remove(at: at) } else { all.append(choice) }
        return all.joined(separator: " ")
    }

    private var takesSeveral: Bool { ["select_many", "rank"].contains(kind) }

    private func choices(of answer: String?) -> [String] {
        let answer = answer ?? ""
        return takesSeveral ? answer.split(separator: " ").map(String.init) : [answer]
    }
}
