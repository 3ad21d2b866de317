#if canImport(Security)
import Foundation
import Security

/// Keeps what opens the platform as one item of the keychain: on this device only, readable after the first unlock.
public final class KeychainTokens: TokenStore {
    private let tag: String

    /// `tag` names the item; one for each database of the app.
    public init(tag: String) { self.tag = tag }

    public func load() throws -> Data? {
        var query = item
        query[kSecReturnData] = true
        var found: CFTypeRef?
        switch SecItemCopyMatching(query as CFDictionary, &found) {
        case errSecSuccess: return found as? Data
        case errSecItemNotFound: return nil
        case let status: throw KeyFailure.of(status: status)
        }
    }

    public func save(secret: Data) throws {
        let new: [CFString: Any] = [
            kSecValueData: secret,
            kSecAttrAccessible: kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly,
        ]
        var status = SecItemUpdate(item as CFDictionary, new as CFDictionary)
        if status == errSecItemNotFound {
            status = SecItemAdd(item.merging(new) { _, new in new } as CFDictionary, nil)
        }
        guard status == errSecSuccess else { throw HostError.Unavailable }
    }

    public func clear() throws {
        let status = SecItemDelete(item as CFDictionary)
        guard status == errSecSuccess || status == errSecItemNotFound else { throw HostError.Unavailable }
    }

    private var item: [CFString: Any] {
        [kSecClass: kSecClassGenericPassword, kSecAttrService: "fushan.platform", kSecAttrAccount: tag]
    }
}
#endif
