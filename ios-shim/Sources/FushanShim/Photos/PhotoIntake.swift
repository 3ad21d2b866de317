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

    /// A picture that this app's camera has just written. File and note go once the vault has it, and stay when it has not.
    public func camera(_ capture: Capture, of captures: Captures, fix: Fix? = nil) async throws -> TakenPhoto {
        // when this fails, the picture waits for a later try
        defer { captures.release(capture) }
        let context = context(role: capture.role, source: .appCamera, fix: fix)
        let taken = try await take(capture.file, to: capture.place, context)
        captures.drop(capture)
        return taken
    }

    /// A picture of `Captures.waiting()`, which lay open for a while. Where the phone was when it was taken nobody knows any more: the
    /// manifest calls it an import and names the reason.
    public func left(_ capture: Capture, of captures: Captures) async throws -> TakenPhoto {
        let context = context(role: capture.role, source: .import, signals: ["taken_in_later"])
        let taken = try await take(capture.file, to: capture.place, context)
        captures.drop(capture)
        return taken
    }

    /// A picture that the worker picked: the copy that `originalFile()` made, which goes once the vault has it. The library keeps its own.
    public func picked(_ file: URL, record: String, role: String) async throws -> TakenPhoto {
        let taken = try await take(file, to: .record(record), context(role: role, source: .gallery))
        try? FileManager.default.removeItem(at: file)
        return taken
    }

    private func take(_ file: URL, to place: PhotoPlace, _ context: PhotoContext) async throws -> TakenPhoto {
        // asked first, so that a full disk is told before a file is begun
        let size = try file.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
        try engine.photoRoom(bytes: UInt64(size))
        let source = try FileSource(url: file)
        switch place {
        case .record(let id):
            return try await engine.photoAddStream(record: id, source: source, context: context)
        case .item(let sheet, let path):
            return try await engine.inspectPhotoStream(sheet: sheet, item: path, source: source, context: context)
        }
    }

    private func context(role: String, source: PhotoSource, fix: Fix? = nil, signals: [String] = []) -> PhotoContext {
        PhotoContext(role: role, source: source, fix: fix, app: about.app, os: about.os, model: about.model, signals: signals)
    }
}
