/// What somebody typed to sign in with the code of a mobile app.
package struct AppCodeForm: Sendable {
    package let userName: String
    package let password: String
    package let code: String

    package init(userName: String, password: String, code: String) {
        self.userName = userName
        self.password = password
        self.code = code
    }

    /// The fields by the name they have in the form and in the texts.
    package enum Field: String, Sendable, Hashable, CaseIterable { case username, password, code }

    /// What can be seen of a field without comparing it with anything.
    package enum Flaw: String, Sendable, Hashable { case missing, malformed }

    /// What is wrong, in the order of the form; empty for a form that can be judged.
    ///
    /// It rests on what was typed alone, so it tells nothing of any account, and what is not judged counts for nobody.
    package var flaws: [(field: Field, flaw: Flaw)] {
        var flaws: [(Field, Flaw)] = []
        if userName.isEmpty { flaws.append((.username, .missing)) }
        if password.isEmpty { flaws.append((.password, .missing)) }
        if code.isEmpty {
            flaws.append((.code, .missing))
        } else if AppCode(code) == nil {
            flaws.append((.code, .malformed))
        }
        return flaws
    }
}
