package import Vocabulary

/// The data of every `<aggregate>.voided`: what was told of this aggregate is not so, and it does not exist.
///
/// A source says that after its database went back in time, of what it had told and knows no more. A reader deletes what
/// it keeps of it. What the source still knows, in another state than it told, comes as `<aggregate>.restated` with the
/// full state.
package struct VoidedState: Codable, Sendable, Hashable {
    package let id: Identifier<VoidedState>
    /// One more than the version that was told last.
    package let version: Int64

    /// Takes an aggregate back.
    package init(id: Identifier<VoidedState>, version: Int64) {
        self.id = id
        self.version = version
    }
}
