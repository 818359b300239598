import Async
import ContractCore
import Kafka

/// The contract's topics at the broker.
enum Topics {
    /// Sees to it that a source's topic and the two control topics are there with the contract's partitions.
    static func ensure(
        _ source: EventSource, _ admin: KafkaAdmin, _ settings: TopicSettings
    ) async throws(KafkaError) {
        try await admin.ensureTopic(
            source.topic, partitions: Topic.partitions, replication: settings.replication,
            properties: settings.properties(retention: settings.eventRetention))
        for topic in [Topic.heads, Topic.resend] {
            try await admin.ensureTopic(
                topic, partitions: 1, replication: settings.replication,
                properties: settings.properties(retention: settings.controlRetention))
        }
    }

    /// What is wrong with a topic that is to be read, in words; nil when it is as the contract wants it.
    ///
    /// Its being there is not enough: a broker may have made it by itself, with one partition.
    static func problem(with topic: String, _ admin: KafkaAdmin) async -> String? {
        let wanted = topic == Topic.heads || topic == Topic.resend ? 1 : Topic.partitions
        do throws(KafkaError) {
            guard let count = try await admin.partitionCount(of: topic) else { return "topic \(topic) is not there" }
            return count == wanted ? nil : "topic \(topic) has \(count) partitions instead of \(wanted)"
        } catch {
            return "the broker is not reached"
        }
    }

    /// Waits until topics are as the contract wants them, and tells what is wrong meanwhile; false when the task was
    /// cancelled.
    static func wait(
        for topics: Set<String>, _ admin: KafkaAdmin, report: (_ problem: String?) -> Void
    ) async -> Bool {
        while !Task.isCancelled {
            var problem: String?
            for topic in topics.sorted() where problem == nil { problem = await Self.problem(with: topic, admin) }
            report(problem)
            if problem == nil { return true }
            guard await pause(.milliseconds(200)) else { return false }
        }
        return false
    }
}
