#if os(iOS) && canImport(AVFoundation)
import AVFoundation

/// Takes one picture with the phone's camera and writes it to a file as the camera made it.
public final class Camera: NSObject, AVCapturePhotoCaptureDelegate, @unchecked Sendable {
    // touched on `queue` only
    public let session = AVCaptureSession()
    private let output = AVCapturePhotoOutput()
    private let queue = DispatchQueue(label: "fushan.camera")
    private var waiting: (file: URL, done: CheckedContinuation<Void, any Error>)?

    /// There is no camera, or the worker does not allow it.
    public struct Unavailable: Error {}

    public func start() async throws {
        guard await AVCaptureDevice.requestAccess(for: .video) else { throw Unavailable() }
        try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
            queue.async { [self] in done.resume(with: Result { try begin() }) }
        }
    }

    public func stop() { queue.async { [self] in session.stopRunning() } }

    /// Takes the picture into the file of a capture, whole or not at all. The caller gives it to `PhotoIntake` then.
    public func take(_ capture: Capture) async throws {
        try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
            queue.async { [self] in
                guard waiting == nil, session.isRunning else { return done.resume(throwing: Unavailable()) }
                waiting = (capture.file, done)
                output.capturePhoto(with: AVCapturePhotoSettings(), delegate: self)
            }
        }
    }

    public func photoOutput(_ output: AVCapturePhotoOutput, didFinishProcessingPhoto photo: AVCapturePhoto, error: (any Error)?) {
        let bytes = Result {
            guard error == nil, let bytes = photo.fileDataRepresentation() else { throw error ?? Unavailable() }
            return bytes
        }
        queue.async { [self] in
            guard let (file, done) = waiting else { return }
            waiting = nil
            done.resume(with: Result {
                try bytes.get().write(to: file, options: [.atomic, .completeFileProtectionUntilFirstUserAuthentication])
            })
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
