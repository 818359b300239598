import Authentication
import AuthenticationDomain
import ContractCore
import Crypto
import FoundationEssentials
import Keys
import Testing
import Vocabulary

/// Registrations as somebody writes them down.
private enum Written {
    static func jwk(_ extra: String = "") -> String {
        let point = [UInt8](P256.Signing.PrivateKey().publicKey.x963Representation)
        let (x, y) = (Base64URL.encode(Array(point[1..<33])), Base64URL.encode(Array(point[33...])))
        return #"{"kty":"EC","crv":"P-256","x":"\#(x)","y":"\#(y)"\#(extra)}"#
    }

    /// A registration that can be used, with members changed or taken out.
    static func entry(_ changes: [String: String?] = [:]) -> String {
        var members: [String: String?] = [
            "id": #""care""#, "name": #""Care""#, "kind": #""portal""#, "jwks": #"{"keys":[\#(jwk())]}"#,
            "redirectUris": #"["https://care.test/cb"]"#, "initiateLoginUri": #""https://care.test/""#,
            "scopes": #"["openid","dossier"]"#, "audiences": #"["urn:toegang:profile-resolution"]"#,
        ]
        for (name, value) in changes { members[name] = value }
        return "{" + members.compactMap { name, value in value.map { "\"\(name)\":\($0)" } }.joined(separator: ",")
            + "}"
    }

    static let mistakes: [([String: String?], String)] = [
        (["redirectUris": nil, "redirectURIs": #"["https://care.test/cb"]"#], "\"redirectURIs\" is no key"),
        (["scopes": #"["openid","nonsense"]"#], "no scope \"nonsense\""),
        (["scopes": nil], "scopes lacks openid"), (["audiences": #"["nonsense"]"#], "no audience \"nonsense\""),
        (["audiences": nil], "lacks \"urn:toegang:profile-resolution\", which the scope \"dossier\" is for"),
        (["jwks": #"{"keys":[\#(jwk(#","d":"AAAA""#))]}"#], "private key"),
        (["jwks": #"{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"}]}"#], "RSA key"),
        (["jwks": #"{"keys":[{"kty":"EC","crv":"P-384","x":"AA","y":"AA"}]}"#], "curve P-256"),
        (["jwks": nil], "lacks jwks"), (["jwks": nil, "publicKeyPem": #""x""#], "publicKeyPem"),
        (["redirectUris": #"["http://care.test/cb"]"#], "loopback alone"),
        (["redirectUris": #"["http://127.evil.test/cb"]"#], "loopback alone"),
        (["redirectUris": #"["https://care.test/cb#x"]"#], "fragment"),
        (["redirectUris": #"["https://a@care.test/cb"]"#], "user name"),
        (["redirectUris": #""https://care.test/cb""#], "list of texts"), (["redirectUris": "[]"], "redirectUris"),
        (["initiateLoginUri": nil], "initiateLoginUri"), (["kind": #""robot""#], "kind"),
        (["name": nil], "name"), (["defaultAcr": "351"], "defaultAcr"), (["defaultAcr": "1e300"], "defaultAcr"),
    ]
}

@Suite("The check of a client's registration")
struct ClientRegistrationTests {
    private func problems(_ entries: [String]) throws -> [String] {
        let list = try JSONDecoder().decode(
            [ClientRegistration].self, from: Data("[\(entries.joined(separator: ","))]".utf8))
        do throws(ClientRegistration.Problems) {
            _ = try ClientRegistration.registry(list, audiences: .standard)
            return []
        } catch {
            return error.sentences
        }
    }

    @Test("a complete registration is taken, in clear text on the loopback as well")
    func complete() throws {
        let local = Written.entry([
            "redirectUris": #"["http://localhost:3000/cb","http://127.0.0.1/cb"]"#,
            "initiateLoginUri": #""http://[::1]:3000/""#, "defaultAcr": "400",
        ])
        #expect(try problems([Written.entry()]) == [])
        #expect(try problems([local]) == [])
        let signsInAlone = Written.entry(["scopes": #"["openid"]"#, "audiences": nil])
        #expect(try problems([signsInAlone]) == [])
    }

    @Test(
        "each mistake is named with the client's id and what would be right",
        arguments: Written.mistakes)
    func mistakes(changes: [String: String?], words: String) throws {
        let problems = try problems([Written.entry(changes)])
        #expect(problems.contains { $0.hasPrefix("\"care\": ") && $0.contains(words) }, "\(problems)")
    }

    @Test("all mistakes of all clients are named at once, also of one without an id, and no key is repeated")
    func together() throws {
        let secret = Written.jwk(#","d":"c2VjcmV0""#)
        let problems = try problems([
            Written.entry(["id": nil, "kind": nil]), Written.entry(["jwks": #"{"keys":[\#(secret)]}"#, "name": nil]),
            "7",
        ])
        #expect(problems.contains { $0.hasPrefix("the client at place 1: ") })
        #expect(problems.count { $0.hasPrefix("\"care\": ") } == 2)
        #expect(problems.contains { $0.hasPrefix("the client at place 3: ") })
        #expect(!problems.contains { $0.contains("c2VjcmV0") })
        #expect(try self.problems([Written.entry(), Written.entry()]) == ["two clients have the same id"])
        #expect(try self.problems([]) == ["must name at least one client"])
    }
}
