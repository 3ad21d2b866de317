#if canImport(SwiftUI)
import FushanShim
import SwiftUI

/// The app's six places. Large controls at the bottom, within reach of one thumb.
public struct ShellView: View {
    private let desk: Desk
    private let about: PhotoIntake.Origin

    public init(desk: Desk, about: PhotoIntake.Origin) {
        self.desk = desk
        self.about = about
    }

    public var body: some View {
        TabView {
            TodayView(model: TodayModel(desk: desk)).place(desk, .today, "sun.max")
            ReportView(model: ReportModel(desk: desk), about: about).place(desk, .report, "exclamationmark.bubble")
            InspectView(model: InspectModel(desk: desk), about: about).place(desk, .inspect, "checklist")
            RegistryView(model: RegistryModel(desk: desk)).place(desk, .registry, "person.text.rectangle")
            ConflictsView(model: ConflictsModel(desk: desk)).place(desk, .conflicts, "arrow.triangle.branch")
            SyncView(model: SyncModel(desk: desk)).place(desk, .sync, "arrow.triangle.2.circlepath")
        }
        .task {
            desk.captures.tidy()
            for await _ in desk.changes.ticks() { await desk.takeLeft(about: about) }
        }
    }
}

extension View {
    /// One of the six places, with its name read aloud by VoiceOver.
    func place(_ desk: Desk, _ word: Words, _ symbol: String) -> some View {
        NavigationStack { navigationTitle(desk.word(word)) }
            .tabItem { Label(desk.word(word), systemImage: symbol) }
    }

    /// Follows the model's news while the screen is there, and tells what went wrong.
    func following(_ model: Screen) -> some View {
        task { await model.follow() }
            .safeAreaInset(edge: .top) {
                if let trouble = model.trouble {
                    Text(trouble).padding().frame(maxWidth: .infinity, alignment: .leading).background(.red.opacity(0.15))
                        .accessibilityAddTraits(.isStaticText)
                }
            }
    }
}

/// A button as wide as the screen and at least 48 points high.
struct WideButton: View {
    let title: String
    let action: () async -> Void

    init(_ title: String, action: @escaping () async -> Void) {
        self.title = title
        self.action = action
    }

    var body: some View {
        Button { Task { await action() } } label: {
            Text(title).font(.title3).frame(maxWidth: .infinity, minHeight: 48)
        }
        .buttonStyle(.borderedProminent)
    }
}
#endif
