import Foundation
import Synchronization

/// A file read piece by piece, so that a photo streams into the vault without a copy of it in memory.
public final class FileSource: ByteSource {
    private let file: Mutex<FileHandle>

    public init(url: URL) throws {
        file = Mutex(try FileHandle(forReadingFrom: url))
    }

    public func read(most: UInt32) throws -> Data {
        do { return try file.withLock { try $0.read(upToCount: Int(most)) } ?? Data() }
        catch { throw HostError.Failed }
    }

    deinit { file.withLock { try? $0.close() } }
}
