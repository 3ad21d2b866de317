/// What the codes of Apple's key store mean. A key store that may answer later is told apart from a key that does not fit and from one that
/// is gone, for the first waits, and the others need the district.
public enum KeyFailure {
    /// Domain of errors of the Security framework, `NSOSStatusErrorDomain`.
    public static let status = "NSOSStatusErrorDomain"
    /// Domain of errors of the Secure Enclave, `TKErrorDomain`.
    public static let token = "CryptoTokenKit"

    /// Of an error by domain and code. What nobody knows counts as something that passes: the files stay, and opening is tried again.
    public static func of(domain: String, code: Int) -> HostError {
        switch (domain, code) {
        // errSecItemNotFound; TKError.objectNotFound
        case (status, -25300), (token, -6): .Missing
        // errSecParam (the tag of AES-GCM does not fit, or the bytes are too few), errSecDecode
        case (status, -50), (status, -26275): .Wrong
        // among them errSecInteractionNotAllowed (-25308: not unlocked since it was switched on) and the Enclave's -3, which it also gives
        // while it is locked
        default: .Unavailable
        }
    }

    /// Of a status of the keychain.
    public static func of(status code: Int32) -> HostError { of(domain: status, code: Int(code)) }
}

#if canImport(Security)
import Foundation

extension KeyFailure {
    /// Of the error that a call of the Security framework left; without one nothing is known.
    static func of(_ error: Unmanaged<CFError>?) -> HostError {
        guard let error = error?.takeRetainedValue() else { return .Unavailable }
        return of(domain: CFErrorGetDomain(error) as String, code: CFErrorGetCode(error))
    }
}
#endif
