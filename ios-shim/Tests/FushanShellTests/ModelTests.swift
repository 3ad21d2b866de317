import Foundation
import FushanShim
import XCTest

@testable import FushanShell

/// The screens' models over the real engine, without a platform.
@MainActor
final class ModelTests: XCTestCase {
    private let grid = "370611001901001"
    private let here = GeoPoint(lon: 121.264, lat: 37.502, crs: .cgcs2000)

    func testWhatWasTypedStaysWhenSavingFails() async throws {
        let (_, desk) = try await opened()
        let report = ReportModel(desk: desk)
        report.search = "A01.03"
        await report.lookUp()
        report.choose(try XCTUnwrap(report.found.first))
        report.title = String(repeating: "长", count: 500)
        await report.keep(at: here)
        XCTAssertNotNil(report.trouble)
        XCTAssertNil(report.draft)
        XCTAssertEqual(report.title.count, 500)
    }

    func testASearchFindsByInitialsAndACardIsMasked() async throws {
        let (_, desk) = try await opened()
        let body = #"{"name":"测试甲99","phone":"16912349876"}"#
        let person = try await desk.write { [grid] in try $0.registryAdd(kind: "person", grid: grid, bodyJson: body) }
        let registry = RegistryModel(desk: desk)
        registry.search = "csj"
        await registry.find()
        XCTAssertEqual(registry.hits.map(\.id), [person.id])
        await registry.open(person.id)
        let masked = try XCTUnwrap(registry.card).lines.map(\.shownZh)
        XCTAssertFalse(masked.contains("16912349876"))
        await registry.open(person.id, personal: true)
        XCTAssertTrue(try XCTUnwrap(registry.card).lines.map(\.shownZh).contains("16912349876"))
    }

    func testNothingIsGivenUpUnaskedAndAMixtureOfBothSidesIsSentAsValues() async {
        let field = { ConflictField(name: $0, zh: $0, en: $0, baseJson: "null", platformJson: "\"平台\"", phoneJson: "\"手机\"") }
        let conflict = Conflict(id: "c", record: "r", what: "field", fields: [field("name"), field("phone")], claimJson: nil, open: true)
        XCTAssertNil(ConflictsModel.resolution(conflict, chosen: [:]), "nobody has chosen")
        XCTAssertNil(ConflictsModel.resolution(conflict, chosen: ["name": false]), "one field is open")
        XCTAssertEqual(ConflictsModel.resolution(conflict, chosen: ["name": false, "phone": false]), .platform)
        XCTAssertEqual(ConflictsModel.resolution(conflict, chosen: ["name": true, "phone": true]), .phone)
        XCTAssertEqual(
            ConflictsModel.resolution(conflict, chosen: ["name": false, "phone": true]),
            .values(setJson: #"{"name":"平台","phone":"手机"}"#))
        let step = Conflict(id: "s", record: "r", what: "illegal_transition", fields: [], claimJson: "{}", open: true)
        XCTAssertNil(ConflictsModel.resolution(step, chosen: [:]))
        XCTAssertEqual(ConflictsModel.resolution(step, chosen: [ConflictsModel.step: true]), .phone)
    }

    func testATapOnOneOfSeveralChoicesLeavesTheOthers() async {
        let line = { (kind: String, answer: String?) in
            SheetLine(
                path: "/data/a", kind: kind, label: "", answer: answer, choices: [], required: false, readonly: false, hazard: false,
                photos: [], fixed: nil)
        }
        XCTAssertEqual(line("select_many", "a b").chosen("c"), "a b c")
        XCTAssertEqual(line("select_many", "a b").chosen("a"), "b")
        XCTAssertEqual(line("select_one", "a").chosen("b"), "b")
    }

    func testAScreenFollowsWhatOthersWrite() async throws {
        let (_, desk) = try await opened()
        let registry = RegistryModel(desk: desk)
        registry.search = "csj"
        let following = Task { await registry.follow() }
        _ = try await desk.write { [grid] in try $0.registryAdd(kind: "person", grid: grid, bodyJson: #"{"name":"测试甲99"}"#) }
        for _ in 0..<500 where registry.hits.isEmpty { try await Task.sleep(for: .milliseconds(10)) }
        XCTAssertEqual(registry.hits.count, 1)
        following.cancel()
        await following.value
    }

    func testEveryWordIsThereInBothLanguages() async {
        for word in Words.allCases {
            XCTAssertFalse(word.text("zh-Hans").isEmpty || word.text("en-GB").isEmpty, word.rawValue)
            XCTAssertNotEqual(word.text("zh-Hans"), word.text("en"), word.rawValue)
        }
    }
}
