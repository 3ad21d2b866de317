#if canImport(SwiftUI)
import Foundation
import FushanShim
import SwiftUI

struct RegistryView: View {
    @State var model: RegistryModel

    var body: some View {
        List {
            if model.hits.isEmpty, !model.search.isEmpty { Text(model.desk.word(.nothingFound)) }
            ForEach(model.hits, id: \.id) { hit in
                NavigationLink {
                    CardView(model: model, id: hit.id)
                } label: { Text(name(hit)).frame(minHeight: 48) }
            }
            if model.hasMore { ProgressView().task { await model.more() } }
        }
        .searchable(text: $model.search, prompt: model.desk.word(.search))
        .task(id: model.search) { await model.find() }
        .following(model)
    }

    /// The name or address of a masked record.
    private func name(_ record: GridRecord) -> String {
        let body = (try? JSONSerialization.jsonObject(with: Data(record.bodyJson.utf8))) as? [String: Any] ?? [:]
        return (body["name"] ?? body["address"]) as? String ?? record.kind
    }
}

struct CardView: View {
    @State var model: RegistryModel
    let id: String

    var body: some View {
        List {
            ForEach(model.card?.lines ?? [], id: \.name) { line in
                LabeledContent(
                    model.desk.pick(zh: line.zh, en: line.en), value: model.desk.pick(zh: line.shownZh, en: line.shownEn))
            }
            WideButton(model.desk.word(.showPersonal)) { await model.open(id, personal: true) }
        }
        .task { await model.open(id) }
    }
}
#endif
