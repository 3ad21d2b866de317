import Foundation
import FushanShim
import Observation

/// Conflicts: what the worker wrote beside what the platform holds; the worker chooses field by field.
@MainActor
@Observable
public final class ConflictsModel: Screen {
    public private(set) var open: [Conflict] = []
    /// Whether the worker's own value shall hold, by conflict and field; absent where nobody has chosen. A conflict about a step has
    /// no fields and is chosen as `step`.
    public private(set) var chosen: [String: [String: Bool]] = [:]
    /// Stands for the whole of a conflict that has no fields.
    public static let step = ""

    public override func load() async {
        await attempt { open = try await desk.ask { try $0.conflicts() } }
    }

    public func choose(_ conflict: String, field: String, mine: Bool) { chosen[conflict, default: [:]][field] = mine }

    /// Says what shall hold, once every field was chosen: nothing that was written is given up unasked.
    public func resolve(_ conflict: Conflict) async {
        guard let resolution = Self.resolution(conflict, chosen: chosen[conflict.id] ?? [:]) else {
            trouble = desk.word(.chooseFirst)
            return
        }
        await attempt {
            try await desk.write { try $0.conflictResolve(id: conflict.id, resolution: resolution) }
            chosen[conflict.id] = nil
        }
    }

    /// All of one side is said as such; a mixture as values, those of the platform included. Nothing while a choice is missing.
    static func resolution(_ conflict: Conflict, chosen: [String: Bool]) -> Resolution? {
        let names = conflict.fields.isEmpty ? [step] : conflict.fields.map(\.name)
        let choices = names.compactMap { chosen[$0] }
        guard choices.count == names.count else { return nil }
        if !choices.contains(true) { return .platform }
        if !choices.contains(false) { return .phone }
        // names and values are JSON already: nothing is decoded and changed on its way
        let pairs = conflict.fields.map { field in
            let name = (try? JSONEncoder().encode(field.name)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
            return "\(name):\(chosen[field.name] == true ? field.phoneJson : field.platformJson)"
        }
        return .values(setJson: "{\(pairs.joined(separator: ","))}")
    }
}
