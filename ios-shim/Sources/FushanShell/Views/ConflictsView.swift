#if canImport(SwiftUI)
import FushanShim
import SwiftUI

struct ConflictsView: View {
    @State var model: ConflictsModel

    var body: some View {
        List {
            if model.open.isEmpty { Text(model.desk.word(.noConflicts)) }
            ForEach(model.open, id: \.id) { conflict in
                Section {
                    if conflict.fields.isEmpty { choice(conflict, ConflictsModel.step, model.desk.word(.step)) }
                    ForEach(conflict.fields, id: \.name) { field in fieldRow(conflict, field) }
                    WideButton(model.desk.word(.save)) { await model.resolve(conflict) }
                }
            }
        }
        .following(model)
    }

    private func fieldRow(_ conflict: Conflict, _ field: ConflictField) -> some View {
        VStack(alignment: .leading) {
            Text(model.desk.pick(zh: field.zh, en: field.en)).font(.headline)
            Text("\(model.desk.word(.mine)): \(field.phoneJson)")
            Text("\(model.desk.word(.theirs)): \(field.platformJson)")
            choice(conflict, field.name, model.desk.pick(zh: field.zh, en: field.en))
        }
    }

    /// Mine or the platform's; nothing is chosen beforehand.
    private func choice(_ conflict: Conflict, _ field: String, _ label: String) -> some View {
        Picker(label, selection: Binding(
            get: { model.chosen[conflict.id]?[field] },
            set: { if let mine = $0 { model.choose(conflict.id, field: field, mine: mine) } }
        )) {
            Text(model.desk.word(.keepTheirs)).tag(Bool?.some(false))
            Text(model.desk.word(.keepMine)).tag(Bool?.some(true))
        }
        .pickerStyle(.segmented)
    }
}
#endif
