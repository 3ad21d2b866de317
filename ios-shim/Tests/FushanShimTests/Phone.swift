import Foundation
import FushanShim
import Synchronization

/// A phone for tests: a folder of its own, a key store in memory.
final class Phone: Sendable {
    let dir: URL
    let keys = MemoryKeys()

    init() throws {
        dir = FileManager.default.temporaryDirectory.appendingPathComponent("fushan-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: dir, withIntermediateDirectories: true)
    }

    func session(signer: (any DeviceSigner)? = nil, log: (any LogSink)? = nil) -> GridSession {
        GridSession(config: EngineConfig(dir: dir.path), services: HostServices(keys: keys, signer: signer, log: log))
    }

    /// A file with bytes.
    func file(_ name: String, _ bytes: Data) throws -> URL {
        let url = dir.appendingPathComponent(name)
        try bytes.write(to: url)
        return url
    }

    /// The smallest whole picture: a grey pixel.
    static var pixel: Data {
        var bytes: [UInt8] = [0xff, 0xd8, 0xff, 0xdb, 0x00, 0x43, 0x00] + [UInt8](repeating: 1, count: 64)
        bytes += [0xff, 0xc0, 0x00, 0x0b, 0x08, 0x00, 0x01, 0x00, 0x01, 0x01, 0x01, 0x11, 0x00]
        for kind: UInt8 in [0x00, 0x10] {
            bytes += [0xff, 0xc4, 0x00, 0x14, kind, 0x01] + [UInt8](repeating: 0, count: 16)
        }
        bytes += [0xff, 0xda, 0x00, 0x08, 0x01, 0x01, 0x00, 0x00, 0x3f, 0x00, 0x3f, 0xff, 0xd9]
        return Data(bytes)
    }
}

/// A key store that wraps by a pad, and can lose its key, be locked, or throw something nobody foresaw.
final class MemoryKeys: KeyProvider {
    enum Mood { case well, lost, locked, odd }
    struct Odd: Error {}
    let mood = Mutex(Mood.well)
    private let pad: UInt8 = 0x5a

    func keyId() throws -> String { "memory" }
    func wrap(key: Data) throws -> Data { Data(key.map { $0 ^ pad }) }
    func unwrap(wrapped: Data) throws -> Data {
        switch mood.withLock({ $0 }) {
        case .well: return Data(wrapped.map { $0 ^ pad })
        case .lost: throw HostError.Missing
        case .locked: throw HostError.Unavailable
        case .odd: throw Odd()
        }
    }
}
