/// A message to be stored in one partition.
package struct KafkaMessage: Sendable {
    package let topic: String
    package let partition: Int32
    package let key: [UInt8]
    package let value: [UInt8]
    package let headers: [KafkaHeader]

    /// Describes a message.
    package init(topic: String, partition: Int32, key: [UInt8], value: [UInt8], headers: [KafkaHeader] = []) {
        self.topic = topic
        self.partition = partition
        self.key = key
        self.value = value
        self.headers = headers
    }
}

/// Something that is said about a message beside it: a name and any bytes.
package struct KafkaHeader: Hashable, Sendable {
    package let name: String
    package let value: [UInt8]

    /// Describes a header.
    package init(_ name: String, _ value: [UInt8]) {
        self.name = name
        self.value = value
    }

    /// Describes a header whose value is text.
    package init(_ name: String, text: String) {
        self.init(name, Array(text.utf8))
    }
}

/// A message as it was read.
package struct KafkaRecord: Sendable {
    package let topic: String
    package let partition: Int32
    package let offset: Int64
    package let key: [UInt8]
    package let value: [UInt8]
    /// Those headers that the consumer was asked for and the message has; of several with one name, the last.
    package let headers: [String: [UInt8]]

    /// Describes a message that was read.
    package init(
        topic: String, partition: Int32, offset: Int64, key: [UInt8], value: [UInt8], headers: [String: [UInt8]] = [:]
    ) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.key = key
        self.value = value
        self.headers = headers
    }
}

/// A partition of a topic.
package struct TopicPartition: Hashable, Sendable, CustomStringConvertible {
    package let topic: String
    package let partition: Int32

    /// Names a partition.
    package init(_ topic: String, _ partition: Int32) {
        self.topic = topic
        self.partition = partition
    }

    package var description: String { "\(topic)[\(partition)]" }
}

/// Where reading of a partition starts.
package struct TopicPartitionOffset: Hashable, Sendable {
    /// A place in a partition.
    package enum Place: Hashable, Sendable {
        /// The oldest message that the broker still has.
        case beginning
        /// Only what is stored from now on.
        case end
        /// The message with this offset.
        case offset(Int64)
    }

    package let partition: TopicPartition
    package let place: Place

    /// Names a place in a partition.
    package init(_ partition: TopicPartition, _ place: Place) {
        self.partition = partition
        self.place = place
    }
}

/// What one pull of a consumer brought.
package struct KafkaBatch: Sendable {
    /// Something that is not a message.
    package enum Problem: Sendable, Hashable {
        /// The broker has no such offset: its log was lost or cut. Reading of the partition stands until it is sought.
        case offsetOutOfRange(TopicPartition)
        /// Reading of this partition meets an error; librdkafka goes on trying.
        case partition(TopicPartition, KafkaError)
        /// The cluster as a whole cannot be reached, or similar; librdkafka goes on trying.
        case client(KafkaError)
    }

    /// In the order of the log within each partition.
    package var records: [KafkaRecord] = []
    package var problems: [Problem] = []

    var isEmpty: Bool { records.isEmpty && problems.isEmpty }
}
