import ContractCore
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Logging
import Pages
import Testing
import Vocabulary

/// What the pages are rendered from, with a template of the test's own.
private func renderer(_ template: String, texts: [Language: String] = [:]) throws -> PageRenderer {
    try PageRenderer(
        templates: ["page": Array(template.utf8)], texts: texts.mapValues { Array($0.utf8) },
        serviceCenter: ServiceCenter(phone: "02 123 45 67", email: "help@example.test"))
}

/// The same texts in each language.
private func everywhere(_ texts: String) -> [Language: String] {
    Dictionary(uniqueKeysWithValues: Language.allCases.map { ($0, texts) })
}

private func context(_ language: Language) -> PageContext {
    PageContext(
        language: language, requestID: "r-1",
        logger: Logger(label: "pages", factory: { _ in SwiftLogNoOpLogHandler() }))
}

private func text(_ renderer: PageRenderer, _ model: [String: any Sendable]) throws -> String {
    try #require(renderer.fragment("page", model, context: context(.nl)))
}

@Suite("Pages: templates and texts") struct PagesTemplateTests {
    @Test("what a person typed is escaped wherever it is shown")
    func escaping() throws {
        let renderer = try renderer(
            "{{> heading}}{{#field}}{{> field}}{{/field}}<p>{{t.say}}</p>", texts: everywhere(#"{"say":"{name}"}"#))
        let evil = "<script>alert('\"&"
        var model = PageHeading(evil).model
        model["field"] = FormField(name: "f", label: evil, value: evil, hint: evil, error: evil).model
        let html = try text(renderer, model)
        #expect(!html.contains("<script"))
        #expect(html.contains("&lt;script&gt;alert(&#39;&quot;&amp;"))
        #expect(Catalogue.fill("{name} and {other}", with: ["name": "{other}", "other": "x"]) == "{other} and x")
    }

    @Test("a template that names a text or a partial that nobody wrote cannot be used")
    func missing() throws {
        #expect(throws: CatalogueError.self) { try renderer("{{t.nobody}}") }
        #expect(throws: CatalogueError.self) { try renderer("{{> nobody}}") }
        #expect(throws: CatalogueError.self) { try renderer("{{#open}}") }
        #expect(throws: CatalogueError.self) { try renderer("x", texts: [.nl: "[]"]) }
        let complete = everywhere(#"{"one":"1"}"#)
        _ = try renderer("{{t.one}}", texts: complete)
        for language in Language.allCases {
            let lacking = complete.filter { $0.key != language }
            #expect(throws: CatalogueError.self, "\(language)") { try renderer("{{t.one}}", texts: lacking) }
        }
    }

    @Test(
        "a page that asks for what nobody gave is not sent, wherever the name stands; what is absent is false",
        arguments: [
            "{{gone}}", "{{{gone}}}", "{{#gone}}x{{/gone}}", "{{^gone}}x{{/gone}}",
            "{{#list}}{{given}}{{gone}}{{/list}}", "{{#part}}{{> heading}}{{/part}}",
        ])
    func notGiven(_ template: String) throws {
        let renderer = try renderer(template + "{{given}}", texts: everywhere(#"{"page.title":"A page"}"#))
        var model: [String: any Sendable] = [
            "given": "here", "list": [["inner": "1"], ["inner": "2"]], "part": ["caption": false, "lead": false],
        ]
        #expect(renderer.fragment("page", model, context: context(.nl)) == nil)
        let page = renderer.page("page", model, title: "page.title", context: context(.nl))
        #expect(page.status == .internalServerError)
        #expect(page.headers[.contentType] == "text/html; charset=utf-8")
        model["gone"] = false
        model["heading"] = "A heading"
        #expect(renderer.fragment("page", model, context: context(.nl))?.hasSuffix("here") == true)
        #expect(renderer.page("page", model, title: "page.title", context: context(.nl)).status == .ok)
    }

    @Test("a component never takes a value from the page around it")
    func componentScope() throws {
        let renderer = try renderer("{{#fields}}{{> field}}{{/fields}}")
        let html = try text(
            renderer,
            [
                "error": "of the page", "hint": "of the page",
                "fields": [FormField(name: "a", label: "A").model],
            ])
        #expect(!html.contains("of the page"))
        #expect(!html.contains("aria-describedby"))
    }

    @Test("an error belongs to its field: message, description and state")
    func fieldError() throws {
        let renderer = try renderer("{{#field}}{{> field}}{{/field}}")
        let model = FormField(name: "city", label: "City", hint: "A hint", error: "Wrong").model
        let html = try text(renderer, ["field": model])
        #expect(html.contains("<label for=\"city\">City"))
        #expect(html.contains("aria-describedby=\"city-hint city-error\""))
        #expect(html.contains("aria-invalid=\"true\""))
        #expect(html.contains("id=\"city-error\""))
    }

    @Test("the first choice of a group carries the id that an error summary points at")
    func radios() throws {
        let renderer = try renderer("{{#radios}}{{> radios}}{{/radios}}")
        let group = RadioGroup(
            name: "p", legend: "As?",
            groups: [
                ChoiceGroup([Choice(value: "a", label: "A")]),
                ChoiceGroup(title: "More", [Choice(value: "b", label: "B", note: "not now", disabled: true)]),
            ], selected: "a")
        let html = try text(renderer, ["radios": group.model])
        #expect(html.contains("id=\"p-first\" name=\"p\" value=\"a\" checked>"))
        #expect(html.contains("value=\"b\" disabled aria-describedby=\"p-1-0-note\""))
        #expect(html.contains("role=\"group\" aria-labelledby=\"p-group-1\""))
    }

    @Test("the layout has what every page needs, and no script")
    func layout() throws {
        let renderer = try renderer("<p>{{name}}</p>")
        var context = context(.en)
        context.languageSwitch = "/here?x=1"
        context.signedInAs = "An & co"
        context.signOutPath = "/sign-out"
        context.csrfToken = "token"
        let response = renderer.page("page", ["name": "x"], title: "layout.product", context: context)
        #expect(response.headers[.contentType] == "text/html; charset=utf-8")
        #expect(response.headers[.cacheControl] == "no-store")
        #expect(
            response.headers[.contentSecurityPolicy]
                == "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
                + "frame-ancestors 'none'; base-uri 'none'")
    }
}

@Suite("Pages: the catalogue is complete") struct PagesCatalogueTests {
    @Test("the languages have the same keys, and the same facts in each text")
    func sameKeys() throws {
        let catalogue = try Catalogue([SharedAssets.texts])
        #expect(Set(catalogue.languages) == Set(Language.allCases))
        for language in Language.allCases {
            #expect(catalogue.keys(language) == catalogue.keys(.nl), "\(language)")
            for key in catalogue.keys(.nl) {
                let dutch = catalogue.text(key, in: .nl) ?? ""
                let text = catalogue.text(key, in: language) ?? ""
                #expect(
                    Set(text.matches(of: /\{\w+\}/).map(\.output)) == Set(dutch.matches(of: /\{\w+\}/).map(\.output)),
                    "\(key) in \(language)")
                #expect(!text.isEmpty, "\(key) in \(language)")
            }
        }
    }

    /// The names and codes of the reasons that a domain or all of them give.
    private func declaredReasons() throws -> [(name: String, code: String)] {
        let domains = try swiftFiles(under: "Services").filter { $0.contains("/Domain/") }
        return try (domains + ["Shared/Vocabulary/ReasonCode.swift"]).flatMap { file in
            try sourceText(file).matches(of: /static let (\w+) = ReasonCode\((?:rawValue: )?"([^"]+)"\)/)
                .map { (name: String($0.output.1), code: String($0.output.2)) }
        }
    }

    @Test("each declared reason is given by some service")
    func usedReasons() throws {
        let sources = try swiftFiles(under: "Services").map { try sourceText($0) }
        for (name, code) in try declaredReasons() {
            #expect(sources.contains { $0.contains(".\(name)") }, "\(code)")
        }
    }

    @Test("each reason code has its text in each language, and one place where it is declared")
    func reasons() throws {
        let codes = try declaredReasons().map(\.code)
        #expect(codes.count >= 40 && Set(codes).count == codes.count)
        let pages = ["Authentication", "ProfileResolution", "Portal"].map { "Services/\($0)/Pages" }
        for language in Language.allCases {
            let texts = try (["Shared/Pages/Assets"] + pages)
                .map { try sourceText("\($0)/texts.\(language.rawValue).json") }.joined()
            for code in codes { #expect(texts.contains("\"reason.\(code)\":"), "\(code) in \(language)") }
        }
    }

    @Test("each remedy that a service gives has its text")
    func remedies() throws {
        let renderer = try renderer("x")
        for folder in ["Services", "Shared/Vocabulary", "Shared/Web"] {
            for file in try swiftFiles(under: folder) {
                let source = try sourceText(file)
                for match in source.matches(of: /\.(wait|ask)\("([^"]+)"\)/) {
                    let key = "remedy.\(match.output.1).\(match.output.2)"
                    for language in Language.allCases {
                        #expect(renderer.hasText(key, language), "\(key) in \(language), of \(file)")
                    }
                }
            }
        }
    }

    @Test("a problem page says what happened, what was kept and what to do, for each code with texts")
    func problems() throws {
        let renderer = try renderer("x")
        let codes = ProblemCode.all.map(\.rawValue).filter { renderer.hasText("problem.\($0).title", .nl) } + ["other"]
        #expect(codes.count >= 15)
        for code in codes {
            // Where nothing can have been changed, nothing is said of it.
            let changesNothing = [ProblemCode.notFound, .methodNotAllowed].map(\.rawValue).contains(code)
            for part in ["title", "happened", "todo"] + (changesNothing ? [] : ["kept"]) {
                for language in Language.allCases {
                    #expect(renderer.hasText("problem.\(code).\(part)", language), "\(code) \(part) \(language)")
                }
            }
        }
    }

    @Test("a reason and what would change it are told in the reader's language")
    func explanation() throws {
        let renderer = try renderer("x")
        let texts = renderer.texts(
            of: [
                Reason(.dossierBeingSetUp, remedy: .wait("dossier-set-up")),
                Reason(.factsUnknown, remedy: .useStrongerKey(.level450)), Reason(ReasonCode(rawValue: "new.code")),
            ], in: .en)
        #expect(texts[0].text.contains("some days"))
        #expect(texts[1].remedy?.contains("eID card reader, itsme, European") == true)
        #expect(texts[2].text.contains("new.code"))
    }

    private func sourceText(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: root + "/" + path)), as: UTF8.self)
    }

    private func swiftFiles(under folder: String) throws -> [String] {
        let base = root + "/" + folder
        return try FileManager.default.subpathsOfDirectory(atPath: base).filter { $0.hasSuffix(".swift") }
            .map { folder + "/" + $0 }
    }

    /// The root of the repository.
    private var root: String {
        #filePath.split(separator: "/").dropLast(4).reduce("") { "\($0)/\($1)" }
    }
}
