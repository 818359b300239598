package import AuthenticationDomain
package import Keys
import Vocabulary

/// Seals runs in which nobody has signed in yet, so that a stranger who begins some leaves nothing behind.
///
/// A run is sealed together with the hash of the browser's cookie.
package struct TransactionSeal: Sendable {
    private let seal: CarriedSeal

    /// - Parameter key: the same for all instances.
    package init(key: HMACKey) {
        seal = CarriedSeal(key: key, kind: "run")
    }

    /// The name of a run that begins, for the browser whose cookie will have this hash.
    package func name(of transaction: SignInTransaction, browser hash: [UInt8]) throws -> TransactionName {
        let fields = [Base64URL.encode(hash)] + Self.fields(of: transaction)
        return TransactionName(transaction.id, sealed: try seal.seal(fields, as: "\(transaction.id)"))
    }

    /// The run of a name, and the hash of the cookie of the browser that began it; `nil` for what we did not seal.
    package func open(_ name: TransactionName) -> (transaction: SignInTransaction, browser: [UInt8])? {
        guard let fields = name.sealed.flatMap({ seal.open($0, as: "\(name.id)") }), fields.count == 16,
            let browser = Base64URL.decode(fields[0]),
            let transaction = Self.transaction(name.id, Array(fields.dropFirst()))
        else { return nil }
        return (transaction, browser)
    }

    /// Whatever a request has is printable, and what it lacks is never empty (``AuthorizationRequestRule``), so texts
    /// between zeros say it without loss and without growing.
    private static func fields(of transaction: SignInTransaction) -> [String] {
        let request = transaction.request
        return [
            request.clientID, request.redirectURI, request.scopes.joined(separator: " "),
            request.resources.joined(separator: " "), request.state ?? "", request.nonce ?? "", request.codeChallenge,
            String(request.minimumAcr.level), request.prompt.rawValue, request.maximumAge.map(String.init) ?? "",
            request.language?.rawValue ?? "", request.expectedSubject ?? "", transaction.language.rawValue,
            String(transaction.startedAt.microseconds), String(transaction.expiresAt.microseconds),
        ]
    }

    private static func transaction(_ id: TransactionID, _ fields: [String]) -> SignInTransaction? {
        guard let acr = Int(fields[7]).flatMap({ Acr(level: $0) }),
            let prompt = AuthorizationRequest.Prompt(rawValue: fields[8]),
            let language = Language(rawValue: fields[12]),
            let started = Int64(fields[13]), let expires = Int64(fields[14])
        else { return nil }
        let present = { (index: Int) in fields[index].isEmpty ? nil : fields[index] }
        let words = { (index: Int) in fields[index].split(separator: " ").map(String.init) }
        return SignInTransaction(
            id: id,
            request: AuthorizationRequest(
                clientID: fields[0], redirectURI: fields[1], scopes: words(2), resources: words(3), state: present(4),
                nonce: present(5), codeChallenge: fields[6], minimumAcr: acr, prompt: prompt,
                maximumAge: present(9).flatMap { Int64($0) }, language: present(10).flatMap { Language(rawValue: $0) },
                expectedSubject: present(11)),
            language: language, startedAt: Instant(microseconds: started), expiresAt: Instant(microseconds: expires),
            sessionID: nil, completedAt: nil)
    }
}
