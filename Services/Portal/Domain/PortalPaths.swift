/// The addresses of the portal's pages.
package enum PortalPaths {
    package static let start = "/"
    package static let signIn = "/sign-in"
    package static let callback = "/sign-in/callback"
    package static let signOut = "/sign-out"
    package static let signedOut = "/signed-out"
    package static let backChannelLogout = "/back-channel-logout"
    package static let welcome = "/welcome"
    package static let profileSelection = "/profile-selection"
    package static let dossier = "/dossier"
    package static let contact = "/dossier/contact"
    package static let tabs = "/tabs"
    package static let mandates = "/mandates"
    package static let organisations = "/organisations"
    /// Where another profile is chosen: a sign-in, for which nothing is typed while the provider's session goes on.
    package static let changeProfile = signIn(returning: welcome)

    /// The way to sign in, and to the page that was wanted.
    package static func signIn(returning path: String?) -> String {
        guard let path, isPage(path) else { return signIn }
        return "\(signIn)?return=\(path)"
    }

    /// A page of a tab, such as `dossier`.
    package static func tab(_ handle: String, _ page: String) -> String { "/t/\(handle)/\(page)" }

    /// The handle of the tab that a page is in, if any.
    package static func tab(of path: String) -> String? {
        let parts = path.split(separator: "/")
        return parts.count > 1 && parts[0] == "t" ? String(parts[1]) : nil
    }

    /// An organisation's page.
    package static func organisation(_ id: String) -> String { "\(organisations)/\(id)" }
}

// MARK: - Coming back

extension PortalPaths {
    /// What an address of ours that answers a GET looks like; `*` is an id or a handle.
    private static let pages: [[Substring]] = [
        welcome, profileSelection, dossier, contact, "\(contact)/saved", mandates, "\(mandates)/*/stop",
        organisations, "\(organisations)/*", "\(organisations)/*/rights/*/end", "/t/*/dossier", "/t/*/contact",
        "/t/*/contact/saved", "/t/*/grantors",
    ].map { $0.split(separator: "/") }

    /// The longest address that is remembered, in bytes.
    private static let maximumLength = 200

    /// Whether a path is one of a page that a person may be brought to, whatever a link says.
    package static func isPage(_ path: String) -> Bool {
        guard path.hasPrefix("/"), !path.hasPrefix("//"), path.utf8.count <= maximumLength else { return false }
        let parts = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        return pages.contains { page in
            page.count == parts.count
                && zip(page, parts).allSatisfy { wanted, part in wanted == "*" ? isName(part) : wanted == part }
        }
    }

    /// The page that a person came from when a request to this path cannot be answered; nothing but the start is known
    /// for most.
    package static func wayBack(from path: String) -> String? {
        let parts = path.split(separator: "/").map(String.init)
        let back: String? =
            switch (parts.first, parts.count) {
            case ("dossier", 2...): contact
            case ("mandates", 2...): mandates
            case ("organisations", 4...): "\(organisations)/\(parts[1])"
            case ("organisations", 2...): organisations
            case ("t", 3...) where parts[2] == "contact": tab(parts[1], "contact")
            case ("t", 3...) where parts[2] == "open": tab(parts[1], "grantors")
            default: nil
            }
        return back.flatMap { isPage($0) ? $0 : nil }
    }

    /// Which of the texts names the way back.
    package static func wayBackName(_ path: String) -> String {
        if path.hasSuffix("/contact") { return "form" }
        if path.hasSuffix("/grantors") { return "grantors" }
        if path.hasPrefix(mandates) { return "mandates" }
        return path == organisations ? "organisations" : "organisation"
    }

    private static func isName(_ part: Substring) -> Bool {
        !part.isEmpty
            && part.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}
