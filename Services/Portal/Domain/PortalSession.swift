package import Vocabulary

/// A browser's session at this portal; the identity provider's session has another id.
package enum PortalSession {}

package typealias PortalSessionID = Identifier<PortalSession>
