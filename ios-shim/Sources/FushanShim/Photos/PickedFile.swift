#if os(iOS) && canImport(PhotosUI)
import PhotosUI
import UniformTypeIdentifiers

extension NSItemProvider {
    /// The picked picture's own file, byte for byte, copied to a place of ours: the system deletes its file when the callback returns.
    public func originalFile() async throws -> URL {
        let types = [UTType.heic, .jpeg, .png].filter { hasItemConformingToTypeIdentifier($0.identifier) }
        guard let type = types.first else { throw CocoaError(.fileReadUnknown) }
        return try await withCheckedThrowingContinuation { (done: CheckedContinuation<URL, any Error>) in
            _ = loadFileRepresentation(forTypeIdentifier: type.identifier) { url, error in
                guard let url else { return done.resume(throwing: error ?? CocoaError(.fileReadUnknown)) }
                let ours = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
                do {
                    try FileManager.default.copyItem(at: url, to: ours)
                    done.resume(returning: ours)
                } catch { done.resume(throwing: error) }
            }
        }
    }
}
#endif
