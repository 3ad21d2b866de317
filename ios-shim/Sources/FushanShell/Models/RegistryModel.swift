import Foundation
import FushanShim
import Observation

/// The registry: a search over names, initials, addresses and last digits, and the card of one record.
@MainActor
@Observable
public final class RegistryModel: Screen {
    public var search = ""
    public private(set) var hits: [GridRecord] = []
    public private(set) var hasMore = false
    public private(set) var card: Card?
    @ObservationIgnored private var next: Int64?

    public override func load() async { await find() }

    /// The first page.
    public func find() async {
        let text = search
        guard !text.isEmpty else { hits = []; hasMore = false; return }
        await attempt { take(try await desk.ask { try $0.registrySearch(text: text) }, onto: []) }
    }

    /// The next page.
    public func more() async {
        guard let next else { return }
        let text = search
        await attempt { take(try await desk.ask { try $0.registrySearch(text: text, after: next) }, onto: hits) }
    }

    /// Opens a card. Personal data is masked until the worker asks for it.
    public func open(_ id: String, personal: Bool = false) async {
        await attempt { card = try await desk.ask { try $0.registryCard(id: id, open: personal) } }
    }

    /// Changes one field of the card's record.
    public func change(_ id: String, field: String, to value: String) async {
        await attempt {
            let set = String(decoding: try JSONEncoder().encode([field: value]), as: UTF8.self)
            _ = try await desk.write { try $0.registryChange(id: id, setJson: set) }
        }
    }

    private func take(_ page: SearchPage, onto before: [GridRecord]) {
        hits = before + page.items
        next = page.next
        hasMore = page.next != nil
    }
}
