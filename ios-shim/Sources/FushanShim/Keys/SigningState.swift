/// Whether evidence can be signed now, as a state a screen can show. Without a signature photos are taken in all the same, and their
/// manifests say so.
public enum SigningState: Equatable, Sendable {
    /// There is a key, or the first one will be made when it is needed.
    case ready(SigningKeyKind)
    /// A key was made here and is gone: the key store was reset. Nobody makes another unasked: see `StoredSigner.startOver()`.
    case lost
    /// The key store answers later: the worker has not unlocked the phone since it was switched on.
    case notYet
}
