#if canImport(Security)
import Foundation
import Security

/// The signing keys of evidence in the Secure Enclave; on a simulator in the keychain, and told as software.
public struct EnclaveSigningKeys: SigningKeyStore {
    private let tag: String

    public init(tag: String) { self.tag = tag }

    public var kind: SigningKeyKind { KeychainKey.hasEnclave ? .secureEnclave : .software }

    public func point(_ slot: SigningSlot) throws -> Data? {
        guard let secret = try key(slot).find() else { return nil }
        guard let open = SecKeyCopyPublicKey(secret), let point = SecKeyCopyExternalRepresentation(open, nil) else {
            throw HostError.Unavailable
        }
        return point as Data
    }

    public func make(_ slot: SigningSlot) throws { _ = try key(slot).make() }

    public func sign(_ digest: Data, _ slot: SigningSlot) throws -> Data {
        guard let secret = try key(slot).find() else { throw HostError.Missing }
        var error: Unmanaged<CFError>?
        let signature = SecKeyCreateSignature(secret, .ecdsaSignatureDigestX962SHA256, digest as CFData, &error)
        guard let signature else { throw KeyFailure.of(error) }
        return signature as Data
    }

    public func promote() throws {
        // with no next key there is nothing to do: an interrupted change had come to its end
        guard try key(.next).find() != nil else { return }
        try key(.current).delete()
        try key(.next).rename(to: key(.current).tag)
    }

    private func key(_ slot: SigningSlot) -> KeychainKey { KeychainKey(tag: "\(tag).\(slot.rawValue)") }
}
#endif
