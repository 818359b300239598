package import Postgres
package import Vocabulary

/// One passage of a browser through the picker.
package struct PickerInteraction: Sendable {
    package let id: InteractionID
    package let personID: PersonID
    package let sessionID: SessionID
    package let acr: Int
    package let clientName: String
    package let firstName: String
    package let lastName: String
    package let expiresAt: Instant
    /// The origin of the portal, at which the redirects after the form end.
    package let redirectOrigin: String
    /// Where the person signs out.
    package let signOutURL: String
    /// Where the browser goes on, once the choice was taken.
    package let resumeURL: String?

    /// Her last name, or the only name that she has.
    var calledName: String { lastName.isEmpty ? firstName : lastName }

    package init(
        id: InteractionID, personID: PersonID, sessionID: SessionID, acr: Int, clientName: String, firstName: String,
        lastName: String, expiresAt: Instant, redirectOrigin: String, signOutURL: String, resumeURL: String?
    ) {
        self.id = id
        self.personID = personID
        self.sessionID = sessionID
        self.acr = acr
        self.clientName = clientName
        self.firstName = firstName
        self.lastName = lastName
        self.expiresAt = expiresAt
        self.redirectOrigin = redirectOrigin
        self.signOutURL = signOutURL
        self.resumeURL = resumeURL
    }
}

/// Passages through the picker and what was chosen.
package enum PickerStore {
    /// Keeps a redeemed interaction under the hash of its cookie, and clears away some that ended.
    package static func insert(
        _ interaction: PickerInteraction, cookieHash: [UInt8], at time: Instant, in session: borrowing Session
    ) throws {
        try session.pipeline([
            """
            INSERT INTO picker_interaction (id, cookie_hash, person_id, session_id, acr, client_name, first_name,
                last_name, redeemed_at, expires_at, redirect_origin, sign_out_url)
            VALUES (\(interaction.id), \(cookieHash), \(interaction.personID), \(interaction.sessionID),
                \(Int16(clamping: interaction.acr)), \(interaction.clientName), \(interaction.firstName),
                \(interaction.lastName), \(time), \(interaction.expiresAt), \(interaction.redirectOrigin),
                \(interaction.signOutURL))
            """,
            // A few more than come in, so that the table cannot grow; each row for one deleter only.
            """
            DELETE FROM picker_interaction WHERE id IN (
                SELECT id FROM picker_interaction WHERE expires_at < \(time.adding(.seconds(-3600)))
                ORDER BY expires_at LIMIT 8 FOR UPDATE SKIP LOCKED)
            """,
        ])
    }

    /// The passage of the browser that holds this cookie, until it ends.
    ///
    /// - Parameter forChange: whether its row stays locked until the end of the transaction.
    package static func find(
        cookieHash: [UInt8], at time: Instant, forChange: Bool = false, in session: borrowing Session
    ) throws -> PickerInteraction? {
        let lock: SQL = forChange ? "FOR NO KEY UPDATE" : ""
        let row = try session.first(
            """
            SELECT id, person_id, session_id, acr, client_name, first_name, last_name, expires_at, redirect_origin,
                sign_out_url, resume_url
            FROM picker_interaction WHERE cookie_hash = \(cookieHash) AND expires_at > \(time) \(fragment: lock)
            """)
        return try row.map { row in
            let (id, person, signIn, acr, client, first, last, expiry, redirect, signOut, resume) = try row.decode(
                InteractionID.self, PersonID.self, SessionID.self, Int16.self, String.self, String.self, String.self,
                Instant.self, String.self, String.self, String?.self)
            return PickerInteraction(
                id: id, personID: person, sessionID: signIn, acr: Int(acr), clientName: client, firstName: first,
                lastName: last, expiresAt: expiry, redirectOrigin: redirect,
                signOutURL: signOut, resumeURL: resume)
        }
    }

    /// Keeps what was chosen; a later choice of the same passage takes the place of an earlier one.
    package static func saveChoice(
        _ profile: ProfileChoice, of interaction: PickerInteraction, at time: Instant, in session: borrowing Session
    ) throws {
        let (profession, organisation) =
            switch profile {
            case .citizen: (nil, nil) as (String?, OrganisationID?)
            case .profession(let profession): (profession.code, nil)
            case .organisation(let id): (nil, id)
            }
        try session.execute(
            """
            INSERT INTO profile_choice
                (interaction_id, person_id, session_id, kind, profession, organisation_id, chosen_at)
            VALUES (\(interaction.id), \(interaction.personID), \(interaction.sessionID), \(profile.kind.rawValue),
                \(profession), \(organisation), \(time))
            ON CONFLICT (interaction_id) DO UPDATE SET kind = excluded.kind, profession = excluded.profession,
                organisation_id = excluded.organisation_id, chosen_at = excluded.chosen_at
            """)
    }

    /// Keeps where the browser goes on, after authentication took the choice.
    package static func saveResumption(
        _ url: String, of interaction: InteractionID, in session: borrowing Session
    ) throws {
        try session.execute("UPDATE picker_interaction SET resume_url = \(url) WHERE id = \(interaction)")
    }
}
