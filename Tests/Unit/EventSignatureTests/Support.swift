import Crypto
import EventSignatures
import FoundationEssentials

/// A place in the tests' own environment.
func place(
    _ topic: String = "toegang.mandates.v1", _ partition: Int32 = 7, environment: String = "test"
) -> RecordPlace {
    RecordPlace(environment: environment, topic: topic, partition: partition)
}

/// Records that differ, in the size of events.
func records(_ count: Int, bytes: Int = 60) -> [[UInt8]] {
    (0..<count).map { number in
        Array("{\"number\":\(number)}".utf8) + [UInt8](repeating: UInt8(number % 251), count: bytes)
    }
}

func newKey() -> EventSigningKey { EventSigningKey(Curve25519.Signing.PrivateKey()) }

func verifier(
    _ key: EventSigningKey, owner: String = "mandate-registry", state: KeyState = .current, capacity: Int = 256
) -> RecordVerifier {
    RecordVerifier(keys: PublicKeys([(owner, state, key.publicKey)]), capacity: capacity)
}

/// What a verifier says of a record: its sender, or the fault.
func verdict(
    _ verifier: inout RecordVerifier, _ value: [UInt8], _ place: RecordPlace, _ header: [UInt8]?
) -> Result<String, SignatureFault> {
    do throws(SignatureFault) {
        return .success(try verifier.sender(of: value, at: place, header: header))
    } catch {
        return .failure(error)
    }
}
