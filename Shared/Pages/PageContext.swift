package import Vocabulary

/// What a page needs to know about the request it answers.
package struct PageContext: Sendable {
    /// The reader's language.
    package var language: Language
    /// The token that the page's forms carry; see ``CSRF``.
    package var csrfToken: String
    /// The name shown beside "sign out", or nothing for a reader who is not signed in.
    package var signedInAs: String?
    /// Printed on problem pages, so that the Service Center finds the request.
    package var requestID: String
    /// Path and query that the language switch returns to; nothing where a page cannot be asked for again.
    package var languageSwitch: String?
    /// Where the sign-out form is sent; nothing hides it.
    package var signOutPath: String?
    /// Where the product name and the way out of a problem page lead; nothing leaves them without a link.
    package var homePath: String?
    /// Origins beside our own that a form of this page may end at, also by redirects.
    ///
    /// Browsers check `form-action` for every redirect that follows a form, so name each origin of the chain.
    package var formTargets: [String]

    /// Describes the request a page answers.
    package init(
        language: Language, csrfToken: String = "", signedInAs: String? = nil, requestID: String,
        languageSwitch: String? = nil, signOutPath: String? = nil, homePath: String? = nil,
        formTargets: [String] = []
    ) {
        self.language = language
        self.csrfToken = csrfToken
        self.signedInAs = signedInAs
        self.requestID = requestID
        self.languageSwitch = languageSwitch
        self.signOutPath = signOutPath
        self.homePath = homePath
        self.formTargets = formTargets
    }
}
