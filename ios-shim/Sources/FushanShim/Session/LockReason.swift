/// Why an engine does not open, as a state a screen can show instead of an error nobody catches.
public enum LockReason: Equatable, Sendable {
    /// The key store no longer has the key: the phone was restored or reset. Unsent work cannot be read without the district's
    /// recovery key; the files stay as they are.
    case keyLost
    /// The key store has another key than the one the database was made with.
    case keyWrong
    /// The key store answers later: the worker has not unlocked the phone since it was switched on.
    case keyNotYet
    /// The signed lease has run out; a code of the district renews it.
    case leaseExpired
    /// The district has wiped this phone.
    case wiped
    /// Anything else; the code tells.
    case other(String)

    /// The reason behind an error of `Engine.open`; nothing when the error is not about a lock.
    public init?(_ error: any Error) {
        guard case .Locked(let told)? = error as? GridError else { return nil }
        self = switch told.code {
        case "key_missing": .keyLost
        case "key_wrong": .keyWrong
        case "key_unavailable": .keyNotYet
        case "lease_expired", "lease_invalid": .leaseExpired
        case "sealed": .wiped
        default: .other(told.code)
        }
    }
}
