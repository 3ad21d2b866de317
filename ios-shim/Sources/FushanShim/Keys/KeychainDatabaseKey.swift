#if canImport(Security)
import Foundation
import Security

/// Wraps the database's key with a key pair of the Secure Enclave (ECIES over P-256, AES-GCM), so that the wrapped bytes are worth
/// nothing on another device.
public final class KeychainDatabaseKey: KeyProvider {
    private static let way = SecKeyAlgorithm.eciesEncryptionCofactorVariableIVX963SHA256AESGCM
    private let pair: KeychainKey

    /// `tag` names the pair in the keychain; one for each database of the app.
    public init(tag: String) { pair = KeychainKey(tag: tag) }

    public func keyId() throws -> String { pair.tag }

    /// The first wrap makes the pair: a database is being made.
    public func wrap(key: Data) throws -> Data {
        let secret = try pair.find() ?? pair.make()
        guard let open = SecKeyCopyPublicKey(secret) else { throw HostError.Unavailable }
        var error: Unmanaged<CFError>?
        guard let wrapped = SecKeyCreateEncryptedData(open, Self.way, key as CFData, &error) else { throw KeyFailure.of(error) }
        return wrapped as Data
    }

    /// A pair that is gone is told as such, and never made anew: the files stay as they are. A key store that is locked is not a wrong
    /// key: see `KeyFailure`.
    public func unwrap(wrapped: Data) throws -> Data {
        guard let secret = try pair.find() else { throw HostError.Missing }
        var error: Unmanaged<CFError>?
        guard let key = SecKeyCreateDecryptedData(secret, Self.way, wrapped as CFData, &error) else { throw KeyFailure.of(error) }
        return key as Data
    }
}
#endif
