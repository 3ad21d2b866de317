import Foundation
import Synchronization

/// Which of the two signing keys is meant while one follows the other.
public enum SigningSlot: String, CaseIterable, Sendable {
    case current, next
}

/// A place that makes and keeps P-256 keys and signs with them; the private half never leaves it.
public protocol SigningKeyStore: Sendable {
    /// The public key of the slot as 65 bytes `04 || x || y`; nothing when the slot is empty.
    func point(_ slot: SigningSlot) throws -> Data?
    /// Makes a key in an empty slot.
    func make(_ slot: SigningSlot) throws
    /// Signs a SHA-256 digest: ECDSA as DER.
    func sign(_ digest: Data, _ slot: SigningSlot) throws -> Data
    /// Destroys the current key, and lets the next one take its place. When it was interrupted, the next call goes on.
    func promote() throws
    /// Where its keys live.
    var kind: SigningKeyKind { get }
}

/// The engine's signer over a store of keys: makes the first key when it is asked for, and changes keys in two steps.
public final class StoredSigner: DeviceSigner {
    private let store: any SigningKeyStore
    /// One question at a time: a change of keys must not meet a signature half way.
    private let turn = Mutex(())

    public init(_ store: any SigningKeyStore) { self.store = store }

    public func sign(digest: Data) throws -> Data {
        try ask { store in
            try Self.ensure(.current, in: store)
            return try store.sign(digest, .current)
        }
    }

    public func publicKey() throws -> Data { try ask { try Self.info(.current, in: $0) } }

    /// Apple gives no certificates about a single key: the platform knows the key by the phone's enrolment.
    public func attestation() throws -> [Data] { [] }

    public func kind() throws -> SigningKeyKind { try ask { $0.kind } }

    public func nextKey() throws -> NewSigningKey {
        try ask { NewSigningKey(publicKey: try Self.info(.next, in: $0), attestation: []) }
    }

    public func useNext() throws { try ask { try $0.promote() } }

    /// A change that was interrupted between its two halves is brought to its end before a new key is thought of.
    private static func ensure(_ slot: SigningSlot, in store: any SigningKeyStore) throws {
        guard try store.point(slot) == nil else { return }
        if slot == .current, try store.point(.next) != nil { return try store.promote() }
        try store.make(slot)
    }

    private static func info(_ slot: SigningSlot, in store: any SigningKeyStore) throws -> Data {
        try ensure(slot, in: store)
        guard let point = try store.point(slot) else { throw HostError.Missing }
        return try PublicKeyInfo.der(x963: point)
    }

    private func ask<T>(_ work: (any SigningKeyStore) throws -> T) throws -> T {
        do { return try turn.withLock { _ in try work(store) } }
        catch let error as HostError { throw error }
        catch { throw HostError.Failed }
    }
}
