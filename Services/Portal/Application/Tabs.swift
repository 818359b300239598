package import ContractCore
package import Keys
package import Logging
import MandateRegistryClients
import MandateRegistryContracts
package import PortalDomain
package import Postgres
package import ProfileResolutionClients
package import Vocabulary

/// A tab of the browser with what it is about.
package struct Tab: Sendable {
    /// The handle in its addresses.
    package let handle: String
    package let state: TabContext
    let handleHash: [UInt8]
    let context: [UInt8]?
    let contextExpiresAt: Instant?
}

/// Keeps each tab of a session to its own dossier.
package struct Tabs: Sendable {
    /// A context that ends within this time is renewed first.
    private static let margin: Duration = .seconds(15)

    private let database: Database
    private let now: @Sendable () -> Instant
    private let random: RandomBytes
    private let neighbours: Neighbours
    private let seal: PortalSeal
    private let logger: Logger

    package init(
        database: Database, now: @escaping @Sendable () -> Instant, random: RandomBytes, neighbours: Neighbours,
        seal: PortalSeal, logger: Logger
    ) {
        self.database = database
        self.now = now
        self.random = random
        self.neighbours = neighbours
        self.seal = seal
        self.logger = logger
    }

    /// A new tab, which searches.
    package func create(for access: PersonAccess) async throws -> Tab {
        let handle = random.token()
        let hash = TokenHash.of(handle)
        let now = now()
        try await database.transaction { session in
            try TabStore.insert(access.session.id, handleHash: hash, at: now, in: session)
        }
        return Tab(handle: handle, state: .searching, handleHash: hash, context: nil, contextExpiresAt: nil)
    }

    /// The tab of a handle; nothing when this session has no such tab.
    package func find(_ handle: String, for access: PersonAccess) async throws -> Tab? {
        guard handle.utf8.count <= 64 else { return nil }
        let hash = TokenHash.of(handle)
        let stored = try await database.read { session in
            try TabStore.find(access.session.id, handleHash: hash, in: session)
        }
        return stored.map { stored in
            Tab(
                handle: handle, state: stored.state, handleHash: hash, context: stored.context,
                contextExpiresAt: stored.contextExpiresAt)
        }
    }

    /// Opens a dossier: in this tab when it searches or has this dossier, else in another one.
    ///
    /// - Returns: the tab that has it open.
    /// - Throws: `RemoteError`, ``AccessTokens/Failure``, or what the database throws.
    package func open(
        _ dossierID: DossierID, from tab: Tab, for access: PersonAccess
    ) async throws -> Decision<Tab> {
        let target: Tab
        switch tab.state.placement(of: dossierID) {
        case .thisTab: target = tab
        case .newTab: target = try await create(for: access)
        }
        return try await exchange(dossierID, in: target, for: access)
    }

    /// Does something with the tab's dossier context.
    ///
    /// A context that ended is asked for once more; when that is refused the tab has lost its dossier.
    ///
    /// - Throws: `RemoteError`, ``AccessTokens/Failure``, or what the database throws.
    package func use<Value: Sendable>(
        _ tab: Tab, for access: PersonAccess,
        _ body: (OpenDossier, ProfileResolutionClient.DossierAccess, CallOrigin) async throws(RemoteError) -> Value
    ) async throws -> Decision<Value> {
        guard case .open(let dossier) = tab.state else { return .refused(tab.state.refusal) }
        let endsSoon = tab.contextExpiresAt.map { $0.adding(.zero - Self.margin) <= now() } ?? true
        if !endsSoon {
            do throws(RemoteError) {
                return .allowed(try await call(dossier, in: tab, for: access, body))
            } catch {
                guard error.saysContextEnded else { throw error }
            }
        }
        switch try await exchange(dossier.dossierID, in: tab, for: access) {
        case .refused(let refusal): return .refused(refusal)
        case .allowed(let renewed):
            do throws(RemoteError) {
                return .allowed(try await call(dossier, in: renewed, for: access, body))
            } catch {
                guard error.saysContextEnded else { throw error }
                return .refused(try await lose(renewed, error.problem?.reasons ?? [], for: access))
            }
        }
    }

    private func call<Value: Sendable>(
        _ dossier: OpenDossier, in tab: Tab, for access: PersonAccess,
        _ body: (OpenDossier, ProfileResolutionClient.DossierAccess, CallOrigin) async throws(RemoteError) -> Value
    ) async throws(RemoteError) -> Value {
        let context = try await token(of: tab, for: access)
        return try await body(dossier, .context(context, tab: tab.handle), access.origin(for: .profileResolution))
    }

    private func token(of tab: Tab, for access: PersonAccess) async throws(RemoteError) -> String {
        guard let sealed = tab.context,
            let token = try? seal.context(sealed, of: access.session.id, handleHash: tab.handleHash)
        else { throw .problem(RemoteProblem(code: ProblemCode.tokenInvalid.rawValue, status: 401)) }
        return token
    }

    /// Exchanges the person's token for a context of the dossier and keeps it in the tab.
    private func exchange(
        _ dossierID: DossierID, in tab: Tab, for access: PersonAccess
    ) async throws -> Decision<Tab> {
        let subject = try await access.token(for: .mandateRegistry)
        let answer: DossierContextToken
        do throws(RemoteError) {
            answer = try await neighbours.mandates.openContext(
                of: dossierID, subjectToken: subject, tab: tab.handle, origin: access.origin(for: .mandateRegistry))
        } catch {
            guard let problem = error.problem, problem.isRefusal else { throw error.beforehand }
            return .refused(try await lose(tab, problem.reasons, for: access))
        }
        guard answer.dossierId == dossierID else {
            logger.error("A dossier context came for another dossier than the one asked for")
            throw RemoteError.notUnderstood("the context is of another dossier")
        }
        let open = OpenDossier(
            dossierID: answer.dossierId, mandateID: answer.mandateId, mandateType: answer.mandateType)
        let sealed = try seal.seal(context: answer.accessToken, of: access.session.id, handleHash: tab.handleHash)
        let expiresAt = now().adding(.seconds(answer.expiresIn))
        let saved = try await database.transaction { session in
            try TabStore.open(
                access.session.id, handleHash: tab.handleHash, dossier: open, context: sealed, expiresAt: expiresAt,
                in: session)
        }
        guard saved else { return .refused(Refusal(Reason(.dossierContextMismatch))) }
        return .allowed(
            Tab(
                handle: tab.handle, state: .open(open), handleHash: tab.handleHash, context: sealed,
                contextExpiresAt: expiresAt))
    }

    /// Takes the dossier away from a tab, and answers why.
    private func lose(_ tab: Tab, _ reasons: [Reason], for access: PersonAccess) async throws -> Refusal {
        let refusal = Refusal(reasons) ?? Refusal(Reason(.tokenEnded))
        try await database.transaction { session in
            try TabStore.lose(
                access.session.id, handleHash: tab.handleHash, context: tab.context, reasons: refusal.reasons,
                in: session)
        }
        return refusal
    }
}

extension TabContext {
    /// Why the tab has no dossier open.
    var refusal: Refusal {
        guard case .lost(_, let reasons) = self, let refusal = Refusal(reasons) else {
            return Refusal(Reason(.dossierNone))
        }
        return refusal
    }
}

extension RemoteProblem {
    /// Whether a decision was taken, as opposed to something that went wrong on the way.
    var isRefusal: Bool {
        !reasons.isEmpty
            || [400, 403, 404].contains(status) && code != ProblemCode.tokenInvalid.rawValue
                && code != ProblemCode.malformedRequest.rawValue && code != "invalid_request"
                && code != "invalid_client"
    }
}

extension RemoteError {
    /// Whether the service does not accept the dossier context any more, so that asking for a new one makes sense.
    var saysContextEnded: Bool {
        guard let problem else { return false }
        if problem.status == 401 { return true }
        return problem.status == 403
            && problem.reasons.contains { reason in
                reason.code != .mandateDoesNotCover
                    && (reason.code.rawValue.hasPrefix("token.") || reason.code.rawValue.hasPrefix("mandate."))
            }
    }
}
