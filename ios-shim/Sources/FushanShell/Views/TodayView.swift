#if canImport(SwiftUI)
import FushanShim
import SwiftUI

struct TodayView: View {
    @State var model: TodayModel

    var body: some View {
        List {
            Section { Text(model.sync) }
            if model.lines.isEmpty { Text(model.desk.word(.nothingToday)) }
            ForEach(model.lines) { line in
                VStack(alignment: .leading) {
                    Text(line.name).font(.headline)
                    Text(line.about).foregroundStyle(line.overdue ? .red : .secondary)
                }
                .frame(minHeight: 48)
                .accessibilityElement(children: .combine)
            }
        }
        .following(model)
    }
}
#endif
