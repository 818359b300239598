import TestBasics
import Testing
import Vocabulary

/// How a typed last name is compared with the one that somebody is known by.
@Suite("Last names")
struct LastNameTests {
    @Test(
        "a name agrees however it is written",
        arguments: [
            ("Peeters", "PEETERS"), ("De Smet", "Desmet"), ("de smet", "DE SMET"), ("Van den Berghe", "VANDENBERGHE"),
            ("D'Hondt", "D’Hondt"), ("D'Hondt", "Dhondt"), ("Peeters-Janssens", "Peeters Janssens"),
            ("Peeters‐Janssens", "Peeters–Janssens"), ("Lefèvre", "LEFEVRE"), ("Le Fe\u{300}vre", "Lefèvre"),
            ("Müller", "Muller"), ("Müller", "Mueller"), ("Großmann", "GROSSMANN"), ("Sørensen", "Sorensen"),
            ("Œdipe", "Oedipe"), ("Łukasiewicz", "Lukasiewicz"), ("St. John", "St John"), ("İnce", "Ince"),
            ("  Claes ", "Claes"), ("El Amrani", "El-Amrani"), ("Ĳzerman", "IJzerman"), ("ΠΑΠΑΣ", "Παπάς"),
        ])
    func agrees(_ typed: String, _ known: String) throws {
        #expect(try LastName(typed).agrees(with: known))
        #expect(try LastName(known).agrees(with: typed))
    }

    @Test(
        "another name is another name, also without its particle or one of its parts",
        arguments: [
            ("Peeters", "Peters"), ("Berghe", "Van den Berghe"), ("Smet", "De Smet"), ("Peeters", "Peeters-Janssens"),
            ("Janssens", "Janssen"), ("Muller", "Mueller"), ("Claes", ""), ("Li", "Lin"), ("王", "李"), ("-", "-"),
            ("'", ""), ("…", "…"),
        ])
    func differs(_ typed: String, _ known: String) throws {
        #expect(try !LastName(typed).agrees(with: known))
    }

    @Test("a name has 1 to 100 characters that people read")
    func length() {
        #expect(throws: TextRule.Defect.missing) { try LastName("  ") }
        #expect(throws: TextRule.Defect.tooLong) { try LastName(String(repeating: "a", count: 101)) }
        #expect(throws: TextRule.Defect.malformed) { try LastName("Pee\u{202E}ters") }
    }

    /// A name of letters, and the same name written otherwise.
    private func name(_ random: inout SeededRandom) -> (name: String, otherwise: String) {
        let letters = Array("abcdefghijklmnopqrstuvwxyzéèêëçñåïôûüöä")
        let separators = ["", " ", "-", "'", "’", ". ", "  "]
        var (name, otherwise) = ("", "")
        for index in 0..<Int.random(in: 1...20, using: &random) {
            let letter = letters[Int.random(in: 0..<letters.count, using: &random)]
            if index > 0 {
                name += separators[Int.random(in: 0..<separators.count, using: &random)]
                otherwise += separators[Int.random(in: 0..<separators.count, using: &random)]
            }
            name.append(letter)
            var written = Bool.random(using: &random) ? letter.uppercased() : String(letter)
            if Bool.random(using: &random) { written = String(written.decomposedScalars) }
            otherwise += written
        }
        return (name, otherwise)
    }

    @Test("whatever capitals, normal form, blanks, hyphens and apostrophes it is written with, it is the same name")
    func spelling() throws {
        var random = SeededRandom(seed: 31)
        for _ in 0..<2000 {
            let (name, otherwise) = name(&random)
            #expect(try LastName(name).agrees(with: name), "\(name)")
            #expect(try LastName(name).agrees(with: otherwise), "\(name) \(otherwise)")
            #expect(try LastName(otherwise).agrees(with: name), "\(name) \(otherwise)")
        }
    }

    @Test("one letter more, less or other than an umlaut's makes another name, and it does not matter which is typed")
    func letters() throws {
        var random = SeededRandom(seed: 32)
        for _ in 0..<2000 {
            let name = String(
                (0..<Int.random(in: 2...15, using: &random)).map { _ in
                    "bcdfghjklm".randomElement(using: &random) ?? "b"
                })
            let place = Int.random(in: 0..<name.count, using: &random)
            var (more, less, other) = (Array(name), Array(name), Array(name))
            more.insert("z", at: place)
            less.remove(at: place)
            other[place] = "x"
            for changed in [more, less, other].map({ String($0) }) {
                #expect(try !LastName(name).agrees(with: changed), "\(name) \(changed)")
                #expect(try !LastName(changed).agrees(with: name), "\(name) \(changed)")
            }
        }
    }
}
