import Foundation
import FushanShim
import XCTest

final class SessionTests: XCTestCase {
    private let grid = "370611001901001"

    func testWorkWrittenBeforeASuspensionIsThereAfterIt() async throws {
        let phone = try Phone()
        let session = phone.session()
        await session.open()
        let written = try await session.engine().registryAdd(kind: "person", grid: grid, bodyJson: #"{"name":"测试甲99"}"#)
        await session.suspend()
        do {
            _ = try await session.engine()
            XCTFail("a suspended session gave an engine")
        } catch { XCTAssertEqual(error as? SessionClosed, SessionClosed()) }
        await session.open()
        let found = try await session.engine().registrySearch(text: "csj")
        XCTAssertEqual(found.items.map(\.id), [written.id])
        await session.shutDown()
    }

    func testAnEngineKeptOverASuspensionSaysThatItIsClosed() async throws {
        let phone = try Phone()
        let session = phone.session()
        await session.open()
        let kept = try await session.engine()
        await session.suspend()
        XCTAssertThrowsError(try kept.syncStatus()) { error in
            guard case .Closed? = error as? GridError else { return XCTFail("\(error)") }
        }
    }

    func testBackgroundWorkClosesWhatNobodyLooksAtAndNothingElse() async throws {
        let phone = try Phone()
        let session = phone.session()
        await session.inBackground { session in _ = try? await session.engine().syncStatus() }
        guard case .suspended = await session.state else { return XCTFail("\(await session.state)") }
        await session.inBackground { session in await session.open() }
        guard case .open = await session.state else { return XCTFail("the worker came while it worked: \(await session.state)") }
    }

    func testAppsThatLeaveWhileTheyOpenAreClosedAndTwoOpeningsAreOne() async throws {
        let phone = try Phone()
        let session = phone.session()
        async let first = session.open()
        async let second = session.open()
        _ = await (first, second)
        guard case .open(let engine) = await session.state else { return XCTFail("\(await session.state)") }
        await session.shutDown()
        XCTAssertThrowsError(try engine.syncStatus(), "there was one engine, and it is shut")
        let leaving = phone.session()
        let opening = Task { await leaving.open() }
        while true {
            await leaving.suspend()
            if case .suspended = await leaving.state { break }
            await Task.yield()
        }
        _ = await opening.value
        guard case .suspended = await leaving.state else { return XCTFail("\(await leaving.state)") }
    }

    func testALostKeyIsAStateAndLeavesEveryFile() async throws {
        let phone = try Phone()
        let first = phone.session()
        await first.open()
        await first.shutDown()
        phone.keys.mood.withLock { $0 = .lost }
        let second = phone.session()
        guard case .locked(.keyLost, _) = await second.open() else { return XCTFail("\(await second.state)") }
        phone.keys.mood.withLock { $0 = .locked }
        guard case .locked(.keyNotYet, _) = await second.open() else { return XCTFail("\(await second.state)") }
        phone.keys.mood.withLock { $0 = .well }
        guard case .open = await second.open() else { return XCTFail("\(await second.state)") }
    }

    func testAnUnforeseenErrorOfTheKeyStoreIsAnErrorAndNoCrash() async throws {
        let phone = try Phone()
        let first = phone.session()
        await first.open()
        await first.shutDown()
        phone.keys.mood.withLock { $0 = .odd }
        switch await phone.session().open() {
        case .locked, .failed: break
        case let state: XCTFail("\(state)")
        }
    }

    func testBadInputIsATypedErrorWithTextsInBothLanguages() async throws {
        let phone = try Phone()
        let session = phone.session()
        await session.open()
        let engine = try await session.engine()
        XCTAssertThrowsError(try engine.registryAdd(kind: "person", grid: "1", bodyJson: "{}")) { error in
            guard let told = (error as? GridError)?.told else { return XCTFail("\(error)") }
            XCTAssertEqual(told.code, "area_code_invalid")
            XCTAssertFalse(told.zh.isEmpty || told.en.isEmpty || told.zh == told.en)
        }
        XCTAssertThrowsError(try engine.registryCard(id: "../../etc/passwd"))
        XCTAssertThrowsError(try engine.incidentNote(id: UUID().uuidString, text: String(repeating: "长", count: 5_000_000)))
    }

    func testAPhotoStreamsIntoTheVaultAndComesBackByteForByte() async throws {
        let phone = try Phone()
        let session = phone.session()
        await session.open()
        let engine = try await session.engine()
        let person = try engine.registryAdd(kind: "person", grid: grid, bodyJson: #"{"name":"测试甲99"}"#)
        let captures = Captures(folder: phone.dir.appendingPathComponent("captures"))
        let capture = try captures.prepare(.record(person.id), role: "near")
        try Phone.pixel.write(to: capture.file)
        let intake = PhotoIntake(engine: engine, about: .init(app: "test", os: "Linux", model: "none"))
        let taken = try await intake.camera(capture, of: captures)
        XCTAssertFalse(FileManager.default.fileExists(atPath: capture.file.path), "the camera's file should go once the vault has it")
        let reader = try engine.photoOpen(sha256: taken.sha256)
        var bytes = Data()
        while case let piece = try reader.read(most: 100), !piece.isEmpty { bytes += piece }
        XCTAssertEqual(bytes, Phone.pixel)
    }

    func testAFileThatIsNoPictureIsRefusedAndStays() async throws {
        let phone = try Phone()
        let session = phone.session()
        await session.open()
        let engine = try await session.engine()
        let person = try engine.registryAdd(kind: "person", grid: grid, bodyJson: #"{"name":"测试甲99"}"#)
        let captures = Captures(folder: phone.dir.appendingPathComponent("captures"))
        let capture = try captures.prepare(.record(person.id), role: "near")
        try Data("no picture".utf8).write(to: capture.file)
        let intake = PhotoIntake(engine: engine, about: .init(app: "test", os: "Linux", model: "none"))
        do {
            _ = try await intake.camera(capture, of: captures)
            XCTFail("taken")
        } catch { XCTAssertNotNil(error as? GridError) }
        XCTAssertEqual(captures.waiting(), [capture], "what was refused must stay")
    }

    func testSyncBeforeEnrolmentIsRefused() async throws {
        let phone = try Phone()
        let session = phone.session()
        await session.open()
        do {
            _ = try await session.sync(SyncBudget(trigger: .worker))
            XCTFail("begun")
        } catch { XCTAssertEqual((error as? GridError)?.told.code, "not_enrolled") }
    }
}
