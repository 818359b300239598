package import Logging
package import Vocabulary

/// What a page needs to know about the request it answers.
package struct PageContext: Sendable {
    /// The reader's language.
    package var language: Language
    /// The token that the page's forms carry; see ``CSRF``.
    package var csrfToken: String
    /// The name shown beside "sign out", or nothing for a reader who is not signed in.
    package var signedInAs: String?
    /// As whom the reader works, such as her profession; nothing for a reader who has no profile.
    package var workingAs: String?
    /// Where the reader chooses another profile; nothing hides it.
    package var changeProfilePath: String?
    /// The pages that the reader can go to from each page.
    package var navigation: [PageLink] = []
    /// Back from a problem page to where the reader was; nothing leaves only the way home.
    package var wayBack: PageLink?
    /// The day on which the page says what it says, for a print of it.
    package var asOf: String?
    /// The request's id, as the log has it; see ``reference``.
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
    /// The request's logger.
    package let logger: Logger

    /// Describes the request a page answers.
    package init(
        language: Language, csrfToken: String = "", signedInAs: String? = nil, requestID: String,
        languageSwitch: String? = nil, signOutPath: String? = nil, homePath: String? = nil,
        formTargets: [String] = [], logger: Logger
    ) {
        self.language = language
        self.csrfToken = csrfToken
        self.signedInAs = signedInAs
        self.requestID = requestID
        self.languageSwitch = languageSwitch
        self.signOutPath = signOutPath
        self.homePath = homePath
        self.formTargets = formTargets
        self.logger = logger
    }
}

extension PageContext {
    /// What a reader can spell on the telephone and the log is searched by.
    ///
    /// It is the last eight characters of the request's id: the first ones are a time, which requests of the same moment
    /// share.
    package var reference: String { String(requestID.suffix(8)) }
}

/// A place to go to, with what it is called in the reader's language.
package struct PageLink: Sendable, Hashable {
    package let label: String
    package let href: String

    package init(_ label: String, href: String) {
        self.label = label
        self.href = href
    }
}
