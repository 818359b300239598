/// A last name that somebody typed, or an authority delivered, beside a number.
package struct LastName: Hashable, Sendable {
    /// As it was written, without the white space around it.
    package let text: String

    /// Takes a name; throws what is wrong with it, see `TextRule.personName`.
    package init(_ text: String) throws(TextRule.Defect) {
        self.text = try TextRule.personName.read(text)
    }

    /// Whether it is the name that somebody is known by, however the two are written.
    ///
    /// What may differ: capitals, accents, composed or decomposed letters (NFC, NFD), ligatures, and all that stands
    /// between letters, so that `Van den Berghe` agrees with `VANDENBERGHE`, `D’Hondt` with `dhondt` and
    /// `Peeters-Janssens` with `Peeters Janssens`. `ü` agrees with `u` and with `ue`, as both are how it is typed where
    /// there is no such key. Every letter counts, those of particles and of each part of a double name too: `Berghe` is
    /// another name than `Van den Berghe`. A name without a letter agrees with none.
    package func agrees(with known: String) -> Bool {
        !Self.spellings(of: text).isDisjoint(with: Self.spellings(of: known))
    }

    /// The letters and digits of a name, without what may differ: once with accents left out, once with them written out.
    private static func spellings(of name: String) -> Set<String> {
        let name = name.precomposed.lowercased()
        var spelled = Set<String>()
        for umlauts in [[:], ["ä": "ae", "ö": "oe", "ü": "ue"]] as [[Unicode.Scalar: String]] {
            let written = name.precomposed.unicodeScalars.map { umlauts[$0] ?? String($0) }.joined()
            let letters = bare(written)
            if !letters.isEmpty { spelled.insert(letters) }
        }
        return spelled
    }

    private static func bare(_ name: String) -> String {
        var letters = ""
        for scalar in name.decomposedScalars {
            switch scalar.properties.generalCategory {
            case .nonspacingMark, .enclosingMark: continue
            default: break
            }
            if let written = writtenOut[scalar] {
                letters += written
            } else if scalar.properties.isAlphabetic || scalar.properties.numericType == .decimal {
                letters.unicodeScalars.append(scalar)
            }
        }
        return letters
    }

    /// Letters that have no accent to leave out and that few keyboards have.
    private static let writtenOut: [Unicode.Scalar: String] = [
        "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ı": "i", "ħ": "h",
        "ĳ": "ij",
        "ς": "σ",
    ]
}
