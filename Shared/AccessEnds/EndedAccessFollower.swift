import Async
import ContractCore
package import Following
import FoundationEssentials
import Logging
import Metrics
import Postgres
package import Process
import ServiceLifecycle
import Vocabulary
import Web

/// Keeps what ended before its time in a table, and the table's mirror in the memory of each instance.
///
/// The instance that reads a partition writes the rows; every instance looks for new ones when it is notified, and ten
/// times a second in any case. It also judges whether the source is heard, and says so in metrics and health.
package final class EndedAccessFollower: Service {
    /// What it follows, by name.
    package static let followed = Followed("ended-access", .access)
    /// How often an instance looks by itself, for a notification that was lost.
    private static let interval: Duration = .milliseconds(100)
    /// For so long a start waits to hear how far the source is.
    ///
    /// What ended before is in the table and in memory by then; a service that crashed is not kept away for the rest.
    private static let startPatience: Duration = .seconds(2)

    /// What is heard of the source; for the runner of the projection.
    package let watch = SourceWatch(.access)

    private struct State {
        /// Up to which number each partition was read.
        var read: [Int32: Int64] = [:]
        /// Whether all that the source had told by then was taken in, once.
        var hasReached = false
        /// Why an end may have been missed, beside that the source is silent; nil when none can.
        var doubt: String? = "what has ended was not read yet"
        var nextCheck: ContinuousClock.Instant?
        var nextPrune: ContinuousClock.Instant?
    }

    private let ended: EndedAccess
    private let database: Database
    private let now: @Sendable () -> Instant
    private let logger: Logger
    private let start = ContinuousClock.now
    private let state = Guarded(State())

    /// Follows for the verifier of a service.
    package init(_ base: ServiceBase) {
        ended = base.verifier.ended
        database = base.database
        now = base.now
        logger = base.logger
        ended.rely(for: .zero)
    }

    /// Takes the events in.
    package var projection: Projection {
        Projection(
            name: Self.followed.projection, source: Self.followed.source,
            erase: { limit, session in try EndedAccessStore.erase(limit: limit, in: session) }, isForgetful: true
        ) { [now] event, session in
            guard event.type == AccessEnded.ended else { return .unknownType }
            let told = try event.data(as: AccessEnded.self)
            if case .unknown = told.kind { return .unknownType }
            try EndedAccessStore.add(told, told: event, at: now(), in: session)
            return .applied
        }
    }

    /// What of it health tells.
    ///
    /// A service is ready when all that was told before its start is taken in, or when that does not come: then it
    /// works as while its source is not heard.
    package var readiness: ReadinessCheck {
        ReadinessCheck(Self.followed.projection) { [self] in
            let hasReached = state.withLock(\.hasReached)
            if !hasReached, ContinuousClock.now - start < Self.startPatience {
                return .failing("what has ended is being read")
            }
            if ended.isUncertain || !hasReached {
                return .degraded("ended access may be missed, tokens are believed until they expire: \(why)")
            }
            return .ok
        }
    }

    /// Why ends may be missed, in words.
    private var why: String {
        let silence = watch.silence
        return silence > EndedAccess.patience
            ? "\(watch.source.rawValue) is not heard since \(silence.components.seconds) s"
            : state.withLock(\.doubt) ?? "the database does not answer"
    }

    /// Looks again and again until shutdown.
    package func run() async throws {
        let uncertain = Gauge(label: "toegang_ended_access_uncertain")
        let known = Gauge(label: "toegang_ended_access_known")
        await cancelWhenGracefulShutdown { [self] in
            await withTaskGroup(of: Void.self) { group in
                group.addTask { [self] in
                    while await pause(Self.interval) { watch.moves.nudge() }
                }
                group.addTask { [self] in
                    while await pause(.seconds(1)) {
                        uncertain.record(ended.isUncertain ? 1 : 0)
                        known.record(ended.count)
                    }
                }
                group.addTask { [self] in await follow() }
            }
        }
    }

    private func follow() async {
        var wasUncertain = false
        for await _ in watch.moves.stream {
            if Task.isCancelled { return }
            do {
                try await look()
            } catch {
                logger.debug("what has ended could not be read now", metadata: ["error": "\(error)"])
            }
            let isUncertain = ended.isUncertain && ContinuousClock.now - start > EndedAccess.patience
            if isUncertain != wasUncertain { tell(isUncertain) }
            wasUncertain = isUncertain
        }
    }

    /// Takes over what is new, and says for how long all that is known can be relied on.
    package func look() async throws {
        let (moment, clock) = (now(), ContinuousClock.now)
        let (read, isCheckDue, isPruneDue) = state.withLock { state in
            (
                state.read, state.nextCheck.map { clock >= $0 } ?? true,
                state.nextPrune.map { clock >= $0 } ?? true
            )
        }
        let behind = Dictionary(uniqueKeysWithValues: (0..<Int32(Topic.partitions)).map { ($0, read[$0] ?? 0) })
        let (ends, doubt, positions) = try await database.read { session in
            // The doubts first: ends are at least as new.
            let doubt =
                isCheckDue ? try FollowingReport.read([Self.followed], in: session).joined(separator: "; ") : nil
            let positions = isCheckDue ? try EndedAccessStore.positions(in: session) : [:]
            return (try EndedAccessStore.ends(behind: behind, at: moment, in: session), doubt, positions)
        }
        ended.take(ends.map { ($0.subject, $0.until) })
        state.withLock { state in
            for item in ends { state.read[item.partition] = max(state.read[item.partition] ?? 0, item.sequence) }
            guard let doubt else { return }
            state.nextCheck = clock + .seconds(1)
            judge(doubt, positions, &state)
        }
        let (isCertain, silence) = (state.withLock { $0.doubt == nil }, watch.silence)
        ended.rely(for: isCertain ? EndedAccess.patience - silence : .zero)
        if isPruneDue { try await prune(at: moment) }
    }

    /// Why ends may be missing, seen from where the events were taken in up to.
    private func judge(_ report: String, _ positions: [Int32: Int64], _ state: inout State) {
        let wasDoubted = state.doubt != nil
        if !state.hasReached, let heads = watch.heads {
            state.hasReached = heads.allSatisfy { positions[$0.key] ?? 0 >= $0.value }
        }
        state.doubt = !report.isEmpty ? report : state.hasReached ? nil : "what has ended is being read"
        // What was parked comes in out of its order: once all is well again, everything is read anew.
        if wasDoubted, state.doubt == nil { state.read = [:] }
    }

    private func prune(at moment: Instant) async throws {
        ended.prune(at: moment)
        while try await database.transaction({ session in
            try EndedAccessStore.prune(at: moment, in: session)
        }) > 0 {}
        state.withLock { $0.nextPrune = .now + .seconds(60) }
    }

    private func tell(_ isUncertain: Bool) {
        if isUncertain {
            logger.error(
                """
                ends of sessions and tokens may be missed: access tokens are believed until they expire, and for \
                commands authentication-service is asked
                """,
                metadata: ["why": "\(why)"])
        } else {
            logger.notice("ends of sessions and tokens are heard again")
        }
    }
}
