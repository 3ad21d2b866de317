#if canImport(SwiftUI)
import FushanShim
import SwiftUI

#if os(iOS)
import AVFoundation
import UIKit

/// The camera: a preview and one button.
struct CameraView: View {
    let title: String
    let capture: Capture
    let taken: (Capture) async -> Void
    @State private var camera = Camera()
    @State private var trouble: String?

    var body: some View {
        VStack {
            if let trouble { Text(trouble) }
            Preview(session: camera.session)
            WideButton(title) {
                do { try await camera.take(capture); await taken(capture) } catch { trouble = error.localizedDescription }
            }
            .padding()
        }
        .task { do { try await camera.start() } catch { trouble = error.localizedDescription } }
        .onDisappear { camera.stop() }
    }

    private struct Preview: UIViewRepresentable {
        let session: AVCaptureSession

        final class Layer: UIView {
            override class var layerClass: AnyClass { AVCaptureVideoPreviewLayer.self }
        }

        func makeUIView(context: Context) -> Layer {
            let view = Layer()
            (view.layer as? AVCaptureVideoPreviewLayer)?.session = session
            return view
        }

        func updateUIView(_ view: Layer, context: Context) {}
    }
}
#else
/// No camera here.
struct CameraView: View {
    let title: String
    let capture: Capture
    let taken: (Capture) async -> Void
    var body: some View { Text(title) }
}
#endif
#endif
