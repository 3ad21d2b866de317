#if os(iOS) && canImport(AVFoundation)
import AVFoundation

/// Takes one picture with the phone's camera and writes it to a file as the camera made it.
public final class Camera: NSObject, AVCapturePhotoCaptureDelegate, @unchecked Sendable {
    // touched on `queue` only
    public let session = AVCaptureSession()
    private let output = AVCapturePhotoOutput()
    private let queue = DispatchQueue(label: "fushan.camera")
    private var waiting: CheckedContinuation<URL, any Error>?

    /// There is no camera, or the worker does not allow it.
    public struct Unavailable: Error {}

    public func start() async throws {
        guard await AVCaptureDevice.requestAccess(for: .video) else { throw Unavailable() }
        try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
            queue.async { [self] in done.resume(with: Result { try begin() }) }
        }
    }

    public func stop() { queue.async { [self] in session.stopRunning() } }

    /// The picture's file. The caller gives it to `PhotoIntake`, which removes it.
    public func take() async throws -> URL {
        try await withCheckedThrowingContinuation { done in
            queue.async { [self] in
                guard waiting == nil, session.isRunning else { return done.resume(throwing: Unavailable()) }
                waiting = done
                output.capturePhoto(with: AVCapturePhotoSettings(), delegate: self)
            }
        }
    }

    public func photoOutput(_ output: AVCapturePhotoOutput, didFinishProcessingPhoto photo: AVCapturePhoto, error: (any Error)?) {
        let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        let written = Result {
            guard error == nil, let bytes = photo.fileDataRepresentation() else { throw error ?? Unavailable() }
            try bytes.write(to: file, options: .completeFileProtectionUntilFirstUserAuthentication)
            return file
        }
        queue.async { [self] in
            waiting?.resume(with: written)
            waiting = nil
        }
    }

    private func begin() throws {
        guard let camera = AVCaptureDevice.default(for: .video) else { throw Unavailable() }
        if session.inputs.isEmpty {
            let input = try AVCaptureDeviceInput(device: camera)
            guard session.canAddInput(input), session.canAddOutput(output) else { throw Unavailable() }
            session.addInput(input)
            session.addOutput(output)
        }
        session.startRunning()
    }
}
#endif
