import AuthenticationContracts
import Following
import FoundationEssentials
import HTTPTypes
import HummingbirdTesting
import Keys
import OrganisationRights
import OrganisationRightsContracts
import Postgres
import Process
import ServiceLifecycle
import TestBasics
import TestService
import TestStore
import Testing
import Vocabulary
import Web

@Suite("Rights that wait until number and name turn out to be of one person")
struct WaitingRightTests {
    @Test("who gives a right to an unknown number, or to a known one under another name, reads the same words")
    func sameWords() async throws {
        try await Fixture.with { fixture in
            let (hospital, _) = try await fixture.populate()
            // She has the very right already, which whoever does not know her name must not learn.
            #expect(try await fixture.give(in: hospital, by: Sample.chief).status == .created)
            fixture.call(Sample.other, first: "Greta", last: "Vogel")
            let numbers = [Sample.subject, Sample.other, Sample.manager]
            var answers: [String] = []
            for number in numbers {
                let answer = try await fixture.give(number, name: "Peeters", in: hospital, by: Sample.chief)
                #expect(answer.status == .created && answer.headers[.toegangPosition] == nil)
                let changed: RightChanged = try answer.decoded()
                #expect(changed.status == .waiting && changed.version == 1)
                answers.append(answer.text.replacing(changed.rightId.description, with: ""))
            }
            #expect(Set(answers).count == 1)
            let waiting = try await fixture.rights(in: hospital, .waiting, by: Sample.manager)
            #expect(waiting.rights.map(\.personName) == ["Peeters", "Peeters", "Peeters"])
            #expect(waiting.rights.allSatisfy { $0.status == .waiting && $0.version == 1 })
            // In no event: only the right that holds was published.
            #expect(try await fixture.events(RightState.given) == 1)
            #expect(try await fixture.rights(in: hospital, by: Sample.chief).rights.count == 1)
            let again = try await fixture.give(Sample.other, name: "PEETERS", in: hospital, by: Sample.manager)
            #expect(again.status == .conflict && again.reasons == ["right.already-waiting"])
        }
    }

    @Test("it takes the same time whether the number is known or not: whole steps, longer than the work")
    func sameTime() async throws {
        try await Fixture.with { fixture in
            let (hospital, _) = try await fixture.populate()
            let clock = ContinuousClock()
            for (number, name) in [(Sample.other, "Vogel"), (Sample.subject, "Peeters"), (Sample.subject, "De Smet")] {
                let start = clock.now
                let answer = try await fixture.give(number, name: name, in: hospital, by: Sample.chief)
                #expect(clock.now - start >= .milliseconds(400), "\(name)")
                #expect(answer.status == .created)
            }
            // What is refused for what the giver typed needs no step: nothing was asked about the number.
            let asked = fixture.neighbour.persons.questions
            let refused = try await fixture.give(role: "director", in: hospital, by: Sample.chief)
            #expect(refused.status == .forbidden && fixture.neighbour.persons.questions == asked)
        }
    }

    @Test("it begins when somebody with the number signs in whose name agrees, and only then")
    func begins() async throws {
        try await Fixture.with { fixture in
            let (hospital, _) = try await fixture.populate()
            let given: RightChanged = try await fixture.give(
                Sample.other, name: "VAN DEN BERGHE", in: hospital, by: Sample.chief
            ).decoded()
            try await fixture.services.atWork { () async throws in
                #expect(try await fixture.compared())
                // A stranger with the mistyped number signs in: nothing begins, and nothing shows it.
                fixture.call(Sample.other, first: "Greta", last: "Vogel")
                let before = try await fixture.rights(in: hospital, .waiting, by: Sample.chief).rights.first
                try await fixture.signsIn(Sample.other)
                #expect(try await fixture.compared())
                let after = try await fixture.rights(in: hospital, .waiting, by: Sample.chief).rights.first
                #expect(after?.status == .waiting && after?.version == before?.version)
                #expect(after?.personName == "VAN DEN BERGHE")
                #expect(try await fixture.events(RightState.given) == 0)
                // Her name was put right since; she signs in again.
                fixture.call(Sample.other, first: "Greta", last: "Vandenberghe")
                try await fixture.signsIn(Sample.other)
                #expect(try await eventually { try await fixture.events(RightState.given) == 1 })
            }
            let right = try #require(try await fixture.rights(in: hospital, by: Sample.chief).rights.first)
            #expect(right.rightId == given.rightId && right.status == .active && right.version == 1)
            #expect(right.personName == "Greta Vandenberghe")
            #expect(try await fixture.rights(in: hospital, .waiting, by: Sample.chief).rights.isEmpty)
            let started = try await fixture.audits("right.start", "allowed")
            #expect(started == 1)
        }
    }

    @Test("somebody who signs in while the right is being given is not missed")
    func signsInMeanwhile() async throws {
        try await Fixture.with { fixture in
            let (hospital, _) = try await fixture.populate()
            _ = try await fixture.give(Sample.other, name: "Vogel", in: hospital, by: Sample.chief)
            // The event of her sign-in went by before the right was written down.
            fixture.call(Sample.other, first: "Greta", last: "Vogel")
            try await fixture.services.atWork { () async throws in
                #expect(try await eventually { try await fixture.events(RightState.given) == 1 })
            }
        }
    }

    @Test("it is withdrawn once, keeps no name, and never begins; the list of what was taken away is of rights")
    func withdrawn() async throws {
        try await Fixture.with { fixture in
            let (hospital, insurer) = try await fixture.populate()
            let given: RightChanged = try await fixture.give(
                Sample.other, name: "Vogel", in: hospital, by: Sample.chief
            ).decoded()
            #expect(try await fixture.end(given.rightId, in: insurer, by: Sample.other).status == .notFound)
            let ended = try await fixture.end(given.rightId, in: hospital, by: Sample.manager)
            #expect(ended.status == .ok && ended.headers[.toegangPosition] == nil)
            #expect(try ended.decoded(as: RightChanged.self).status == .neverBegan)
            let again = try await fixture.end(given.rightId, in: hospital, by: Sample.manager)
            #expect(again.status == .conflict && again.reasons == ["right.ended"])
            fixture.call(Sample.other, first: "Greta", last: "Vogel")
            try await fixture.services.atWork { () async throws in
                try await fixture.signsIn(Sample.other)
                #expect(try await fixture.compared())
            }
            let listed = try await fixture.rights(in: hospital, .waiting, by: Sample.chief).rights
            #expect(listed.map(\.status) == [.neverBegan] && listed.map(\.personName) == [nil])
            #expect(try await fixture.rights(in: hospital, .ended, by: Sample.chief).rights.isEmpty)
            let counts = [
                try await fixture.events(RightState.given), try await fixture.events(RightState.ended),
                try await fixture.count("SELECT count(*) FROM waiting_right WHERE last_name IS NOT NULL"),
            ]
            #expect(counts == [0, 0, 0])
        }
    }

    @Test("what waits too long, and what waits for somebody who was erased, ends by itself and forgets the name")
    func lapses() async throws {
        try await Fixture.with { fixture in
            let (hospital, _) = try await fixture.populate()
            for (number, name) in [(Sample.other, "Vogel"), (Sample.manager, "Janssens")] {
                _ = try await fixture.give(number, name: name, in: hospital, by: Sample.chief)
            }
            let late = fixture.neighbour.persons.id(Sample.other)
            try await fixture.database.database.transaction { session in
                _ = try session.execute(
                    """
                    UPDATE waiting_right SET given_at = given_at - interval '91 days',
                        waits_until = now() - interval '1 second'
                    WHERE person_id = \(late)
                    """)
            }
            let erased = fixture.neighbour.persons.id(Sample.manager)
            _ = try await fixture.follow(
                PersonNotice.erased, key: erased.uuid, PersonNotice(personId: erased, version: 2))
            try await fixture.services.atWork { () async throws in
                #expect(
                    try await eventually {
                        try await fixture.rights(in: hospital, .waiting, by: Sample.chief).rights.allSatisfy {
                            $0.status == .neverBegan && $0.personName == nil
                        }
                    })
            }
            #expect(try await fixture.count("SELECT count(*) FROM waiting_right WHERE last_name IS NOT NULL") == 0)
        }
    }

    @Test("twenty misses and the giver waits, she alone; what begins gives its place back")
    func quota() async throws {
        try await Fixture.with { fixture in
            let (hospital, _) = try await fixture.populate()
            let full = fixture.base.now().adding(.seconds(20 * 7200))
            let giver = fixture.neighbour.persons.id(Sample.chief)
            try await fixture.database.database.transaction { session in
                _ = try session.execute("INSERT INTO giver_misses (person_id, empty_at) VALUES (\(giver), \(full))")
            }
            let asked = fixture.neighbour.persons.questions
            // Also where number and name agree: otherwise the answer would tell which do.
            for name in ["Vogel", Sample.subjectName] {
                let refused = try await fixture.give(name: name, in: hospital, by: Sample.chief)
                #expect(refused.status == .tooManyRequests && refused.reasons == ["right.too-many-waiting"])
                let seconds = try #require(refused.headers[.retryAfter].flatMap(Int.init))
                #expect((7000...7200).contains(seconds))
            }
            #expect(fixture.neighbour.persons.questions == asked)
            // Nobody fills another's bucket.
            let other = try await fixture.give(Sample.other, name: "Vogel", in: hospital, by: Sample.manager)
            #expect(other.status == .created)
            let mine = fixture.neighbour.persons.id(Sample.manager)
            func misses() async throws -> Bool {
                try await fixture.count(
                    "SELECT count(*) FROM giver_misses WHERE person_id = \(mine) AND empty_at > now()") == 1
            }
            #expect(try await misses())
            #expect(try await fixture.give(in: hospital, by: Sample.manager).status == .created)
            fixture.call(Sample.other, last: "Vogel")
            try await fixture.services.atWork { () async throws in
                try await fixture.signsIn(Sample.other)
                #expect(try await eventually { try await fixture.events(RightState.given) == 2 })
            }
            #expect(try await !misses())
        }
    }

    @Test("an authority's file waits in the same way, repeats itself without effect, and begins")
    func imported() async throws {
        try await Fixture.with { fixture in
            let (hospital, _) = try await fixture.populate()
            fixture.call(Sample.manager, last: "Janssens")
            let rows = [
                "\(Sample.hospital),\(Sample.other),Vogel,member,2026-01-01,",
                "\(Sample.hospital),\(Sample.manager),Peeters,member,2026-01-01,",
            ]
            let said = try await fixture.take("rights", rows[0], rows[1])
            #expect(
                said == [
                    "line 2: waits", "line 3: waits",
                    "2 rows: 0 added, 0 changed, 0 unchanged, 0 refused, 2 waiting",
                ])
            #expect(try await fixture.events(RightState.given) == 0)
            #expect(try await fixture.take("rights", rows[0]).first == "line 2: waits")
            #expect(
                try await fixture.take("rights", "\(Sample.hospital),\(Sample.other),,member,2026-01-01,").first
                    == "line 2: refused: last_name must have 1 to 100 characters, and no control or direction characters"
            )
            fixture.call(Sample.other, last: "Vogel")
            try await fixture.services.atWork { () async throws in
                try await fixture.signsIn(Sample.other)
                #expect(try await eventually { try await fixture.events(RightState.given) == 1 })
            }
            #expect(try await fixture.take("rights", rows[0]).first == "line 2: unchanged")
            #expect(try await fixture.rights(in: hospital, .waiting, by: Sample.chief).rights.count == 1)
        }
    }

    @Test("typed names lie sealed, come under a new key by themselves, and a key that is gone is named at the start")
    func sealed() async throws {
        try await Fixture.with { fixture in
            let (hospital, _) = try await fixture.populate()
            _ = try await fixture.give(Sample.other, name: "Vogelzang", in: hospital, by: Sample.chief)
            let plain = try await fixture.count(
                "SELECT count(*) FROM waiting_right WHERE position('Vogelzang'::bytea IN last_name) > 0")
            #expect(plain == 0)
            let next = OrganisationRightsConfiguration(nameKey: try Fixture.nameKey("2"))
            let assembly = try await OrganisationRightsService.make(next, fixture.base)
            let service = try #require(assembly.services.first { $0 is Housekeeping })
            let running = Task { try await service.run() }
            #expect(
                try await eventually {
                    try await fixture.count("SELECT count(*) FROM waiting_right WHERE key_id = '2'") == 1
                })
            running.cancel()
            try await running.value
            let check = try OrganisationRightsService.storedKeyCheck(
                OrganisationRightsConfiguration(
                    nameKey: try #require(SealingKey(currentID: "1", keys: ["1": Array(repeating: 7, count: 32)]))),
                fixture.base)
            let unknown = try await fixture.database.database.read { session in try check(session) }
            #expect(unknown.count == 1 && unknown.first?.contains("waiting_right.last_name") == true)
            let listed = try await fixture.rights(in: hospital, .waiting, by: Sample.chief).rights
            #expect(listed.map(\.personName) == ["Vogelzang"])
        }
    }

    @Test("a long list of what waits comes a page at a time")
    func pages() async throws {
        try await Fixture.with { fixture in
            let (hospital, _) = try await fixture.populate()
            try await fixture.database.database.transaction { session in
                _ = try session.execute(
                    """
                    INSERT INTO waiting_right (id, organisation_id, person_id, masked_number, role, starts_on, given_at,
                        waits_until, ended_at)
                    SELECT gen_random_uuid(), \(hospital), gen_random_uuid(), \(Sample.subjectMasked), 'member',
                        \(fixture.today), now(), now() + interval '1 day', now()
                    FROM generate_series(1, 450)
                    """)
            }
            var seen: [RightID] = []
            var next: RightID?
            repeat {
                let query = next.map { "&after=\($0)" } ?? ""
                let page: OrganisationRights = try await fixture.call(
                    .get, "/organisations/\(hospital)/rights?status=waiting\(query)",
                    token: fixture.token(of: Sample.chief)
                ).decoded()
                #expect(page.rights.count <= 200)
                seen += page.rights.map(\.rightId)
                next = page.next
            } while next != nil
            #expect(seen.count == 450 && Set(seen).count == 450)
        }
    }
}
