import HTTPTypes
import HummingbirdTesting
import OrganisationRightsContracts
import Postgres
import Process
import TestBasics
import TestStore
import Testing
import Vocabulary

/// What two do at the same moment to one right.
@Suite("Two act on one right at once")
struct RightRaceTests {
    private func given(_ fixture: Fixture) async throws -> (OrganisationID, RightID) {
        let (hospital, _) = try await fixture.populate()
        _ = try await fixture.take("rights", "\(Sample.hospital),\(Sample.subject),De Smet,member,2026-01-01,")
        let right = try #require(try await fixture.rights(in: hospital, by: Sample.chief).rights.first)
        return (hospital, right.rightId)
    }

    /// Waits, within a transaction, until another one waits for what it holds.
    private static func waitForAnother(in session: borrowing Session) throws {
        for _ in 0..<1_000 {
            let waiting = try session.first(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
            )?.decode(Int64.self)
            if waiting ?? 0 > 0 { return }
            try session.execute("SELECT pg_sleep(0.01)")
        }
        Issue.record("nobody waited for the right's row")
    }

    @Test("a right that is ended while a file changes it stays ended, and no event says otherwise")
    func endedWhileImported() async throws {
        try await Fixture.with { fixture in
            let (hospital, right) = try await given(fixture)
            let now = fixture.base.now()
            let (isHeld, hold) = AsyncStream.makeStream(of: Void.self)
            async let ends: Void = fixture.database.database.transaction { session in
                try session.execute(
                    "UPDATE granted_right SET version = version + 1, ended_at = \(now) WHERE id = \(right)")
                hold.finish()
                try Self.waitForAnother(in: session)
            }
            for await _ in isHeld {}
            let report = try await fixture.take(
                "rights", "\(Sample.hospital),\(Sample.subject),De Smet,member,2026-01-01,2099-12-31")
            try await ends
            #expect(report.first == "line 2: unchanged")
            let gone = try await fixture.rights(in: hospital, .ended, by: Sample.chief).rights
            #expect(gone.map(\.rightId) == [right])
            #expect(gone.map(\.version) == [2])
            #expect(try await fixture.events(RightState.given) == 1)
        }
    }

    @Test("a right that is given by an instance whose clock is ahead can be ended at once")
    func clockBehind() async throws {
        try await Fixture.with { fixture in
            let (hospital, right) = try await given(fixture)
            try await fixture.database.database.transaction { session in
                try session.execute("UPDATE granted_right SET given_at = given_at + interval '30 seconds'")
            }
            #expect(try await fixture.end(right, in: hospital, by: Sample.chief).status == .ok)
            let gone = try await fixture.rights(in: hospital, .ended, by: Sample.chief).rights
            #expect(gone.map(\.rightId) == [right])
        }
    }
}
