import ContractCore
package import HTTPTypes
package import Hummingbird
import Logging
import Mustache
import NIOCore
package import Vocabulary

/// How a reader reaches the Service Center; the footer and the problem pages show what is configured.
package struct ServiceCenter: Sendable {
    /// A telephone number as it is read, or nothing.
    package let phone: String?
    /// An e-mail address, or nothing.
    package let email: String?

    /// Names the ways to reach the Service Center.
    package init(phone: String? = nil, email: String? = nil) {
        self.phone = phone
        self.email = email
    }
}

/// Turns a template and a model into a complete page: layout, texts, security headers.
///
/// A template names its texts as `{{t.some.key}}`; each such key must exist in every language that there are texts of,
/// and each partial must exist, or the renderer cannot be made. Facts in braces are filled from the text and number
/// values of the model's first level.
///
/// Every other name of a template must be given, `false` for what is absent: a page that asks for what nobody gave is
/// logged and not sent, so that nothing is missing from a page unseen.
package struct PageRenderer: Sendable {
    let catalogue: Catalogue
    let library: MustacheLibrary
    let serviceCenter: ServiceCenter
    let civil: CivilTime
    /// The stylesheet and the icon, by path.
    package let assets: Assets

    /// Builds a renderer from a service's own templates and texts, on top of the shared ones.
    ///
    /// - Parameters:
    ///   - templates: mustache text by template name (`welcome`, not `welcome.mustache`).
    ///   - civil: which day a page says it was at an instant.
    ///   - product: what the portal is called; every text may name it as `{product}`.
    /// - Throws: ``CatalogueError`` for a template that cannot be parsed or that names a text or partial nobody wrote.
    package init(
        templates: [String: [UInt8]], texts: [Language: [UInt8]], product: ProductName = .standard,
        serviceCenter: ServiceCenter = ServiceCenter(), civil: CivilTime = .universal
    ) throws {
        let all = SharedAssets.templates.merging(templates) { _, own in own }
        let catalogue = try Catalogue([SharedAssets.texts, texts], product: product)
        var library = MustacheLibrary()
        for (name, bytes) in all {
            let text = String(decoding: bytes, as: UTF8.self)
            try TemplateCheck(name: name, text: text).check(catalogue: catalogue, templates: Set(all.keys))
            do {
                try library.register(text, named: name)
            } catch {
                throw CatalogueError(description: "template \(name) cannot be read: \(error)")
            }
        }
        self.catalogue = catalogue
        self.library = library
        self.serviceCenter = serviceCenter
        self.civil = civil
        self.assets = Assets()
    }

    /// The languages a reader can choose.
    package var languages: [Language] { catalogue.languages }

    /// A text of the catalogue with its facts; the key in brackets when nobody wrote it.
    package func text(_ key: String, _ facts: [String: String] = [:], _ language: Language) -> String {
        catalogue.text(key, facts, in: language) ?? "[\(key)]"
    }

    /// Whether the catalogue has a text for the key in this language.
    package func hasText(_ key: String, _ language: Language) -> Bool {
        catalogue.text(key, in: language) != nil
    }

    /// Renders a page with the layout around it.
    ///
    /// - Parameters:
    ///   - template: the template's name.
    ///   - model: values for the template, all of them; one that is absent is `false`, never an empty text.
    ///   - key: the catalogue key of the page's title.
    package func page(
        _ template: String, _ model: [String: any Sendable] = [:], title key: String, context: PageContext,
        status: HTTPResponse.Status = .ok
    ) -> Response {
        guard let main = fragment(template, model, context: context) else { return incomplete(template, context) }
        let facts = Self.facts(model)
        let outer = layoutModel(
            title: text(key, facts, context.language), failed: model["errors"] is [String: any Sendable], main: main,
            texts: TextNode(catalogue: catalogue, language: context.language, facts: facts), context: context)
        guard let html = render("layout", outer, context) else { return incomplete(template, context) }
        var headers = SecurityHeaders.forPage(formTargets: context.formTargets)
        headers[.contentType] = "text/html; charset=utf-8"
        headers[.contentLanguage] = context.language.rawValue
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: html)))
    }

    /// What is sent in place of a page that lacks something: that something went wrong, and its reference.
    private func incomplete(_ template: String, _ context: PageContext) -> Response {
        template == "problem" ? Response(status: .internalServerError) : problem(.internalError, context: context)
    }

    /// What a template makes of a model, without the layout; nothing when there is no such template, or when it asks for
    /// what the model does not have.
    package func fragment(_ template: String, _ model: [String: any Sendable], context: PageContext) -> String? {
        var inner = model
        inner["t"] = TextNode(catalogue: catalogue, language: context.language, facts: Self.facts(model))
        inner["csrf"] = context.csrfToken
        inner["reference"] = context.reference
        inner["serviceCenter"] = serviceCenterModel
        return render(template, inner, context)
    }

    private func render(_ template: String, _ values: [String: any Sendable], _ context: PageContext) -> String? {
        let values = PageValues(values)
        let html = library.render(values, withTemplate: template)
        guard values.missing.isEmpty else {
            context.logger.error(
                "A page was not sent since it lacks a value",
                metadata: ["template": "\(template)", "values": "\(values.missing.sorted())"])
            return nil
        }
        return html
    }

    private static func facts(_ model: [String: any Sendable]) -> [String: String] {
        model.compactMapValues { value in
            switch value {
            case let text as String: text
            case let number as Int: String(number)
            default: nil
            }
        }
    }

    private var serviceCenterModel: [String: any Sendable] {
        [
            "phone": serviceCenter.phone.orAbsent,
            "phoneLink": serviceCenter.phone.map { $0.filter { $0.isNumber || $0 == "+" } }.orAbsent,
            "email": serviceCenter.email.orAbsent,
        ]
    }

    private func layoutModel(title: String, failed: Bool, main: String, texts: TextNode, context: PageContext)
        -> [String: any Sendable]
    {
        let switches: [[String: any Sendable]] =
            context.languageSwitch.map { target in
                languages.map { language in
                    [
                        "code": language.rawValue, "name": text("language.\(language.rawValue)", language),
                        "current": language == context.language,
                        "href": LanguageChoice.link(to: target, language: language),
                    ]
                }
            } ?? []
        return [
            "t": texts, "title": title, "failed": failed, "main": main, "language": context.language.rawValue,
            "stylesheet": assets.stylesheetPath, "icon": assets.iconPath, "languages": switches,
            "hasLanguages": switches.count > 1, "signedInAs": context.signedInAs.orAbsent,
            "signOut": context.signOutPath.orAbsent, "home": context.homePath.orAbsent, "csrf": context.csrfToken,
            "workingAs": context.workingAs.orAbsent, "changeProfile": context.changeProfilePath.orAbsent,
            "hasNavigation": !context.navigation.isEmpty,
            "navigation": context.navigation.map { ["label": $0.label, "href": $0.href] },
            "asOf": context.asOf.orAbsent, "serviceCenter": serviceCenterModel,
        ]
    }

    private func text(_ key: String, _ language: Language) -> String { text(key, [:], language) }
}

/// The values of a page, which notes each name that is asked for and that nobody gave.
///
/// A template looks a name up from the innermost value outwards. This is the outermost: what is not here is nowhere.
private final class PageValues: MustacheParent {
    private let values: [String: any Sendable]
    private(set) var missing: Set<String> = []

    init(_ values: [String: any Sendable]) {
        self.values = values
    }

    func child(named name: String) -> Any? {
        if let value = values[name] { return value }
        missing.insert(name)
        return nil
    }
}
