import Foundation

/// Public keys of P-256 as the engine wants them.
public enum PublicKeyInfo {
    /// The point was not one of P-256 in the uncompressed form.
    public struct NotAPoint: Error, Equatable {}

    /// DER before the point: SubjectPublicKeyInfo of RFC 5480 with id-ecPublicKey and prime256v1.
    private static let head: [UInt8] = [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
        0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
    ]

    /// From the 65 bytes `04 || x || y` that the Secure Enclave gives.
    public static func der(x963 point: Data) throws -> Data {
        guard point.count == 65, point.first == 4 else { throw NotAPoint() }
        return Data(head) + point
    }
}
