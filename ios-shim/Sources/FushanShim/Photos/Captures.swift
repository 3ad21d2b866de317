import Foundation
import Synchronization

/// What a picture belongs to.
public enum PhotoPlace: Codable, Equatable, Sendable {
    case record(String)
    case item(sheet: String, path: String)
}

/// A picture that is to be taken, or that was taken and is not in the vault yet.
public struct Capture: Equatable, Sendable, Identifiable {
    public let id: String
    public let place: PhotoPlace
    public let role: String
    /// Where the camera writes it.
    public let file: URL
}

/// A folder of the app's own for pictures on their way into the vault, one file and one note each, so that a picture outlives the process.
/// What lies here when the app starts was taken just before it died: see `waiting()`.
public final class Captures: Sendable {
    private struct Note: Codable {
        let place: PhotoPlace
        let role: String
    }

    private let folder: URL
    /// Pictures whose screen has them in hand.
    private let inHand = Mutex<Set<String>>([])

    /// The folder is made when it is missing; it is the app's own and should not be backed up.
    public init(folder: URL) { self.folder = folder }

    /// Notes what a picture belongs to, before it is taken.
    public func prepare(_ place: PhotoPlace, role: String) throws -> Capture {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let id = UUID().uuidString
        try JSONEncoder().encode(Note(place: place, role: role)).write(to: note(id), options: .atomic)
        inHand.withLock { _ = $0.insert(id) }
        return Capture(id: id, place: place, role: role, file: photo(id))
    }

    /// Pictures that are there and that no screen has in hand, the oldest first. One whose note cannot be read stays in the folder and is
    /// not among them.
    public func waiting() -> [Capture] {
        left().compactMap(taken).sorted { $0.at < $1.at }.map(\.capture)
    }

    /// A screen could not bring its picture into the vault: from now on it waits.
    public func release(_ capture: Capture) { inHand.withLock { _ = $0.remove(capture.id) } }

    /// Forgets notes of an earlier process whose picture was never taken.
    public func tidy() {
        for id in left() where !exists(photo(id)) { try? FileManager.default.removeItem(at: note(id)) }
    }

    /// Forgets a picture: the vault has it, or the worker took none.
    public func drop(_ capture: Capture) {
        // the note goes last: a picture without one could not be placed any more
        guard (try? FileManager.default.removeItem(at: capture.file)) != nil || !exists(capture.file) else { return }
        try? FileManager.default.removeItem(at: note(capture.id))
        release(capture)
    }

    private func left() -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        let ids = names.filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }
        return inHand.withLock { inHand in ids.filter { !inHand.contains($0) } }
    }

    private func taken(_ id: String) -> (capture: Capture, at: Date)? {
        guard let about = try? FileManager.default.attributesOfItem(atPath: photo(id).path),
              let size = about[.size] as? NSNumber, size.intValue > 0,
              let note = try? JSONDecoder().decode(Note.self, from: Data(contentsOf: note(id)))
        else { return nil }
        let at = about[.modificationDate] as? Date ?? .distantPast
        return (Capture(id: id, place: note.place, role: note.role, file: photo(id)), at)
    }

    private func exists(_ file: URL) -> Bool { FileManager.default.fileExists(atPath: file.path) }
    private func photo(_ id: String) -> URL { folder.appendingPathComponent("\(id).jpg") }
    private func note(_ id: String) -> URL { folder.appendingPathComponent("\(id).json") }
}
