#if canImport(CoreLocation)
import CoreLocation

/// Listens to the position while the worker walks and keeps `LastFix` true. The shell asks for the permission with its own words.
@MainActor
public final class LocationObserver: NSObject, CLLocationManagerDelegate {
    private let manager = CLLocationManager()
    private let last: LastFix
    private let onFix: (@MainActor (Fix) -> Void)?

    /// `onFix` is given every reading, for a patrol.
    public init(_ last: LastFix, onFix: (@MainActor (Fix) -> Void)? = nil) {
        self.last = last
        self.onFix = onFix
        super.init()
        manager.delegate = self
        manager.desiredAccuracy = kCLLocationAccuracyBest
    }

    /// Begins to listen; `background` for a patrol, which needs the location background mode.
    public func start(background: Bool) {
        #if os(iOS)
        manager.requestWhenInUseAuthorization()
        manager.allowsBackgroundLocationUpdates = background
        manager.pausesLocationUpdatesAutomatically = !background
        #endif
        manager.startUpdatingLocation()
    }

    public func stop() { manager.stopUpdatingLocation() }

    public nonisolated func locationManager(_ manager: CLLocationManager, didUpdateLocations locations: [CLLocation]) {
        let fixes = locations.compactMap(Fix.init)
        MainActor.assumeIsolated {
            for fix in fixes {
                last.came(fix)
                onFix?(fix)
            }
        }
    }

    /// A failure leaves the last reading with its age; a place can always be given by hand.
    public nonisolated func locationManager(_ manager: CLLocationManager, didFailWithError error: any Error) {}
}

extension Fix {
    /// A reading of the system; nothing when it is not valid. iOS gives WGS-84.
    init?(_ location: CLLocation) {
        guard location.horizontalAccuracy >= 0 else { return nil }
        let faked: Bool
        if #available(iOS 15, macOS 12, *) { faked = location.sourceInformation?.isSimulatedBySoftware ?? false } else { faked = false }
        self.init(
            point: GeoPoint(lon: location.coordinate.longitude, lat: location.coordinate.latitude, crs: .wgs84),
            accuracyM: location.horizontalAccuracy,
            provider: "corelocation",
            ageMs: UInt64(max(0, -location.timestamp.timeIntervalSinceNow) * 1000),
            mock: faked,
            altitudeM: location.verticalAccuracy > 0 ? location.altitude : nil,
            speedMps: location.speed >= 0 ? location.speed : nil,
            bearingDeg: location.course >= 0 ? location.course : nil
        )
    }
}
#endif
