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
        guard let open = SecKeyCopyPublicKey(secret),
              let wrapped = SecKeyCreateEncryptedData(open, Self.way, key as CFData, nil)
        else { throw HostError.Failed }
        return wrapped as Data
    }

    /// A pair that is gone is told as such, and never made anew: the files stay as they are.
    public func unwrap(wrapped: Data) throws -> Data {
        guard let secret = try pair.find() else { throw HostError.Missing }
        guard let key = SecKeyCreateDecryptedData(secret, Self.way, wrapped as CFData, nil) else {
            throw HostError.Wrong
        }
        return key as Data
    }
}
#endif
