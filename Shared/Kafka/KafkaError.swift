import CRdKafka

/// Why a Kafka operation failed.
package struct KafkaError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What the caller can do about it.
    package enum Kind: Sendable, Hashable {
        /// The cluster did not answer in time or cannot now; the same call may succeed later.
        case unavailable
        /// The client that carried the message was replaced; it may or may not have been stored: send it again.
        case interrupted
        /// More calls wait than this client admits.
        case overloaded
        /// The message or topic is refused, and would be again.
        case refused
        /// A property is unknown or has an impossible value.
        case configuration
        /// The task was cancelled; a message may still be delivered.
        case cancelled
        /// The client was closed.
        case closed
    }

    package let kind: Kind
    /// librdkafka's number of the error; 0 where the error is ours.
    package let code: Int32
    /// librdkafka's name of the error, or a sentence of ours; never holds keys or values.
    package let text: String

    /// An error with a sentence that says what happened.
    package init(_ kind: Kind, code: Int32 = 0, _ text: String) {
        self.kind = kind
        self.code = code
        self.text = text
    }

    package var description: String { "Kafka: \(text)" }

    static let cancelled = KafkaError(.cancelled, "the task was cancelled")
    static let replaced = KafkaError(.interrupted, "the producer was replaced")
    static let closed = KafkaError(.closed, "the client is closed")
}

extension KafkaError {
    /// Sorts an error of librdkafka.
    init(_ code: rd_kafka_resp_err_t) {
        let name = unsafe rd_kafka_err2name(code).map { unsafe String(cString: $0) } ?? "unknown"
        self.init(Self.kind(of: code), code: code.rawValue, name)
    }

    private static func kind(of code: rd_kafka_resp_err_t) -> Kind {
        switch code {
        case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
            RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_INVALID_MSG,
            RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, RD_KAFKA_RESP_ERR_INVALID_PARTITIONS,
            RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR, RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
            .refused
        case RD_KAFKA_RESP_ERR__PURGE_QUEUE, RD_KAFKA_RESP_ERR__PURGE_INFLIGHT, RD_KAFKA_RESP_ERR__FATAL,
            RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER,
            RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH:
            .interrupted
        case RD_KAFKA_RESP_ERR__QUEUE_FULL: .overloaded
        case RD_KAFKA_RESP_ERR__INVALID_ARG: .configuration
        default: .unavailable
        }
    }

    /// Whether the producer that reported this can no longer be trusted to keep order and to get on.
    var spoilsProducer: Bool { kind == .unavailable || kind == .interrupted }
}
