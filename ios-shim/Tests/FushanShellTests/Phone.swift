import Foundation
import FushanShim

@testable import FushanShell

/// A phone with an open engine and the desk of its screens.
final class ShellPhone: Sendable {
    let dir: URL
    init() throws {
        dir = FileManager.default.temporaryDirectory.appendingPathComponent("fushan-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: dir, withIntermediateDirectories: true)
    }

    var captures: Captures { Captures(folder: dir.appendingPathComponent("captures")) }

    /// A photo file that differs by name.
    func photo(_ name: String) throws -> URL {
        let url = dir.appendingPathComponent("\(name).jpg")
        try Self.picture(name).write(to: url)
        return url
    }

    /// A picture that differs by name.
    static func picture(_ name: String) -> Data {
        var bytes: [UInt8] = [0xff, 0xd8, 0xff, 0xdb, 0x00, 0x43, 0x00] + [UInt8](repeating: 1, count: 64)
        bytes += [0xff, 0xc0, 0x00, 0x0b, 0x08, 0x00, 0x01, 0x00, 0x01, 0x01, 0x01, 0x11, 0x00]
        for kind: UInt8 in [0x00, 0x10] { bytes += [0xff, 0xc4, 0x00, 0x14, kind, 0x01] + [UInt8](repeating: 0, count: 16) }
        bytes += [0xff, 0xda, 0x00, 0x08, 0x01, 0x01, 0x00, 0x00, 0x3f, 0x00, 0x3f, 0xff, 0xd9] + Array(name.utf8)
        return Data(bytes)
    }
}

/// Wraps by a pad.
final class PadKeys: KeyProvider {
    func keyId() throws -> String { "pad" }
    func wrap(key: Data) throws -> Data { Data(key.map { $0 ^ 0x5a }) }
    func unwrap(wrapped: Data) throws -> Data { Data(wrapped.map { $0 ^ 0x5a }) }
}

/// An opened phone.
func opened() async throws -> (ShellPhone, Desk) {
    let phone = try ShellPhone()
    let session = GridSession(config: EngineConfig(dir: phone.dir.path), services: HostServices(keys: PadKeys()))
    await session.open()
    _ = try await session.engine()
    return (phone, Desk(session: session, changes: Changes(), language: "zh-Hans", captures: phone.captures))
}
