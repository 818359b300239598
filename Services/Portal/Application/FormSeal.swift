import FoundationEssentials
package import Keys
package import PortalDomain

/// Seals what somebody typed, for the place that it belongs to.
package struct FormSeal: Sendable {
    private let key: SealingKey

    package init(_ key: SealingKey) {
        self.key = key
    }

    func seal(_ draft: Draft, subjectHash: [UInt8], form: String) throws -> [UInt8] {
        try key.seal(try JSONEncoder().encode(draft), associated: Self.associated(form: form, subjectHash: subjectHash))
    }

    /// What a draft is sealed for: its form and whose it is.
    static func associated(form: some StringProtocol, subjectHash: [UInt8]) -> [UInt8] {
        Array("draft:\(form):".utf8) + subjectHash
    }

    func draft(_ sealed: [UInt8], subjectHash: [UInt8], form: String) throws -> Draft {
        let plain = try key.open(sealed, associated: Self.associated(form: form, subjectHash: subjectHash))
        return try JSONDecoder().decode(Draft.self, from: Data(plain))
    }

    /// A search as it stands in an address: its names and numbers can be read by this portal only, and it is worth
    /// nothing in another session or tab.
    package func seal(_ search: GrantorCriteria, session: PortalSessionID, tab: String) throws -> String {
        Base64URL.encode(
            try key.seal(try JSONEncoder().encode(search), associated: Array("search:\(session):\(tab)".utf8)))
    }

    /// The search of an address; nothing for what this portal did not seal for this session and tab.
    package func search(_ text: String, session: PortalSessionID, tab: String) -> GrantorCriteria? {
        guard text.utf8.count <= 4096, let sealed = Base64URL.decode(text),
            let plain = try? key.open(sealed, associated: Array("search:\(session):\(tab)".utf8))
        else { return nil }
        return try? JSONDecoder().decode(GrantorCriteria.self, from: Data(plain))
    }
}
