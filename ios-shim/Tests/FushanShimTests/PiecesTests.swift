import Foundation
import FushanShim
import Synchronization
import XCTest

final class PiecesTests: XCTestCase {
    func testTheAgeOfAReadingGrowsByAClockThatCannotBeSet() async throws {
        let last = LastFix()
        XCTAssertNil(try last.lastFix())
        last.came(Fix(point: GeoPoint(lon: 121.264, lat: 37.502, crs: .wgs84), accuracyM: 5, provider: "gps", ageMs: 100, mock: true))
        try await Task.sleep(for: .milliseconds(50))
        let fix = try XCTUnwrap(try last.lastFix())
        XCTAssertGreaterThanOrEqual(fix.ageMs, 150)
        XCTAssertLessThan(fix.ageMs, 60_000)
        XCTAssertTrue(fix.mock)
    }

    func testANetworkThatCostsIsMeteredAndRoamingIsToldApart() throws {
        let surroundings = Surroundings()
        XCTAssertEqual(try surroundings.now().network, .metered, "before the first word nothing large goes out")
        surroundings.heard(path: .init(reachable: true, expensive: false, constrained: false))
        XCTAssertEqual(try surroundings.now().network, .unmetered)
        surroundings.heard(path: .init(reachable: true, expensive: false, constrained: true))
        XCTAssertEqual(try surroundings.now().network, .metered)
        surroundings.heard(path: .init(reachable: false, expensive: true, constrained: false, roaming: true))
        XCTAssertEqual(try surroundings.now().network, .roaming)
        XCTAssertFalse(surroundings.isReachable)
    }

    func testAnUnknownBatteryIsNotZero() throws {
        let surroundings = Surroundings()
        surroundings.heard(battery: -1, charging: false)
        XCTAssertNil(try surroundings.now().battery)
        surroundings.heard(battery: 0.505, charging: true)
        XCTAssertEqual(try surroundings.now().battery, 51)
        XCTAssertTrue(try surroundings.now().charging)
    }

    func testTheNextWakeUpFollowsWhatWaits() {
        XCTAssertNil(SyncSchedule(status: status(enrolled: false)))
        XCTAssertEqual(SyncSchedule(status: status())?.after, 3600)
        XCTAssertEqual(SyncSchedule(status: status(ops: 1))?.after, 900)
        XCTAssertEqual(SyncSchedule(status: status(ops: 1, next: 7_200_000))?.after, 7200)
        XCTAssertEqual(SyncSchedule(status: status(photos: 1))?.long, true)
        XCTAssertEqual(SyncSchedule.budget(seconds: 30, long: false).maxMs, 25_000)
        XCTAssertEqual(SyncSchedule.budget(seconds: 2, long: true).maxBytes, nil)
    }

    func testAPublicKeyBecomesSubjectPublicKeyInfo() throws {
        let point = Data([4]) + Data(repeating: 7, count: 64)
        let der = try PublicKeyInfo.der(x963: point)
        XCTAssertEqual(der.count, 91)
        XCTAssertEqual(der.prefix(3), Data([0x30, 0x59, 0x30]))
        XCTAssertEqual(der.suffix(65), point)
        XCTAssertThrowsError(try PublicKeyInfo.der(x963: point.dropLast()))
        XCTAssertThrowsError(try PublicKeyInfo.der(x963: Data([2]) + point.dropFirst()))
    }

    func testAKeyChangeGivesTheSameNextKeyUntilItIsUsed() throws {
        let signer = StoredSigner(MemorySigningKeys(), note: try note())
        let first = try signer.publicKey()
        XCTAssertEqual(try signer.publicKey(), first)
        let next = try signer.nextKey()
        XCTAssertEqual(try signer.nextKey(), next)
        XCTAssertNotEqual(next.publicKey, first)
        XCTAssertEqual(try signer.sign(digest: Data([9])), Data([1, 9]), "the old key signs until the change")
        try signer.useNext()
        XCTAssertEqual(try signer.publicKey(), next.publicKey)
        XCTAssertEqual(try signer.sign(digest: Data([9])), Data([2, 9]))
        try signer.useNext()
        XCTAssertEqual(try signer.publicKey(), next.publicKey, "a change that was interrupted may be asked for again")
    }

    func testAKeyChangeCutInTheMiddleIsBroughtToItsEnd() throws {
        let store = MemorySigningKeys()
        let signer = StoredSigner(store, note: try note())
        _ = try signer.publicKey()
        let next = try signer.nextKey().publicKey
        store.lose(.current)
        XCTAssertEqual(signer.state, .ready(.software))
        XCTAssertEqual(try signer.publicKey(), next, "no third key is made")
    }

    func testALostSigningKeyIsAStateAndNoOtherIsMadeUnasked() throws {
        let (store, note) = (MemorySigningKeys(), try note())
        let signer = StoredSigner(store, note: note)
        XCTAssertEqual(signer.state, .ready(.software), "the first key is made when it is needed")
        let first = try signer.publicKey()
        for slot in SigningSlot.allCases { store.lose(slot) }
        for again in [signer, StoredSigner(store, note: note)] {
            XCTAssertEqual(again.state, .lost)
            for call in [{ _ = try again.publicKey() }, { _ = try again.sign(digest: Data([9])) }, { _ = try again.nextKey() }] {
                XCTAssertThrowsError(try call()) { XCTAssertEqual($0 as? HostError, .Missing) }
            }
        }
        try signer.startOver()
        XCTAssertEqual(signer.state, .ready(.software))
        let second = try signer.publicKey()
        XCTAssertNotEqual(second, first)
        try signer.startOver()
        XCTAssertEqual(try signer.publicKey(), second, "a key that is there is left alone")
    }

    func testAKeyMadeBeforeThereWereNotesIsNoted() throws {
        let (store, note) = (MemorySigningKeys(), try note())
        try store.make(.current)
        _ = try StoredSigner(store, note: note).publicKey()
        store.lose(.current)
        XCTAssertEqual(StoredSigner(store, note: note).state, .lost)
    }

    func testALockedKeyStoreIsToldFromALostSigningKey() throws {
        let store = MemorySigningKeys()
        let signer = StoredSigner(store, note: try note())
        _ = try signer.publicKey()
        store.lock(true)
        XCTAssertEqual(signer.state, .notYet)
        XCTAssertThrowsError(try signer.sign(digest: Data([9]))) { XCTAssertEqual($0 as? HostError, .Unavailable) }
        store.lock(false)
        XCTAssertEqual(signer.state, .ready(.software))
    }

    func testALockedKeyStoreAWrongKeyAndALostOneAreToldApart() {
        XCTAssertEqual(KeyFailure.of(status: -25308), .Unavailable, "not unlocked since it was switched on")
        XCTAssertEqual(KeyFailure.of(domain: KeyFailure.token, code: -3), .Unavailable, "the Enclave while it is locked")
        XCTAssertEqual(KeyFailure.of(status: -50), .Wrong)
        XCTAssertEqual(KeyFailure.of(status: -26275), .Wrong)
        XCTAssertEqual(KeyFailure.of(status: -25300), .Missing)
        XCTAssertEqual(KeyFailure.of(domain: KeyFailure.token, code: -6), .Missing)
        XCTAssertEqual(KeyFailure.of(domain: "com.apple.LocalAuthentication", code: -50), .Unavailable, "another domain's number")
        XCTAssertEqual(KeyFailure.of(status: 7), .Unavailable, "what nobody knows may pass")
    }

    func testAPictureOutlivesTheProcessWithWhatItBelongsTo() throws {
        let folder = try Phone().dir.appendingPathComponent("captures")
        let (dying, item) = (Captures(folder: folder), PhotoPlace.item(sheet: "s", path: "/data/a"))
        let first = try dying.prepare(.record("r"), role: "near")
        let second = try dying.prepare(item, role: "after")
        _ = try dying.prepare(item, role: "far")
        for capture in [first, second] { try Data([1]).write(to: capture.file) }
        XCTAssertEqual(dying.waiting(), [], "its screens have them in hand")
        let next = Captures(folder: folder)
        XCTAssertEqual(Set(next.waiting().map(\.id)), [first.id, second.id])
        XCTAssertEqual(next.waiting().first { $0.id == second.id }, second)
        next.tidy()
        XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: folder.path).count, 4, "a note without a picture goes")
        next.drop(first)
        XCTAssertEqual(next.waiting(), [second])
        try Data("no note".utf8).write(to: folder.appendingPathComponent("\(second.id).json"))
        XCTAssertEqual(next.waiting(), [])
        XCTAssertTrue(FileManager.default.fileExists(atPath: second.file.path), "a picture that nobody can place stays")
    }

    func testAPictureThatTheVaultDoesNotTakeWaits() throws {
        let captures = Captures(folder: try Phone().dir.appendingPathComponent("captures"))
        let capture = try captures.prepare(.record("r"), role: "near")
        try Data([1]).write(to: capture.file)
        captures.release(capture)
        XCTAssertEqual(captures.waiting(), [capture])
    }

    private func note() throws -> URL { try Phone().dir.appendingPathComponent("signing-key") }

    func testEveryListenerHearsOfAChangeAndLeavesWithItsTask() async throws {
        let changes = Changes()
        let heard = Mutex(0)
        let listening = Task { for await _ in changes.ticks() { heard.withLock { $0 += 1 } } }
        try await until { heard.withLock { $0 } == 1 }
        changes.tick()
        try await until { heard.withLock { $0 } == 2 }
        listening.cancel()
        _ = await listening.value
        try await until { changes.count == 0 }
    }

    func testAFileIsReadInPiecesAndItsEndIsEmpty() throws {
        let phone = try Phone()
        let source = try FileSource(url: phone.file("f", Data("abcde".utf8)))
        XCTAssertEqual(try source.read(most: 3), Data("abc".utf8))
        XCTAssertEqual(try source.read(most: 3), Data("de".utf8))
        XCTAssertEqual(try source.read(most: 3), Data())
    }

    private func status(enrolled: Bool = true, ops: UInt64 = 0, photos: UInt64 = 0, next: UInt64? = nil) -> SyncStatus {
        SyncStatus(
            enrolled: enrolled, opsWaiting: ops, drafts: 0, refused: 0, photosWaiting: photos, photoBytesWaiting: 0, photosStuck: 0,
            photosStored: 0, conflicts: 0, warnings: 0, lanes: [], scopes: [], nextAttemptMs: next, leaseUntilMs: nil,
            needsUpgrade: nil, clockAheadMs: nil, runs: [])
    }
}

/// Waits for a condition, and fails after ten seconds.
func until(_ condition: @Sendable () -> Bool) async throws {
    for _ in 0..<1000 {
        if condition() { return }
        try await Task.sleep(for: .milliseconds(10))
    }
    XCTFail("it did not come to be")
}

/// Keys that are numbers: the point is filled with the number, a signature begins with it.
struct MemorySigningKeys: SigningKeyStore {
    private final class Slots: Sendable {
        struct Held { var keys: [SigningSlot: UInt8] = [:]; var made: UInt8 = 0; var locked = false }
        let held = Mutex(Held())
    }
    private let slots = Slots()
    let kind = SigningKeyKind.software

    func point(_ slot: SigningSlot) throws -> Data? {
        let key = try slots.held.withLock { held in
            if held.locked { throw HostError.Unavailable }
            return held.keys[slot]
        }
        return key.map { Data([4]) + Data(repeating: $0, count: 64) }
    }
    func lose(_ slot: SigningSlot) { slots.held.withLock { $0.keys[slot] = nil } }
    func lock(_ locked: Bool) { slots.held.withLock { $0.locked = locked } }
    func make(_ slot: SigningSlot) throws {
        slots.held.withLock { $0.made += 1; $0.keys[slot] = $0.made }
    }
    func sign(_ digest: Data, _ slot: SigningSlot) throws -> Data {
        guard let key = slots.held.withLock({ $0.keys[slot] }) else { throw HostError.Missing }
        return Data([key]) + digest
    }
    func promote() throws {
        slots.held.withLock { held in
            guard let next = held.keys.removeValue(forKey: .next) else { return }
            held.keys[.current] = next
        }
    }
}
