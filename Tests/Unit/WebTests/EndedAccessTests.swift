import Async
import ContractCore
import FoundationEssentials
import HTTPTypes
import Telemetry
import TestTokens
import Testing
import Vocabulary
import Web

@Suite("Ended access")
struct EndedAccessTests {
    private let issuer = TestIssuer()
    private let person = PersonID(UUID())
    private let session = SessionID(UUID())
    private let family = UUID()
    private let token = "the-token"

    private func token(_ api: APIAudience = .mandateRegistry) throws -> String {
        try issuer.personToken(
            person, session: session, family: family, tokenID: token, for: api, scopes: [Scope.mandates])
    }

    private func status(_ verifier: AccessTokenVerifier, isCommand: Bool = false) async throws -> Int {
        let token = try token()
        do throws(Problem) {
            _ = try await verifier.verify(token, audience: .mandateRegistry, isCommand: isCommand)
            return 200
        } catch {
            return error.status.code
        }
    }

    @Test("the end of a session, of a family or of a token itself ends the token, and nobody else's")
    func kinds() async throws {
        let later = systemClock().adding(.seconds(300))
        for subject in [AccessEnded.Subject.session(session), .family(family), .token(token)] {
            let ended = EndedAccess()
            let verifier = try issuer.verifier(ended: ended)
            #expect(try await status(verifier) == 200)
            // The same id as something else, and another id.
            ended.take([
                (AccessEnded.Subject(.family, Identifier(session.uuid)), later), (.session(SessionID(UUID())), later),
                (.token("another"), later),
            ])
            #expect(try await status(verifier) == 200)
            ended.take([(subject, later)])
            #expect(try await status(verifier) == 401)
            #expect(try await status(verifier, isCommand: true) == 401)
        }
    }

    @Test("what no token can be left of is forgotten, and nothing else")
    func pruning() {
        let (ended, now) = (EndedAccess(), systemClock())
        ended.take([(.family(family), now.adding(.seconds(1))), (.session(session), now.adding(.seconds(3)))])
        ended.prune(at: now)
        #expect(ended.count == 2)
        ended.prune(at: now.adding(.seconds(2)))
        #expect(ended.count == 1)
        #expect(ended.covers([.session(session)]) && !ended.covers([.family(family)]))
        // Longer than a token lives with its leeway.
        #expect(EndedAccess.keeping > .seconds(AccessTokenClaims.lifetime + 5))
    }

    @Test("what is not said again can be relied on no longer; nothing is missed where nobody follows")
    func reliance() {
        let time = Guarded(ContinuousClock.now)
        let ended = EndedAccess { time.withLock { $0 } }
        #expect(!ended.isUncertain)
        ended.rely(for: .zero)
        #expect(ended.isUncertain)
        ended.rely(for: .seconds(10))
        #expect(!ended.isUncertain)
        time.withLock { $0 += .seconds(9) }
        #expect(!ended.isUncertain)
        time.withLock { $0 += .seconds(1) }
        #expect(ended.isUncertain)
    }

    @Test("while ends may be missed, reads believe a token, and commands what its issuer says, or nobody")
    func asking() async throws {
        let answer = Guarded<(value: Bool?, asked: Int)>((nil, 0))
        let ended = EndedAccess()
        let verifier = try issuer.verifier(ended: ended) { _ in
            answer.withLock { answer in
                answer.asked += 1
                return answer.value
            }
        }
        // Heard: nobody is asked.
        ended.rely(for: .seconds(60))
        #expect(try await status(verifier, isCommand: true) == 200)
        #expect(answer.withLock(\.asked) == 0)
        ended.rely(for: .zero)
        #expect(try await status(verifier) == 200)
        #expect(answer.withLock(\.asked) == 0)
        for (value, expected) in [(true, 200), (false, 401), (nil, 200)] as [(Bool?, Int)] {
            answer.withLock { $0 = (value, 0) }
            #expect(try await status(verifier, isCommand: true) == expected)
            #expect(answer.withLock(\.asked) == 1)
        }
        // What is known to have ended is refused all the same.
        ended.take([(.family(family), systemClock().adding(.seconds(60)))])
        #expect(try await status(verifier) == 401)
    }

    @Test("a token that does not say its family, which might have ended, is none of a person")
    func familyIsNeeded() async throws {
        let verifier = try issuer.verifier()
        for (family, expected) in [(UUID().uuidString, 200), ("none", 401), (nil, 401)] as [(String?, Int)] {
            let claims = Claims(
                iss: issuer.issuer, sub: person.description, aud: AudienceURIs.standard[.mandateRegistry],
                exp: systemClock().secondsSinceEpoch + 60, iat: systemClock().secondsSinceEpoch, jti: token,
                clientID: "portal", scope: "", sid: session.description, acr: Acr.level400.uri,
                authTime: systemClock().secondsSinceEpoch, actingAs: .profile(.citizen), family: family)
            let text = try issuer.accessToken(claims, for: .mandateRegistry)
            let problem: Problem?
            do throws(Problem) {
                _ = try await verifier.verify(text, audience: .mandateRegistry)
                problem = nil
            } catch {
                problem = error
            }
            #expect(problem?.status.code ?? 200 == expected)
        }
    }

    private struct Claims: Encodable {
        let iss: String, sub: String, aud: String, exp: Int64, iat: Int64, jti: String, clientID: String
        let scope: String, sid: String, acr: String, authTime: Int64, actingAs: ActingAs, family: String?

        private enum CodingKeys: String, CodingKey {
            case iss, sub, aud, exp, iat, jti, scope, sid, acr, family
            case clientID = "client_id"
            case authTime = "auth_time"
            case actingAs = "acting_as"
        }
    }
}
