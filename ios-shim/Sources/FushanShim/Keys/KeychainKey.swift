#if canImport(Security)
import Foundation
import Security

/// A private key in the phone's keychain, made in the Secure Enclave where there is one. It stays on this device, survives a restart
/// and is readable after the first unlock.
struct KeychainKey: Sendable {
    let tag: String

    func find() throws -> SecKey? {
        let query: [CFString: Any] = [
            kSecClass: kSecClassKey,
            kSecAttrApplicationTag: Data(tag.utf8),
            kSecAttrKeyType: kSecAttrKeyTypeECSECPrimeRandom,
            kSecReturnRef: true,
        ]
        var found: CFTypeRef?
        switch SecItemCopyMatching(query as CFDictionary, &found) {
        case errSecSuccess: return found.map { $0 as! SecKey } // the query asks for a reference and for nothing else
        case errSecItemNotFound: return nil
        case let status: throw KeyFailure.of(status: status)
        }
    }

    func make(enclave: Bool = KeychainKey.hasEnclave) throws -> SecKey {
        let access = SecAccessControlCreateWithFlags(
            nil, kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly, enclave ? .privateKeyUsage : [], nil)
        guard let access else { throw HostError.Failed }
        var wanted: [CFString: Any] = [
            kSecAttrKeyType: kSecAttrKeyTypeECSECPrimeRandom,
            kSecAttrKeySizeInBits: 256,
            kSecPrivateKeyAttrs: [
                kSecAttrIsPermanent: true,
                kSecAttrApplicationTag: Data(tag.utf8),
                kSecAttrAccessControl: access,
            ] as [CFString: Any],
        ]
        if enclave { wanted[kSecAttrTokenID] = kSecAttrTokenIDSecureEnclave }
        var error: Unmanaged<CFError>?
        guard let key = SecKeyCreateRandomKey(wanted as CFDictionary, &error) else { throw KeyFailure.of(error) }
        return key
    }

    func delete() throws {
        let query: [CFString: Any] = [kSecClass: kSecClassKey, kSecAttrApplicationTag: Data(tag.utf8)]
        let status = SecItemDelete(query as CFDictionary)
        guard status == errSecSuccess || status == errSecItemNotFound else { throw KeyFailure.of(status: status) }
    }

    /// Gives this key another tag.
    func rename(to other: String) throws {
        let query: [CFString: Any] = [kSecClass: kSecClassKey, kSecAttrApplicationTag: Data(tag.utf8)]
        let change: [CFString: Any] = [kSecAttrApplicationTag: Data(other.utf8)]
        let status = SecItemUpdate(query as CFDictionary, change as CFDictionary)
        guard status == errSecSuccess else { throw KeyFailure.of(status: status) }
    }

    static var hasEnclave: Bool {
        #if targetEnvironment(simulator)
        false
        #else
        true
        #endif
    }
}
#endif
