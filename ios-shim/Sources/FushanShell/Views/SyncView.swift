#if canImport(SwiftUI)
import FushanShim
import SwiftUI

struct SyncView: View {
    @State var model: SyncModel

    var body: some View {
        List {
            Text(model.summary).font(.title2)
            ForEach(model.details, id: \.self) { Text($0) }
            if model.signingLost {
                Text(model.desk.word(.signingLost)).foregroundStyle(.red)
                WideButton(model.desk.word(.signAgain)) { await model.startSigningOver() }
            }
            ForEach(model.refused, id: \.op) { operation in
                VStack(alignment: .leading) {
                    Text(model.desk.pick(zh: operation.told.zh, en: operation.told.en)).font(.headline)
                    Text(model.desk.pick(zh: operation.told.nextZh, en: operation.told.nextEn))
                    Button(model.desk.word(.refresh)) { Task { await model.retry(operation) } }.frame(minHeight: 48)
                }
            }
            if model.progress != nil {
                ProgressView()
                WideButton(model.desk.word(.stop)) { model.stop() }
            } else {
                WideButton(model.desk.word(.syncNow)) { await model.sync() }
            }
        }
        .following(model)
    }
}
#endif
