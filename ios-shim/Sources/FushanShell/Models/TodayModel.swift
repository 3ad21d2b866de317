import FushanShim
import Observation

/// Today: visits by urgency and distance, and one line about the sync.
@MainActor
@Observable
public final class TodayModel: Screen {
    /// One line of the list.
    public struct Line: Equatable, Identifiable, Sendable {
        public let id: String
        public let name: String
        public let about: String
        public let overdue: Bool
        public let forms: [String]
    }

    public private(set) var lines: [Line] = []
    public private(set) var sync = ""

    public override func load() async {
        await attempt {
            let (visits, status) = try await desk.ask { (try $0.today(), try $0.syncStatus()) }
            lines = visits.map(line)
            sync = SyncModel.summary(status, desk)
        }
    }

    private func line(_ visit: PlannedVisit) -> Line {
        let urgency: String? = switch visit.urgency {
        case .recheck: desk.word(.recheck)
        case .overdue: desk.word(.overdue)
        case .today: desk.word(.dueToday)
        case .soon, .open: nil
        }
        let distance = visit.distanceM.map { "\($0) \(desk.word(.metres))" }
        let about = [urgency, visit.due, distance].compactMap { $0 }.joined(separator: " · ")
        return Line(id: visit.record, name: visit.name, about: about, overdue: visit.urgency == .overdue, forms: visit.forms)
    }
}
