import Foundation

/// Takes pictures of the camera and the picker into the vault by their files.
public struct PhotoIntake: Sendable {
    private let engine: Engine
    private let about: Origin

    /// What the manifest says about where a photo was made.
    public struct Origin: Sendable {
        public var app: String
        public var os: String
        public var model: String
        public init(app: String, os: String, model: String) {
            self.app = app
            self.os = os
            self.model = model
        }
    }

    public init(engine: Engine, about: Origin) {
        self.engine = engine
        self.about = about
    }

    /// A picture that this app's camera has just written. The temporary file goes once the vault has it, and stays when it has not.
    public func camera(_ file: URL, record: String, role: String, fix: Fix? = nil) async throws -> TakenPhoto {
        let taken = try await take(file, record: record, context: context(role: role, source: .appCamera, fix: fix))
        try? FileManager.default.removeItem(at: file)
        return taken
    }

    /// A picture that the worker picked: the copy that `originalFile()` made, which goes once the vault has it. The library keeps its own.
    public func picked(_ file: URL, record: String, role: String) async throws -> TakenPhoto {
        let taken = try await take(file, record: record, context: context(role: role, source: .gallery, fix: nil))
        try? FileManager.default.removeItem(at: file)
        return taken
    }

    /// A picture of this app's camera for one item of a checklist.
    public func camera(_ file: URL, sheet: String, item: String, role: String, fix: Fix? = nil) async throws -> TakenPhoto {
        let context = context(role: role, source: .appCamera, fix: fix)
        let source = try FileSource(url: file)
        let taken = try await engine.inspectPhotoStream(sheet: sheet, item: item, source: source, context: context)
        try? FileManager.default.removeItem(at: file)
        return taken
    }

    private func take(_ file: URL, record: String, context: PhotoContext) async throws -> TakenPhoto {
        // asked first, so that a full disk is told before a file is begun
        let size = try file.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
        try engine.photoRoom(bytes: UInt64(size))
        return try await engine.photoAddStream(record: record, source: FileSource(url: file), context: context)
    }

    private func context(role: String, source: PhotoSource, fix: Fix?) -> PhotoContext {
        PhotoContext(role: role, source: source, fix: fix, app: about.app, os: about.os, model: about.model)
    }
}
