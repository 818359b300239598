package import Vocabulary

/// When a signing key is published, signs, and is forgotten.
package struct SigningKeyTimes: Hashable, Sendable {
    package let id: String
    /// From when on clients can find it.
    package let publishedAt: Instant
    /// From when on it signs, until the next key does.
    package let signsFrom: Instant

    package init(id: String, publishedAt: Instant, signsFrom: Instant) {
        self.id = id
        self.publishedAt = publishedAt
        self.signsFrom = signsFrom
    }
}

/// The rotation of signing keys: one signs, the next is published ahead of its turn, the last stays published until
/// nothing that it signed is accepted any more.
package struct SigningKeySchedule: Hashable, Sendable {
    /// How long a key signs.
    package let period: Duration
    /// How long a key is published before it signs; longer than anybody caches the key set.
    package let lead: Duration
    /// How long a key stays published after the next took over; longer than any signed token lasts.
    package let retention: Duration

    package init(
        period: Duration = .seconds(30 * 86400), lead: Duration = .seconds(86400),
        retention: Duration = .seconds(86400)
    ) {
        self.period = period
        self.lead = lead
        self.retention = retention
    }

    /// The key that signs now: of those whose turn has come, the latest.
    package func active(of keys: [SigningKeyTimes], at now: Instant) -> SigningKeyTimes? {
        keys.filter { $0.signsFrom <= now }.max { ($0.signsFrom, $0.id) < ($1.signsFrom, $1.id) }
    }

    /// The keys that clients must know: the active one, those to come, and those that retired a short while ago.
    package func published(of keys: [SigningKeyTimes], at now: Instant) -> [SigningKeyTimes] {
        keys.filter { key in
            guard let successor = successor(of: key, among: keys) else { return true }
            return now < successor.signsFrom.adding(retention)
        }
    }

    /// From when on a key that is made now would sign; `nil` when none is needed yet.
    ///
    /// The first key signs at once, since nobody can have cached a key set without it.
    package func turnOfNewKey(among keys: [SigningKeyTimes], at now: Instant) -> Instant? {
        guard let latest = keys.max(by: { $0.signsFrom < $1.signsFrom }) else { return now }
        let turn = latest.signsFrom.adding(period)
        guard now >= turn.adding(.zero - lead) else { return nil }
        return max(turn, now.adding(lead))
    }

    private func successor(of key: SigningKeyTimes, among keys: [SigningKeyTimes]) -> SigningKeyTimes? {
        keys.filter { ($0.signsFrom, $0.id) > (key.signsFrom, key.id) }
            .min { ($0.signsFrom, $0.id) < ($1.signsFrom, $1.id) }
    }
}
