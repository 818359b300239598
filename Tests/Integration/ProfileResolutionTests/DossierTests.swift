import ContractCore
import FoundationEssentials
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Pages
import Postgres
import ProfileResolution
import ProfileResolutionContracts
import ProfileResolutionDomain
import Synchronization
import TestTokens
import Testing
import Vocabulary
import Web

@Suite("Opening a dossier")
struct OpenDossierTests {
    @Test("the owner opens her own dossier under its profile, and each opening is recorded")
    func owner() async throws {
        try await Fixture.run { fixture in
            let dossier = try await fixture.dossier(of: PersonID(UUID()))
            let token = try fixture.person(dossier.personID, dossier.subject.profile)
            for path in ["/me/dossier", "/dossiers/\(dossier.id)"] {
                let response = try await fixture.send(.get, path, token: token)
                #expect(response.status == .ok)
                #expect(response.headers[.eTag] == "\"1\"")
                let view: DossierView = try fixture.json(response)
                #expect(view.dossierId == dossier.id)
                #expect(view.contact?.city == "Gent")
                #expect(view.actions == DossierAction.allCases)
            }
            let audit = try await fixture.audit(of: dossier.personID)
            #expect(audit.map(\.action) == ["dossier.open", "dossier.open"])
            #expect(audit.allSatisfy { $0.outcome == "allowed" && $0.onBehalfOf == nil })
        }
    }

    @Test("a function holder opens hers as a citizen, without the name that is not kept here")
    func functionHolder() async throws {
        try await Fixture.run { fixture in
            let dossier = try await fixture.functionDossier(of: PersonID(UUID()))
            let response = try await fixture.send(
                .get, "/me/dossier", token: try fixture.person(dossier.personID, .citizen))
            let view: DossierView = try fixture.json(response)
            #expect(view.kind == .functionHolder)
            #expect(view.function == "director")
            #expect(view.organisationName == "De Linde")
            #expect(view.firstName.isEmpty)
            #expect(view.actions == [.viewWelcome, .viewContact, .changeContact])
        }
    }

    @Test("who has no dossier under her profile is told so, and who has one that is not ready is told why")
    func refused() async throws {
        try await Fixture.run { fixture in
            let person = PersonID(UUID())
            let none = try await fixture.send(.get, "/me/dossier", token: try fixture.person(person, .citizen))
            #expect(none.status == .notFound)
            #expect(try fixture.problem(none).reasons?.map(\.code) == [.dossierNone])

            let dossier = try await fixture.dossier(of: person, "persphysiotherapist", .beingSetUp)
            let token = try fixture.person(person, dossier.subject.profile)
            for path in ["/me/dossier", "/dossiers/\(dossier.id)"] {
                let response = try await fixture.send(.get, path, token: token)
                #expect(response.status == .forbidden)
                #expect(try fixture.problem(response).reasons?.map(\.code) == [.dossierBeingSetUp])
            }
            let citizen = try await fixture.send(
                .get, "/dossiers/\(dossier.id)", token: try fixture.person(person, .citizen))
            #expect(try fixture.problem(citizen).reasons?.map(\.code) == [.profileNotSuited])
            #expect(try await fixture.audit(of: person).map(\.outcome).allSatisfy { $0 == "refused" })
        }
    }

    @Test("another's dossier and one that does not exist cannot be told apart")
    func unknown() async throws {
        try await Fixture.run { fixture in
            let dossier = try await fixture.dossier(of: PersonID(UUID()))
            let token = try fixture.person(PersonID(UUID()), dossier.subject.profile)
            let another = try await fixture.send(.get, "/dossiers/\(dossier.id)", token: token)
            let absent = try await fixture.send(.get, "/dossiers/\(UUID())", token: token)
            let malformed = try await fixture.send(.get, "/dossiers/1", token: token)
            for response in [another, absent, malformed] {
                #expect(response.status == .notFound)
                let problem = try fixture.problem(response)
                #expect(problem.code == "resource.not-found")
                #expect(problem.reasons == nil)
            }
        }
    }

    @Test("a mandate holder opens the grantor's dossier in her tab, and sees what the mandate covers")
    func holder() async throws {
        try await Fixture.run { fixture in
            let dossier = try await fixture.dossier(of: PersonID(UUID()))
            let actor = PersonID(UUID())
            for type in MandateType.allCases {
                let token = fixture.neighbours.context(
                    dossier: dossier.id, grantor: dossier.personID, actor: actor, type: type, tab: "tab-1")
                let response = try await fixture.send(
                    .get, "/dossiers/\(dossier.id)", token: token, headers: [.toegangTab: "tab-1"])
                #expect(response.status == .ok)
                let view: DossierView = try fixture.json(response)
                #expect((view.contact != nil) == (type == .administrativeDossier))
                #expect(view.actions == DossierAction.allCases.filter(type.covers))
            }
            let audit = try await fixture.audit(of: actor)
            #expect(audit.count == 2)
            #expect(
                audit.allSatisfy { $0.onBehalfOf == dossier.personID && $0.isUnderMandate && $0.client == "portal" })
        }
    }

    @Test("a context opens nothing in another tab, without a tab, for another dossier, or once it has ended")
    func contextRefused() async throws {
        try await Fixture.run { fixture in
            let dossier = try await fixture.dossier(of: PersonID(UUID()))
            let other = try await fixture.dossier(of: PersonID(UUID()))
            let token = fixture.neighbours.context(
                dossier: dossier.id, grantor: dossier.personID, actor: PersonID(UUID()),
                type: .administrativeDossier, tab: "tab-1")
            let path = "/dossiers/\(dossier.id)"
            let tab: [HTTPField.Name: String] = [.toegangTab: "tab-1"]
            let otherTab = try await fixture.send(.get, path, token: token, headers: [.toegangTab: "tab-2"])
            #expect(try fixture.problem(otherTab).reasons?.map(\.code) == [.tokenOfOtherTab])
            #expect(try await fixture.send(.get, path, token: token).status == .forbidden)
            let mismatch = try await fixture.send(.get, "/dossiers/\(other.id)", token: token, headers: tab)
            #expect(mismatch.status == .conflict)
            #expect(try fixture.problem(mismatch).code == "dossier.context-mismatch")
            #expect(try await fixture.send(.get, path, token: token, headers: tab).status == .ok)
            // It is asked for each time: what has ended at its issuer has ended here.
            _ = fixture.neighbours.state.withLock { $0.contexts.removeValue(forKey: token) }
            #expect(try await fixture.send(.get, path, token: token, headers: tab).status == .unauthorized)
            #expect(fixture.neighbours.state.withLock { $0.introspections } == 5)
            #expect(try await fixture.send(.get, "/me/dossier", token: token, headers: tab).status == .unauthorized)
        }
    }
}

@Suite("Changing contact data")
struct ChangeContactTests {
    @Test("a change is kept with its event and its record, and answers where it stands")
    func change() async throws {
        try await Fixture.run { fixture in
            let dossier = try await fixture.dossier(of: PersonID(UUID()))
            let response = try await fixture.put(dossier, street: "Dorpsstraat 9", version: "\"1\"")
            #expect(response.status == .ok)
            #expect(try fixture.json(response, as: ContactChanged.self).version == 2)
            #expect(response.headers[.eTag] == "\"2\"")
            let positions = try #require(response.headers[.toegangPosition].flatMap { Positions(header: $0) })
            #expect(positions.sequences.count == 1)
            let events = try await fixture.events(of: dossier.id)
            #expect(events.count == 1)
            #expect(events[0].contains("care-provider.contact-changed"))
            #expect(!events[0].contains("Dorpsstraat"))
            #expect(!events[0].contains("praktijk.example"))
            let audit = try await fixture.audit(of: dossier.personID)
            #expect(
                audit == [.init(action: "dossier.contact.change", outcome: "allowed", reasons: [], onBehalfOf: nil)])
        }
    }

    @Test("the same data again changes nothing and publishes nothing")
    func same() async throws {
        try await Fixture.run { fixture in
            let dossier = try await fixture.dossier(of: PersonID(UUID()))
            let response = try await fixture.put(dossier, street: "Lindelaan 12", version: "1")
            #expect(response.status == .ok)
            #expect(response.headers[.toegangPosition] == nil)
            #expect(try await fixture.events(of: dossier.id).isEmpty)
        }
    }

    @Test("a change from another version, or from none, is not kept")
    func versions() async throws {
        try await Fixture.run { fixture in
            let dossier = try await fixture.dossier(of: PersonID(UUID()))
            #expect(try await fixture.put(dossier, street: "A 1", version: nil).status == .preconditionRequired)
            #expect(try await fixture.put(dossier, street: "A 1", version: "\"2\"").status == .preconditionFailed)
            #expect(try await fixture.put(dossier, street: "A 1", version: "now").status == .badRequest)
            #expect(try await fixture.events(of: dossier.id).isEmpty)
            #expect(try await fixture.audit(of: dossier.personID).map(\.reasons) == [["dossier.version-changed"]])
        }
    }

    @Test("of many changes from the same version exactly one is kept")
    func concurrent() async throws {
        try await Fixture.run { fixture in
            let dossier = try await fixture.dossier(of: PersonID(UUID()))
            let statuses = try await withThrowingTaskGroup(of: HTTPResponse.Status.self) { group in
                for number in 1...40 {
                    group.addTask {
                        try await fixture.put(dossier, street: "Straat \(number)", version: "1").status
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.filter { $0 == .ok }.count == 1)
            #expect(statuses.filter { $0 == .preconditionFailed }.count == 39)
            #expect(try await fixture.events(of: dossier.id).count == 1)
        }
    }

    @Test("a mandate that covers it changes, one that does not is refused with its reason, and both are recorded")
    func holder() async throws {
        try await Fixture.run { fixture in
            let dossier = try await fixture.dossier(of: PersonID(UUID()))
            let actor = PersonID(UUID())
            for (type, expected) in [
                (MandateType.socialStatute, HTTPResponse.Status.forbidden), (.administrativeDossier, .ok),
            ] {
                let token = fixture.neighbours.context(
                    dossier: dossier.id, grantor: dossier.personID, actor: actor, type: type, tab: "tab-1")
                let response = try await fixture.put(
                    dossier, street: "Markt 3", version: "1", token: token, headers: [.toegangTab: "tab-1"])
                #expect(response.status == expected)
            }
            let audit = try await fixture.audit(of: actor)
            #expect(audit.map(\.reasons) == [["mandate.does-not-cover"], []])
            #expect(
                audit.allSatisfy { $0.onBehalfOf == dossier.personID && $0.isUnderMandate && $0.client == "portal" })
        }
    }

    @Test("a page of one dossier never changes another")
    func mismatch() async throws {
        try await Fixture.run { fixture in
            let first = try await fixture.dossier(of: PersonID(UUID()))
            let second = try await fixture.dossier(of: PersonID(UUID()))
            let token = fixture.neighbours.context(
                dossier: first.id, grantor: first.personID, actor: PersonID(UUID()), type: .administrativeDossier,
                tab: "tab-1")
            let response = try await fixture.put(
                second, street: "Markt 3", version: "1", token: token, headers: [.toegangTab: "tab-1"])
            #expect(response.status == .conflict)
            #expect(try await fixture.events(of: second.id).isEmpty)
            #expect(try await fixture.events(of: first.id).isEmpty)
        }
    }

    @Test("data that cannot be is refused and names the field, and a body over its limit is not read")
    func invalid() async throws {
        try await Fixture.run { fixture in
            let dossier = try await fixture.dossier(of: PersonID(UUID()))
            let token = try fixture.person(dossier.personID, dossier.subject.profile)
            let put = { (body: String, type: String) in
                try await fixture.send(
                    .put, "/dossiers/\(dossier.id)/contact", token: token,
                    headers: [.ifMatch: "1", .contentType: type], body: body)
            }
            let json = "application/json"
            let wrongField = Samples.contactJSON(street: "A 1").replacing("an@praktijk.example", with: "an")
            let refused = try await put(wrongField, json)
            #expect(refused.status == .unprocessableContent)
            #expect(try fixture.problem(refused).detail?.contains("email") == true)
            #expect(try await put("{\"email\":\"a@b.be\"}", json).status == .badRequest)
            #expect(try await put("{", json).status == .badRequest)
            #expect(try await put("", json).status == .badRequest)
            #expect(try await put(Samples.contactJSON(street: "A 1"), "text/plain").status == .unsupportedMediaType)
            let padding = 16 * 1024 - Samples.contactJSON(street: "").utf8.count
            let largest = Samples.contactJSON(street: String(repeating: "s", count: padding))
            #expect(try await put(largest, json).status == .unprocessableContent)
            let tooLarge = Samples.contactJSON(street: String(repeating: "s", count: padding + 1))
            #expect(try await put(tooLarge, json).status == .contentTooLarge)
            #expect(try await fixture.events(of: dossier.id).isEmpty)
        }
    }

    @Test("nobody changes contact data without a token, with a service's, or as somebody else")
    func callers() async throws {
        try await Fixture.run { fixture in
            let dossier = try await fixture.dossier(of: PersonID(UUID()))
            let put = { (token: String?) in
                try await fixture.put(dossier, street: "A 1", version: "1", token: token ?? "").status
            }
            let noToken = try await fixture.send(.put, "/dossiers/\(dossier.id)/contact")
            #expect(noToken.status == .unauthorized)
            let service = try fixture.issuer.serviceToken(for: .profileResolution, scopes: [Scope.dossier])
            #expect(try await put(service) == .forbidden)
            #expect(try await put(try fixture.person(PersonID(UUID()), dossier.subject.profile)) == .notFound)
            #expect(
                try await put(try fixture.person(dossier.personID, dossier.subject.profile, scopes: [])) == .forbidden)
            #expect(try await put("no-such-context") == .unauthorized)
            #expect(try await fixture.events(of: dossier.id).isEmpty)
        }
    }
}
