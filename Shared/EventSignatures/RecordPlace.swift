/// Where a record lies: what a signature says beside the record's bytes, so that it proves nothing anywhere else.
package struct RecordPlace: Hashable, Sendable {
    /// The id of the installation, such as `production`: two on one cluster must not believe each other.
    package let environment: String
    /// The topic's name in the contract, without the prefix that an installation may give it.
    package let topic: String
    package let partition: Int32

    /// Names a place.
    package init(environment: String, topic: String, partition: Int32) {
        self.environment = environment
        self.topic = topic
        self.partition = partition
    }
}
