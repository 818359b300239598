@_spi(_Unicode) import Swift

extension String {
    /// The text in Unicode's normalization form C: what looks the same and is the same has the same scalars.
    ///
    /// One keyboard types é as one scalar, another as a letter and an accent.
    package var precomposed: String {
        var scalars = UnicodeScalarView()
        scalars.append(contentsOf: _nfc)
        return String(scalars)
    }

    /// The scalars of the text in Unicode's normalization form D: each letter is followed by the accents that it bears.
    package var decomposedScalars: UnicodeScalarView {
        var scalars = UnicodeScalarView()
        scalars.append(contentsOf: _nfd)
        return scalars
    }
}
