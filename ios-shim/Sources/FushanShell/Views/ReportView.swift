#if canImport(SwiftUI)
import FushanShim
import SwiftUI

struct ReportView: View {
    @State var model: ReportModel
    let about: PhotoIntake.Origin
    @State private var taking: Capture?

    var body: some View {
        Form {
            if let done = model.done { Text("\(model.desk.word(.saved)) \(done.suffix(6))") }
            Section(model.desk.word(.category)) {
                if let category = model.category {
                    Text("\(category.code) \(model.desk.pick(zh: category.zh, en: category.en))")
                }
                TextField(model.desk.word(.category), text: $model.search).task(id: model.search) { await model.lookUp() }
                ForEach(model.found, id: \.code) { category in
                    Button("\(category.code) \(model.desk.pick(zh: category.zh, en: category.en))") { model.choose(category) }
                        .frame(minHeight: 48)
                }
            }
            TextField(model.desk.word(.title), text: $model.title)
            TextField(model.desk.word(.description), text: $model.text, axis: .vertical)
            Section {
                ForEach(PhotoRole.allCases) { role in
                    Button { Task { taking = await model.prepare(role: role.rawValue) } } label: {
                        Label(model.desk.word(role.word), systemImage: has(role) ? "checkmark.circle.fill" : "camera")
                    }
                    .frame(minHeight: 48)
                    .disabled(model.category == nil)
                }
            }
            WideButton(model.desk.word(.submit)) { await model.submit() }
            if model.category?.selfClose == true {
                TextField(model.desk.word(.result), text: $model.result)
                WideButton(model.desk.word(.selfClose)) { await model.selfClose() }
            }
        }
        .following(model)
        // a pause in typing, or the screen left: what was typed goes to the disk
        .task(id: model.title + "\n" + model.text) {
            try? await Task.sleep(for: .seconds(1))
            if !Task.isCancelled, !model.title.isEmpty { await model.keep() }
        }
        .onDisappear { Task { await model.keep() } }
        .sheet(item: $taking) { capture in
            let role = PhotoRole(rawValue: capture.role) ?? .near
            CameraView(title: model.desk.word(role.word), capture: capture) { capture in
                taking = nil
                await model.add(capture, about: about)
            }
        }
    }

    private func has(_ role: PhotoRole) -> Bool { model.photos.contains { $0.role == role.rawValue } }
}

/// The photos of a report.
enum PhotoRole: String, CaseIterable, Identifiable {
    case near, far, after
    var id: String { rawValue }
    var word: Words {
        switch self {
        case .near: .photoNear
        case .far: .photoFar
        case .after: .photoAfter
        }
    }
}
#endif
