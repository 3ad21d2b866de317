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
///
/// That a key was made is noted in a file, so that a key that has gone is told from one that never was: the first is
/// `HostError.Missing` until `startOver()`.
public final class StoredSigner: DeviceSigner {
    private let store: any SigningKeyStore
    private let note: URL
    /// One question at a time: a change of keys must not meet a signature half way.
    private let turn = Mutex(())

    /// `note` is a file of this signer's own beside the database, for instance `signing-key`; its folder is there.
    public init(_ store: any SigningKeyStore, note: URL) {
        self.store = store
        self.note = note
    }

    /// Whether it signs now.
    public var state: SigningState {
        do { return try ask { try isLost($0) ? .lost : .ready($0.kind) } }
        catch HostError.Missing { return .lost }
        catch { return .notYet }
    }

    /// Makes a key in the place of one that has gone, when the worker or the district says so. Afterwards tell the engine with
    /// `evidenceReinstalled()`, so that the next chain of evidence begins as what it is. Does nothing while the key is there.
    public func startOver() throws {
        try ask { store in
            guard try isLost(store) else { return }
            try store.make(.current)
        }
    }

    public func sign(digest: Data) throws -> Data {
        try ask { store in
            try ensure(.current, in: store)
            return try store.sign(digest, .current)
        }
    }

    public func publicKey() throws -> Data { try ask { try info(.current, in: $0) } }

    /// Apple gives no certificates about a single key: the platform knows the key by the phone's enrolment.
    public func attestation() throws -> [Data] { [] }

    public func kind() throws -> SigningKeyKind { try ask { $0.kind } }

    public func nextKey() throws -> NewSigningKey {
        try ask { store in
            try ensure(.current, in: store)
            return NewSigningKey(publicKey: try info(.next, in: store), attestation: [])
        }
    }

    public func useNext() throws { try ask { try $0.promote() } }

    private func isLost(_ store: any SigningKeyStore) throws -> Bool {
        for slot in SigningSlot.allCases where try store.point(slot) != nil { return false }
        return noted
    }

    /// A change that was interrupted between its two halves is brought to its end before a new key is thought of.
    private func ensure(_ slot: SigningSlot, in store: any SigningKeyStore) throws {
        if try store.point(slot) == nil {
            if try slot == .current && store.point(.next) != nil {
                try store.promote()
            } else if slot == .current && noted {
                throw HostError.Missing
            } else {
                try store.make(slot)
            }
        }
        // after the key: a note without a key would look like a loss
        if !noted { try Data().write(to: note, options: .atomic) }
    }

    private var noted: Bool { FileManager.default.fileExists(atPath: note.path) }

    private func info(_ slot: SigningSlot, in store: any SigningKeyStore) throws -> Data {
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
