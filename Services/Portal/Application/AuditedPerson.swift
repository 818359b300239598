import AuditTrail
import Crypto
import FoundationEssentials
import PortalDomain
import Vocabulary

extension PersonID {
    /// The id under which this portal's audit records name a person: made of the subject by which the provider names
    /// her to this portal alone (UUID version 8 of RFC 9562).
    ///
    /// It is not the suite's id of the person, which no portal learns; what the other services recorded of the same
    /// request is found by the request's id.
    init(subject: String) {
        var bytes = Array(SHA256.hash(data: Array(subject.utf8)).prefix(16))
        bytes[6] = bytes[6] & 0x0f | 0x80
        bytes[8] = bytes[8] & 0x3f | 0x80
        self.init(
            UUID(
                uuid: (
                    bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7], bytes[8], bytes[9],
                    bytes[10], bytes[11], bytes[12], bytes[13], bytes[14], bytes[15]
                )))
    }
}

extension SignedInPerson {
    /// Who acts, by the id under which the portal's audit records name her.
    func acting(through portal: String) -> ActingPerson {
        ActingPerson(PersonID(subject: subject), as: .profile(profile), through: portal, acr: acr)
    }
}
