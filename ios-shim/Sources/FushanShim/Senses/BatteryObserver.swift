#if canImport(UIKit) && !os(watchOS)
import UIKit

/// Listens to the battery and keeps `Surroundings` true.
@MainActor
public final class BatteryObserver {
    private let surroundings: Surroundings
    private var watches: [any NSObjectProtocol] = []

    public init(_ surroundings: Surroundings) {
        self.surroundings = surroundings
        UIDevice.current.isBatteryMonitoringEnabled = true
        tell()
        for name in [UIDevice.batteryLevelDidChangeNotification, UIDevice.batteryStateDidChangeNotification] {
            watches.append(NotificationCenter.default.addObserver(forName: name, object: nil, queue: .main) { [weak self] _ in
                MainActor.assumeIsolated { self?.tell() }
            })
        }
    }

    private func tell() {
        let device = UIDevice.current
        let charging = device.batteryState == .charging || device.batteryState == .full
        surroundings.heard(battery: device.batteryLevel, charging: charging)
    }
}
#endif
