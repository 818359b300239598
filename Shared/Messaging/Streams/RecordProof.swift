package import ContractCore
package import EventSignatures
package import Kafka
import Metrics

/// Proves what this service sends.
package struct RecordSealer: Sendable {
    private let trust: EventTrust

    /// A sealer with a service's key.
    package init(_ trust: EventTrust) { self.trust = trust }

    /// Signed messages for one partition of a topic, in their order.
    ///
    /// - Throws: `CryptoKitError`.
    package func messages(
        _ records: [(key: [UInt8], value: [UInt8])], topic: String, partition: Int32
    ) throws -> [KafkaMessage] {
        let place = RecordPlace(environment: trust.environment.description, topic: topic, partition: partition)
        let proofs = try trust.signer.sign(records.map(\.value), at: place)
        return zip(records, proofs).map { record, proof in
            KafkaMessage(
                topic: topic, partition: partition, key: record.key, value: record.value,
                headers: [Self.form(of: topic), KafkaHeader(SignatureHeader.name, proof.bytes)])
        }
    }

    /// Heads and requests are no CloudEvents.
    private static func form(of topic: String) -> KafkaHeader {
        let isControl = topic == Topic.heads || topic == Topic.resend
        return KafkaHeader("content-type", text: isControl ? "application/json" : "application/cloudevents+json")
    }
}

/// Lets records through that prove who sent them, and counts the others, which have no effect.
package struct RecordInspector {
    /// Why a record has no effect.
    package enum Refusal: Hashable, Sendable {
        case unproven(SignatureFault)
        /// Another installation published it.
        case otherEnvironment
        /// It proves a sender, and speaks for another.
        case foreign
        /// A request, or a doubt, that was sent too long ago or in the future.
        case notOfNow

        var reason: String {
            switch self {
            case .unproven(let fault): fault.rawValue
            case .otherEnvironment: "other-environment"
            case .foreign: SignatureFault.foreignKey.rawValue
            case .notOfNow: "too-old"
            }
        }

        static let all: [Refusal] = SignatureFault.allCases.map(Refusal.unproven) + [.otherEnvironment, .notOfNow]
    }

    private let environment: EnvironmentID
    private var verifier: RecordVerifier
    private let refused: [String: Counter]
    /// How many records had no effect, by reason.
    package private(set) var counts: [Refusal: Int] = [:]

    /// An inspector with the keys that a service believes.
    package init(_ trust: EventTrust) {
        environment = trust.environment
        verifier = RecordVerifier(keys: trust.keys)
        refused = Dictionary(
            Refusal.all.map { refusal in
                (
                    refusal.reason,
                    Counter(label: "toegang_record_refused_total", dimensions: [("reason", refusal.reason)])
                )
            }, uniquingKeysWith: { first, _ in first })
    }

    /// Who sent a record; nil, and counted, when it does not prove anybody.
    private mutating func sender(of record: KafkaRecord, environment claimed: EnvironmentID?) -> String? {
        let place = RecordPlace(
            environment: environment.description, topic: record.topic, partition: record.partition)
        do throws(SignatureFault) {
            return try verifier.sender(of: record.value, at: place, header: record.headers[SignatureHeader.name])
        } catch {
            // What another installation signed is no forgery; it is told apart for whoever reads the figures.
            refuse(claimed.map { $0 != environment } == true ? .otherEnvironment : .unproven(error))
            return nil
        }
    }

    /// Whether a record's sender may say what it says: he speaks for its source, in this installation.
    package mutating func admits(_ record: KafkaRecord, from origin: EventOrigin, by owner: String) -> Bool {
        guard let sender = sender(of: record, environment: origin.environment) else { return false }
        guard origin.environment == environment else {
            refuse(.otherEnvironment)
            return false
        }
        guard sender == owner else {
            refuse(.foreign)
            return false
        }
        return true
    }

    /// Counts a record that has no effect.
    package mutating func refuse(_ refusal: Refusal) {
        counts[refusal, default: 0] += 1
        refused[refusal.reason]?.increment()
    }
}
