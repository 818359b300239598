/// Takes out of a text for the log what must never stand there: national numbers, tokens, codes and query strings.
///
/// It is the last fence, not the first: callers do not log such things. It looks at shapes, so a number of eleven
/// digits that is no national number goes as well.
package enum Redaction {
    /// The text with each such part replaced by a word that says what stood there.
    package static func redact(_ text: String) -> String {
        var bytes = Array(text.utf8)
        guard bytes.contains(where: { isDigit($0) }) || bytes.count >= 32 else { return text }
        bytes = replaceQueryStrings(bytes)
        bytes = replaceNationalNumbers(bytes)
        bytes = replaceTokens(bytes)
        bytes = replaceCodes(bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether a metadata key names a secret, so that its value is not written whatever it looks like.
    ///
    /// It is asked for each key of each line, so it compares bytes: `String.contains` took an eighth of a request.
    package static func isSecret(key: String) -> Bool {
        let lowered = key.utf8.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
        return secretKeys.contains(lowered) || secretWords.contains { contains(lowered, $0) }
    }

    private static let secretKeys: Set<[UInt8]> = [Array("code".utf8), Array("state".utf8)]
    private static let secretWords = [
        "password", "secret", "token", "nationalnumber", "authorization", "cookie", "assertion", "verifier",
    ].map { Array($0.utf8) }

    private static func contains(_ bytes: [UInt8], _ word: [UInt8]) -> Bool {
        guard bytes.count >= word.count else { return false }
        return (0...(bytes.count - word.count)).contains { start in
            word.indices.allSatisfy { bytes[start + $0] == word[$0] }
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    // MARK: National numbers

    /// Runs of eleven digits, also with one separator between digits as in 85.07.30-033.28, that touch no letter.
    private static func replaceNationalNumbers(_ bytes: [UInt8]) -> [UInt8] {
        let separators = Set(" .-/".utf8)
        return replaceRuns(bytes, start: isDigit) { index in
            var digits = 0
            var end = index
            var lastDigitEnd = index
            while end < bytes.count {
                if isDigit(bytes[end]) {
                    digits += 1
                    lastDigitEnd = end + 1
                } else if !(separators.contains(bytes[end]) && end + 1 < bytes.count && isDigit(bytes[end + 1])) {
                    break
                }
                end += 1
            }
            let touchesLetter =
                (index > 0 && isLetter(bytes[index - 1]))
                || (lastDigitEnd < bytes.count && isLetter(bytes[lastDigitEnd]))
            return (lastDigitEnd, digits == 11 && !touchesLetter ? "[national number]" : nil)
        }
    }

    // MARK: Tokens

    /// Runs of base64url that look random, and whole JWTs; ids (UUIDs, hexadecimal traces) stay.
    private static func replaceTokens(_ bytes: [UInt8]) -> [UInt8] {
        let isTokenByte = { (byte: UInt8) in
            isDigit(byte) || isLetter(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
        }
        return replaceRuns(bytes, start: isTokenByte) { index in
            var end = index
            while end < bytes.count, isTokenByte(bytes[end]) { end += 1 }
            // A JWT is three such runs with dots between; its second and third part go with the first.
            let jwt = Array("eyJ".utf8)
            if bytes[index..<end].starts(with: jwt), end - index >= 10 {
                while end + 1 < bytes.count, bytes[end] == UInt8(ascii: "."), isTokenByte(bytes[end + 1]) {
                    end += 1
                    while end < bytes.count, isTokenByte(bytes[end]) { end += 1 }
                }
                return (end, "[token]")
            }
            return (end, looksRandom(bytes[index..<end]) ? "[token]" : nil)
        }
    }

    private static func looksRandom(_ run: ArraySlice<UInt8>) -> Bool {
        guard run.count >= 32 else { return false }
        let lower = run.contains { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
        let upper = run.contains { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
        return lower && upper && (run.contains(where: isDigit) || run.count >= 40)
    }

    // MARK: Codes

    /// Six to eight digits shortly after the word "code".
    private static func replaceCodes(_ bytes: [UInt8]) -> [UInt8] {
        let word = Array("code".utf8)
        return replaceRuns(bytes, start: isDigit) { index in
            var end = index
            while end < bytes.count, isDigit(bytes[end]) { end += 1 }
            let before = bytes[max(0, index - 12)..<index].map { $0 | 0x20 }
            let named = before.count >= 4 && (0...(before.count - 4)).contains { before[$0...].starts(with: word) }
            return (end, (6...8).contains(end - index) && named ? "[code]" : nil)
        }
    }

    // MARK: Query strings

    /// What follows a question mark in something that looks like an address.
    private static func replaceQueryStrings(_ bytes: [UInt8]) -> [UInt8] {
        let isBlank = { (byte: UInt8) in byte <= 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: ")") }
        return replaceRuns(bytes, start: { $0 == UInt8(ascii: "?") }) { index in
            var end = index + 1
            var assigns = false
            while end < bytes.count, !isBlank(bytes[end]) {
                assigns = assigns || bytes[end] == UInt8(ascii: "=")
                end += 1
            }
            return (end, assigns ? "?[query]" : nil)
        }
    }

    /// Walks over the bytes; where a run starts, `measure` says where it ends and what replaces it.
    private static func replaceRuns(
        _ bytes: [UInt8], start: (UInt8) -> Bool, measure: (Int) -> (end: Int, replacement: String?)
    ) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            guard start(bytes[index]) else {
                result.append(bytes[index])
                index += 1
                continue
            }
            let (end, replacement) = measure(index)
            if let replacement {
                result.append(contentsOf: replacement.utf8)
            } else {
                result.append(contentsOf: bytes[index..<end])
            }
            index = end
        }
        return result
    }
}
