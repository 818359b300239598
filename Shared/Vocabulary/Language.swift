/// The languages in which the suite speaks.
package enum Language: String, CaseIterable, Hashable, Sendable, Codable { case nl, fr, de, en }

/// The name of something in each language.
package struct LocalisedName: Hashable, Sendable {
    package let nl: String
    package let fr: String
    package let de: String
    package let en: String

    package init(nl: String, fr: String, de: String, en: String) {
        self.nl = nl
        self.fr = fr
        self.de = de
        self.en = en
    }

    package subscript(language: Language) -> String {
        switch language {
        case .nl: nl
        case .fr: fr
        case .de: de
        case .en: en
        }
    }
}

/// The key by which names are put in the order of a dictionary: letter case and the accents of our languages are
/// left out of account.
package func collationKey(_ name: String) -> String {
    var key = ""
    key.reserveCapacity(name.utf8.count)
    for character in name.lowercased() { key += accents[character] ?? String(character) }
    return key
}

private let accents: [Character: String] = {
    let groups = [
        "a": "àáâäãå", "c": "ç", "e": "èéêë", "i": "ìíîï", "n": "ñ", "o": "òóôöõø", "u": "ùúûü", "y": "ýÿ", "ss": "ß",
        "ae": "æ", "oe": "œ",
    ]
    var table: [Character: String] = [:]
    for (plain, accented) in groups { for character in accented { table[character] = plain } }
    return table
}()
