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

    /// A page of a tab, such as `dossier`.
    package static func tab(_ handle: String, _ page: String) -> String { "/t/\(handle)/\(page)" }
}
