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
            Picker(model.desk.pick(zh: field.zh, en: field.en), selection: Binding(
                get: { model.mine[conflict.id]?.contains(field.name) ?? false },
                set: { model.choose(conflict.id, field: field.name, mine: $0) }
            )) {
                Text(model.desk.word(.keepTheirs)).tag(false)
                Text(model.desk.word(.keepMine)).tag(true)
            }
            .pickerStyle(.segmented)
        }
    }
}
#endif
