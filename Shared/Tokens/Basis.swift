package import FoundationEssentials

/// What a token rests on: when it ends, the token ends with it.
///
/// Bases are ordered by kind and id. Whoever locks several of them locks them in this order, so that no two
/// transactions wait for each other.
package struct Basis: Hashable, Sendable, Comparable {
    /// What kind of fact it is; as it is stored.
    package enum Kind: String, Sendable, CaseIterable {
        case session, mandate, right, organisation, dossier
    }

    package let kind: Kind
    /// The id of the fact.
    package let id: UUID

    /// Names a basis by its kind and id.
    package init(kind: Kind, id: UUID) {
        self.kind = kind
        self.id = id
    }

    /// Reads one that was stored.
    ///
    /// - Throws: ``TokenStoreError/unknownBasis`` for a kind that this version does not know.
    init(stored kind: String, _ id: UUID) throws {
        guard let kind = Kind(rawValue: kind) else { throw TokenStoreError.unknownBasis }
        self.init(kind: kind, id: id)
    }

    package static func < (left: Basis, right: Basis) -> Bool {
        (left.kind.rawValue, left.id.uuidString) < (right.kind.rawValue, right.id.uuidString)
    }
}

/// A basis in the version that somebody has read.
///
/// For a token: the version that its issuer saw. For an end: the version in which the basis has ended.
package struct VersionedBasis: Hashable, Sendable {
    /// The fact.
    package let basis: Basis
    /// Its version; a fact starts at 1 and grows with each change.
    ///
    /// A fact that only ends may always use 1.
    package let version: Int64

    /// Pairs a basis with a version of it, 0 or higher.
    package init(_ basis: Basis, version: Int64) {
        self.basis = basis
        self.version = version
    }
}

extension [VersionedBasis] {
    /// The same bases in locking order, as the columns that one statement binds.
    var columns: (kinds: [String], ids: [UUID], versions: [Int64]) {
        let ordered = sorted { $0.basis < $1.basis }
        return (ordered.map(\.basis.kind.rawValue), ordered.map(\.basis.id), ordered.map(\.version))
    }
}
