import Foundation
import FushanGuide
import FushanShim
import Synchronization
import XCTest

@testable import FushanShell

/// A day in the field against a running platform, through the screens' models. The script that runs the tests names the platform's
/// program and its district; without them the test says that it is skipped.
@MainActor
final class FieldDayTests: XCTestCase {
    private let staff = "s_370611001901001"

    func testAFieldDayReachesThePlatformAndASecondPhoneSeesIt() async throws {
        let platform = try Platform.start()
        let (phone, desk) = try await opened()
        let code = try await platform.code(staff)
        let worker = try await desk.session.engine().enrol(url: platform.url, code: code)
        XCTAssertEqual(worker.id, staff)
        let sync = SyncModel(desk: desk)
        await sync.sync()
        XCTAssertNil(sync.trouble)

        let report = ReportModel(desk: desk)
        report.search = "A01.03"
        await report.lookUp()
        report.choose(try XCTUnwrap(report.found.first { $0.code == "A01.03" }))
        report.title = "楼道堆物"
        report.text = "占用通道"
        await report.keep(at: GeoPoint(lon: 121.264, lat: 37.502, crs: .cgcs2000))
        XCTAssertNotNil(report.draft, report.trouble ?? "")
        await report.submit()
        XCTAssertNil(report.done, "it was submitted without photos")
        XCTAssertNotNil(report.trouble, "the rule that forbids it is told")
        let about = PhotoIntake.Origin(app: "test", os: "Linux", model: "none")
        for role in ["near", "far"] {
            let prepared = await report.prepare(role: role)
            let capture = try XCTUnwrap(prepared, report.trouble ?? "")
            try ShellPhone.picture(role).write(to: capture.file)
            await report.add(capture, about: about)
        }
        XCTAssertEqual(report.photos.map(\.role), ["near", "far"])
        XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: phone.dir.appendingPathComponent("captures").path), [])
        await report.submit()
        let incident = try XCTUnwrap(report.done, report.trouble ?? "")
        XCTAssertEqual([report.title, report.text, report.draft ?? ""], ["", "", ""], "the next report is another incident")
        let early = await report.prepare(role: "near")
        XCTAssertNil(early)
        XCTAssertNotNil(report.trouble, "a photo before a category is told, not swallowed")
        XCTAssertNil(report.draft)
        await sync.load()
        XCTAssertTrue(sync.summary.hasSuffix(Words.waiting.text("zh")), sync.summary)
        await sync.sync()
        XCTAssertNil(sync.trouble)
        await sync.load()
        XCTAssertEqual(sync.summary, Words.allSent.text("zh"))

        let (_, second) = try await opened()
        _ = try await second.session.engine().enrol(url: platform.url, code: try await platform.code(staff))
        let settled = try await second.session.sync(SyncBudget(trigger: .worker)).report()
        XCTAssertEqual(settled.outcome, .done)
        XCTAssertGreaterThan(settled.pulled, 0)
        let seen = try await second.ask { try $0.incident(id: incident) }
        XCTAssertEqual(seen.title, "楼道堆物")
        XCTAssertEqual(seen.state, "REPORTED")
    }

    func testAPictureThatTheDeathOfTheAppLeftIsTakenInByTheNextStart() async throws {
        let platform = try Platform.start()
        let (phone, desk) = try await opened()
        _ = try await desk.session.engine().enrol(url: platform.url, code: try await platform.code(staff))
        _ = try await desk.session.sync(SyncBudget(trigger: .worker)).report()
        let report = ReportModel(desk: desk)
        report.search = "A01.03"
        await report.lookUp()
        report.choose(try XCTUnwrap(report.found.first { $0.code == "A01.03" }))
        report.title = "楼道堆物"
        await report.keep(at: GeoPoint(lon: 121.264, lat: 37.502, crs: .cgcs2000))
        let shot = await report.prepare(role: "near")
        let unshot = await report.prepare(role: "far")
        try ShellPhone.picture("left").write(to: try XCTUnwrap(shot).file)
        XCTAssertNotNil(unshot)
        XCTAssertEqual(phone.captures.waiting().map(\.role), ["near"])
        XCTAssertEqual(desk.captures.waiting(), [], "this start has it in hand")

        // the app dies here; the next one has another desk over the same folder
        let next = Desk(session: desk.session, changes: Changes(), language: "zh-Hans", captures: phone.captures)
        let sync = SyncModel(desk: next)
        await sync.load()
        XCTAssertTrue(sync.details.contains { $0.hasSuffix(Words.leftPhotos.text("zh")) }, "\(sync.details)")
        next.captures.tidy()
        await next.takeLeft(about: PhotoIntake.Origin(app: "test", os: "Linux", model: "none"))
        let draft = try XCTUnwrap(report.draft)
        let photos = try await next.ask { try $0.incident(id: draft).photos }
        XCTAssertEqual(photos.map(\.role), ["near"])
        let status = try await next.ask { [photos] in try $0.photoStatus(sha256: photos[0].sha256).shownJson }
        XCTAssertTrue(status.contains("taken_in_later"), status)
        XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: phone.dir.appendingPathComponent("captures").path), [])
        await sync.load()
        XCTAssertFalse(sync.details.contains { $0.hasSuffix(Words.leftPhotos.text("zh")) })
    }

    func testCredentialsMoveIntoAStoreOfTheAppAndAStoreThatThrowsLosesNothing() async throws {
        let platform = try Platform.start()
        let phone = try ShellPhone()
        let kept = Kept()
        let engine = try await Engine.open(config: EngineConfig(dir: phone.dir.path), host: HostServices(keys: PadKeys(), tokens: kept))
        _ = try await engine.enrol(url: platform.url, code: try await platform.code(staff))
        XCTAssertNotNil(kept.held.withLock { $0.value })
        kept.held.withLock { $0.broken = true }
        let added = try engine.registryAdd(kind: "person", grid: "370611001901001", bodyJson: #"{"name":"测试甲99"}"#)
        do {
            _ = try await engine.syncStart(budget: SyncBudget(trigger: .worker)).wait()
            XCTFail("settled without credentials")
        } catch GridError.Locked(let told) { XCTAssertEqual(told.code, "tokens_unavailable") }
        XCTAssertEqual(try engine.syncStatus().opsWaiting, 1)
        kept.held.withLock { $0.broken = false }
        let report = try await engine.syncStart(budget: SyncBudget(trigger: .worker)).wait()
        XCTAssertEqual(report.outcome, .done)
        XCTAssertEqual(report.taken, 1, added.id)
        try engine.shutDown()
    }

    func testTheSmallAppOfTheGuideWorks() async throws {
        let platform = try Platform.start()
        let (phone, desk) = try await opened()
        let said = Said()
        let app = SmallApp(engine: try await desk.session.engine(), say: said.hear)
        try await app.enrol(url: platform.url, code: try await platform.code(staff))
        let fetched = try await app.settle()
        XCTAssertTrue(fetched, said.lines.joined())
        let here = GeoPoint(lon: 121.264, lat: 37.502, crs: .cgcs2000)
        let incident = try await app.report(what: "A01.03", photo: try phone.photo("guide").path, here: here)
        XCTAssertNotNil(incident, said.lines.joined())
        let sent = try await app.settle()
        XCTAssertTrue(sent)
        XCTAssertEqual(said.lines.last?.hasSuffix("left 0"), true, said.lines.joined(separator: "|"))
    }

    func testACancelledTaskStopsItsSettlement() async throws {
        let platform = try Platform.start()
        let (_, desk) = try await opened()
        _ = try await desk.session.engine().enrol(url: platform.url, code: try await platform.code(staff))
        let run = try await desk.session.sync(SyncBudget(trigger: .worker))
        let waiting = Task { try await run.report() }
        waiting.cancel()
        let report = try await waiting.value
        XCTAssertTrue([.cancelled, .done].contains(report.outcome), "\(report.outcome)")
        XCTAssertTrue(run.isFinished)
    }
}

/// A store of credentials that can break.
private final class Kept: TokenStore {
    struct Odd: Error {}
    struct Held { var value: Data?; var broken = false }
    let held = Mutex(Held())

    func load() throws -> Data? { try ask { $0.value } }
    func save(secret: Data) throws { try ask { $0.value = secret } }
    func clear() throws { try ask { $0.value = nil } }

    private func ask<T: Sendable>(_ work: @Sendable (inout Held) -> T) throws -> T {
        try held.withLock { held in
            if held.broken { throw Odd() }
            return work(&held)
        }
    }
}

/// What the small app said.
private final class Said: Sendable {
    private let all = Mutex<[String]>([])
    var lines: [String] { all.withLock { $0 } }
    @Sendable func hear(_ line: String) { all.withLock { $0.append(line) } }
}

/// The reference platform in a process of its own.
final class Platform {
    let url: String
    private let process: Process

    static func start() throws -> Platform {
        let environment = ProcessInfo.processInfo.environment
        guard let program = environment["FUSHAN_PLATFORM"], let district = environment["FUSHAN_DISTRICT"] else {
            throw XCTSkip("SKIPPED: FUSHAN_PLATFORM and FUSHAN_DISTRICT name no platform")
        }
        return try Platform(program: program, district: district)
    }

    private init(program: String, district: String) throws {
        let data = FileManager.default.temporaryDirectory.appendingPathComponent("platform-\(UUID().uuidString)")
        process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = ["--listen", "127.0.0.1:0", "--data", data.path, "--district", district, "--admin-token", "operator"]
        let out = Pipe()
        process.standardOutput = out
        process.standardError = FileHandle.nullDevice
        try process.run()
        // its first line is its address
        var line = Data()
        while let byte = try out.fileHandleForReading.read(upToCount: 1), !byte.isEmpty, byte.first != 10 { line += byte }
        url = String(decoding: line, as: UTF8.self)
    }

    deinit {
        process.terminate()
        process.waitUntilExit()
    }

    /// A one-time code for a worker, as an operator makes it.
    func code(_ staff: String) async throws -> String {
        let program = Process()
        program.executableURL = URL(fileURLWithPath: "/bin/bash")
        let port = url.split(separator: ":").last.map(String.init) ?? ""
        let body = "{\"staff\":\"\(staff)\"}"
        program.arguments = ["-c", """
            exec 3<>/dev/tcp/127.0.0.1/\(port)
            printf 'POST /admin/v1/codes HTTP/1.1\\r\\nHost: x\\r\\nAuthorization: Bearer operator\\r\\nContent-Length: \(body.utf8.count)\\r\\nConnection: close\\r\\n\\r\\n%s' '\(body)' >&3
            cat <&3
            """]
        let out = Pipe()
        program.standardOutput = out
        try program.run()
        let answer = String(decoding: out.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let json = answer.components(separatedBy: "\r\n\r\n").last ?? ""
        let read = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
        return try XCTUnwrap(read?["code"] as? String, answer)
    }
}
