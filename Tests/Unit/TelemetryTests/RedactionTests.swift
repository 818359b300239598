import Telemetry
import Testing

@Suite("What must never stand in a log is taken out")
struct RedactionTests {
    @Test(
        "a national number goes, however it is written",
        arguments: [
            "85073099091", "85.07.30-990.91", "850730-990-91", "85 07 30 990 91", "85/07/30-990.91",
            "number=85073099091", "(85073099091)", "Person 85.07.30-990.91 is unknown",
        ])
    func nationalNumbers(text: String) {
        let redacted = Redaction.redact(text)
        #expect(redacted.contains("[national number]"))
        #expect(!redacted.contains("990"))
    }

    @Test(
        "a token goes",
        arguments: [
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
            "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.MEUCIQDxyz-abc_def",
            "Bearer eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.sig",
        ])
    func tokens(text: String) {
        let redacted = Redaction.redact("before \(text) after")
        #expect(redacted.contains("[token]"))
        #expect(redacted.hasPrefix("before "))
        #expect(redacted.hasSuffix(" after"))
        #expect(!redacted.contains("eyJ") && !redacted.contains("dBjf"))
    }

    @Test("a code goes when it is called one")
    func codes() {
        #expect(Redaction.redact("the code 123456 was used") == "the code [code] was used")
        #expect(Redaction.redact("appCode=123456") == "appCode=[code]")
    }

    @Test("a query string goes")
    func queryStrings() {
        #expect(
            Redaction.redact("GET /authorize?state=abc&code=x failed") == "GET /authorize?[query] failed")
    }

    @Test(
        "ids, times and ordinary words stay",
        arguments: [
            "0190163d-8694-739b-aea5-966c26f8ad91", "4bf92f3577b34da6a3ce929d0e0e4736", "2026-01-31T12:00:00.000000Z",
            "toegang.organisation-rights.v1", "mandate-registry:7:42", "SQLSTATE 23505", "what happened?",
            "organisation-rights-service-relay-instance", "milliseconds 12.5", "",
        ])
    func harmless(text: String) {
        #expect(Redaction.redact(text) == text)
    }

    @Test("keys that name secrets are known as such")
    func secretKeys() {
        for key in ["password", "clientSecret", "access_token", "nationalNumber", "Authorization", "code", "state"] {
            #expect(Redaction.isSecret(key: key))
        }
        for key in ["route", "status", "statusCode", "requestId", "sequence"] {
            #expect(!Redaction.isSecret(key: key))
        }
    }
}
