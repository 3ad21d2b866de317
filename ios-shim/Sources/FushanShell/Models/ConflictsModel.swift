import Foundation
import FushanShim
import Observation

/// Conflicts: what the worker wrote beside what the platform holds; the worker chooses field by field.
@MainActor
@Observable
public final class ConflictsModel: Screen {
    public private(set) var open: [Conflict] = []
    /// Fields in which the worker's own value shall hold, by conflict.
    public private(set) var mine: [String: Set<String>] = [:]

    public override func load() async {
        await attempt { open = try await desk.ask { try $0.conflicts() } }
    }

    public func choose(_ conflict: String, field: String, mine takeMine: Bool) {
        if takeMine { mine[conflict, default: []].insert(field) } else { mine[conflict]?.remove(field) }
    }

    /// Says what shall hold, as chosen.
    public func resolve(_ conflict: Conflict) async {
        let resolution = Self.resolution(conflict, mine: mine[conflict.id] ?? [])
        await attempt {
            try await desk.write { try $0.conflictResolve(id: conflict.id, resolution: resolution) }
            mine[conflict.id] = nil
        }
    }

    /// All of one side is said as such; a mixture as values, those of the platform included.
    static func resolution(_ conflict: Conflict, mine: Set<String>) -> Resolution {
        let names = Set(conflict.fields.map(\.name))
        if mine.isDisjoint(with: names) { return .platform }
        if mine.isSuperset(of: names) { return .phone }
        // names and values are JSON already: nothing is decoded and changed on its way
        let pairs = conflict.fields.map { field in
            let name = (try? JSONEncoder().encode(field.name)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
            return "\(name):\(mine.contains(field.name) ? field.phoneJson : field.platformJson)"
        }
        return .values(setJson: "{\(pairs.joined(separator: ","))}")
    }
}
