import Crypto
import EventSignatures
import FoundationEssentials
import Testing

@Suite("Keys of events")
struct EventKeyTests {
    /// RFC 8037, appendix A: the key, and its thumbprint as worked out there.
    private let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
    private let kid = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"

    private func problem(_ json: String) -> String? {
        do throws(PublicKeys.Problem) {
            _ = try PublicKeys(json: Array(json.utf8))
            return nil
        } catch {
            return error.description
        }
    }

    private func file(
        kty: String = "OKP", crv: String = "Ed25519", x: String? = nil, kid: String? = nil, source: String = "portal",
        state: String = "current", more: String = ""
    ) -> String {
        """
        {"keys": [{"kty": "\(kty)", "crv": "\(crv)", "x": "\(x ?? self.x)", "kid": "\(kid ?? self.kid)",
                   "source": "\(source)", "state": "\(state)"\(more)}]}
        """
    }

    @Test("a key's id is the thumbprint that RFC 8037 works out")
    func thumbprint() throws {
        let keys = try PublicKeys(json: Array(file().utf8))
        let bytes = try #require(Data(base64Encoded: "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="))
        let id = KeyID(of: try Curve25519.Signing.PublicKey(rawRepresentation: bytes))
        #expect(id.description == kid)
        #expect(keys.state(of: id)?.owner == "portal")
        #expect(keys.state(of: id)?.state == .current)
    }

    @Test("a file that cannot be used says which key is wrong, and how")
    func problems() {
        #expect(problem(file()) == nil)
        #expect(problem("[]")?.contains("list of \"keys\"") == true)
        #expect(problem(file(kty: "EC")) == "key 1: kty has to be OKP, and crv Ed25519")
        #expect(problem(file(kid: "other")) == "key 1: kid has to be the key's thumbprint, \(kid)")
        #expect(problem(file(x: "AAAA"))?.contains("x has to be the 32 bytes") == true)
        #expect(problem(file(state: "old")) == "key 1: state has to be current, accepted or withdrawn")
        #expect(problem(file(source: "")) == "key 1: source is empty")
        #expect(problem(file(more: ", \"d\": \"secret\""))?.hasPrefix("key 1: it is a private key") == true)
        let entry = file().dropFirst("{\"keys\": [".count).dropLast(2)
        #expect(problem("{\"keys\": [\(entry),\(entry)]}") == "key 2: it stands in the file twice")
    }

    @Test("the key file that openssl writes is read, and anything else is not")
    func pem() throws {
        // openssl genpkey -algorithm ed25519, with the private key of RFC 8032, section 7.1, test 1.
        let pem = """
            -----BEGIN PRIVATE KEY-----
            MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
            -----END PRIVATE KEY-----
            """
        #expect(try #require(EventSigningKey(pem: pem)).id.description == kid)
        #expect(EventSigningKey(pem: pem + "\n\n")?.id.description == kid)
        for wrong in ["", "nonsense", pem.replacing("PRIVATE", with: "PUBLIC"), pem.replacing("MC4C", with: "MC4D")] {
            #expect(EventSigningKey(pem: wrong) == nil)
        }
    }
}
