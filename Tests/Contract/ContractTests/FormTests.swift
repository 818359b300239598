import Foundation
import Testing

/// The forms of all pages, as their templates have them.
@Suite("Forms")
struct FormTests {
    @Test(
        "no form leaves it to the browser to say what is wrong: in its own language, over the next field, one at a time"
    )
    func ownWords() throws {
        var forms = 0
        for folder in ["Services", "Shared/Pages"] {
            let base = SourceTree.root.appending(path: folder).path
            for path in try FileManager.default.subpathsOfDirectory(atPath: base) where path.hasSuffix(".mustache") {
                for form in try SourceTree.text("\(folder)/\(path)").matches(of: /<form[^>]*>/) {
                    forms += 1
                    #expect(form.0.hasSuffix(" novalidate>"), "\(folder)/\(path): \(form.0)")
                }
            }
        }
        #expect(forms >= 12)
    }
}
