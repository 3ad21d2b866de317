#if canImport(SwiftUI)
import FushanShim
import SwiftUI

struct InspectView: View {
    @State var model: InspectModel
    let about: PhotoIntake.Origin
    @State private var taking: Capture?

    var body: some View {
        Group {
            if let done = model.finished { result(done) } else if model.sheet != nil { item } else { start }
        }
        .following(model)
        .sheet(item: $taking) { capture in
            CameraView(title: model.desk.word(.photoNear), capture: capture) { capture in
                taking = nil
                await model.add(capture, about: about)
            }
        }
    }

    private var start: some View {
        List {
            Section(model.desk.word(.drafts)) {
                ForEach(model.drafts, id: \.id) { draft in
                    Button(draft.id.suffix(6)) { Task { await model.resume(draft) } }.frame(minHeight: 48)
                }
            }
            Section(model.desk.word(.begin)) {
                ForEach(model.checklists, id: \.digest) { list in
                    Button(list.title) { Task { await model.begin(form: list.form, place: nil, arrival: ArrivalAt()) } }
                        .frame(minHeight: 48)
                }
            }
        }
    }

    private var item: some View {
        VStack(alignment: .leading, spacing: 12) {
            if let item = model.item {
                Text("\(model.position + 1) / \(model.sheet?.lines.count ?? 0)").foregroundStyle(.secondary)
                Text(item.label).font(.title2)
                AnswerField(item: item) { await model.answer($0, at: item.path) }.id(item.path)
                if item.hazard {
                    Label(model.desk.word(.hazard), systemImage: "exclamationmark.triangle.fill").foregroundStyle(.red)
                    Button(model.desk.word(.fixed)) { Task { await model.fixed(model.desk.word(.fixed)) } }.frame(minHeight: 48)
                }
                Button { Task { taking = await model.prepare(role: "near") } } label: { Label("\(item.photos.count)", systemImage: "camera") }
                    .frame(minHeight: 48)
                    .accessibilityLabel(model.desk.word(.photoNear))
            }
            Spacer()
            ForEach(model.sheet?.missing ?? [], id: \.path) { missing in
                Button("\(model.desk.word(.missing)): \(missing.label)") { model.jump(to: missing) }
            }
            HStack {
                Button { model.position -= 1 } label: { Image(systemName: "chevron.left").frame(minWidth: 64, minHeight: 48) }
                    .disabled(model.position == 0)
                WideButton(model.desk.word(.finish)) { await model.finish() }
                Button { model.position += 1 } label: { Image(systemName: "chevron.right").frame(minWidth: 64, minHeight: 48) }
                    .disabled(model.position + 1 >= model.sheet?.lines.count ?? 0)
            }
        }
        .padding()
    }

    private func result(_ done: FinishedInspection) -> some View {
        VStack {
            Text(done.result).font(.title)
            Text("\(model.desk.word(.hazard)): \(done.hazards.count)")
        }
    }
}

/// One answer: choices as buttons, anything else as text.
struct AnswerField: View {
    let item: SheetLine
    let answer: (String) async -> Void
    @State private var typed = ""

    /// What was typed goes to the engine when the field is left, however it is left.
    private func keep() {
        let typed = typed
        if typed != item.answer ?? "" { Task { await answer(typed) } }
    }

    var body: some View {
        if item.choices.isEmpty {
            TextField(item.label, text: $typed)
                .onAppear { typed = item.answer ?? "" }
                .onSubmit { keep() }
                .onDisappear { keep() }
                .disabled(item.readonly)
        } else {
            ForEach(item.choices, id: \.value) { choice in
                Button { Task { await answer(item.chosen(choice.value)) } } label: {
                    Label(choice.label, systemImage: item.has(choice.value) ? "largecircle.fill.circle" : "circle")
                        .frame(maxWidth: .infinity, minHeight: 48, alignment: .leading)
                }
                .accessibilityAddTraits(item.has(choice.value) ? .isSelected : [])
            }
        }
    }
}
#endif
