import Postgres
import Testing
import Vocabulary

@Suite("A row that this release does not understand is named, and its value is not")
struct StoredValueTests {
    @Test(
        "table, column and row are named as far as they are known",
        arguments: [
            (StoredValueError("account"), "account holds a value that this release does not know"),
            (
                StoredValueError("session", column: "acr"),
                "session.acr holds a value that this release does not know"
            ),
            (
                StoredValueError("dossier", column: "status", row: "7"),
                "dossier.status, row 7, holds a value that this release does not know"
            ),
        ])
    func description(error: StoredValueError, text: String) {
        #expect("\(error)" == text)
    }

    @Test("it is a defect, not a trouble that passes")
    func isDefect() {
        let error: any StoreError = StoredValueError("account")
        #expect(error.trouble == nil && !error.isAboutData)
    }
}
