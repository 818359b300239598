package import ContractCore
package import HTTPTypes
package import Hummingbird
package import Vocabulary

/// A box that says why, and what the reader can do, for the partial `explanation`.
package struct Explanation: PageComponent {
    /// How the box looks.
    package enum Tone: String, Sendable { case info, right, warn, wrong }

    /// One reason in the reader's language.
    package struct ReasonText: Sendable {
        /// The stable code, kept in the page for whoever helps the reader.
        package let code: String
        /// What the case is.
        package let text: String
        /// What would change it and who can do that.
        package let remedy: String?
    }

    package let model: [String: any Sendable]

    /// - Parameters:
    ///   - id: unique on the page.
    ///   - alert: whether screen readers are told at once; for something that just happened.
    package init(
        id: String = "explanation", title: String, tone: Tone = .info, paragraphs: [String] = [],
        reasons: [ReasonText] = [], alert: Bool = false
    ) {
        model = [
            "id": id, "title": title, "tone": tone.rawValue, "alert": alert, "paragraphs": paragraphs,
            "reasons": reasons.map { reason -> [String: any Sendable] in
                ["code": reason.code, "text": reason.text, "remedy": reason.remedy.orAbsent]
            },
        ]
    }
}

extension PageRenderer {
    /// The reasons of a refusal as the reader gets to read them.
    package func texts(of reasons: [Reason], in language: Language) -> [Explanation.ReasonText] {
        reasons.map { reason in
            Explanation.ReasonText(
                code: reason.code.rawValue, text: text(of: reason, in: language),
                remedy: reason.remedy.map { text(of: $0, facts: reason.facts, in: language) })
        }
    }

    /// What the case is: the text of the code with the reason's facts in it, its general form when a fact is not known,
    /// or the general text with the code in it for a code without one.
    package func text(of reason: Reason, in language: Language) -> String {
        text("reason.\(reason.code.rawValue)", reason.facts, in: language)
            ?? text("reason.other", ["code": reason.code.rawValue], language)
    }

    /// What would change a refusal.
    ///
    /// - Parameter facts: those of the reason that it belongs to.
    package func text(of remedy: Remedy, facts: [String: String] = [:], in language: Language) -> String {
        switch remedy {
        case .wait(let subject):
            text("remedy.wait.\(subject)", facts, in: language) ?? text("remedy.wait", [:], language)
        case .ask(let subject):
            text("remedy.ask.\(subject)", facts, in: language) ?? text("remedy.ask", [:], language)
        case .useStrongerKey(let acr):
            text("remedy.use-stronger-key", ["keys": keys(reaching: acr, in: language)], language)
        case .chooseAnotherProfile: text("remedy.choose-another-profile", [:], language)
        case .signInAgain: text("remedy.sign-in-again", [:], language)
        }
    }

    /// The text of a key when all its facts are known, else its form without facts (`….general`).
    private func text(_ key: String, _ facts: [String: String], in language: Language) -> String? {
        catalogue.wholeText(key, FactTexts.written(facts, in: language, civil: civil), in: language)
            ?? catalogue.wholeText("\(key).general", [:], in: language)
    }

    private func keys(reaching level: Acr, in language: Language) -> String {
        DigitalKey.allCases.filter { $0.level >= level }.map { text("key.\($0.rawValue)", [:], language) }
            .joined(separator: ", ")
    }

    /// A page for something that went wrong: what happened, what was kept, what to do, and the request's number.
    ///
    /// - Parameters:
    ///   - reasons: why, when it is a refusal.
    ///   - status: another status than the code's own.
    ///   - kept: the key of a text that says what was kept, where the code's own would be untrue.
    package func problem(
        _ code: ProblemCode, reasons: [Reason] = [], context: PageContext, status: HTTPResponse.Status? = nil,
        kept: String? = nil
    ) -> Response {
        let language = context.language
        let base = hasText("problem.\(code.rawValue).title", language) ? code.rawValue : "other"
        var model = PageHeading(
            text("problem.\(base).title", [:], language), lead: text("problem.\(base).happened", [:], language)
        ).model
        model["kept"] = catalogue.text(kept ?? "problem.\(base).kept", in: language).orAbsent
        model["whatToDo"] = text("problem.\(base).todo", [:], language)
        let title = text("explanation.title", [:], language)
        model["explanation"] =
            reasons.isEmpty
            ? false as any Sendable
            : Explanation(title: title, tone: .wrong, reasons: texts(of: reasons, in: language)).model
        let back = context.wayBack.map { PageButton($0.label, href: $0.href, kind: .primary) }
        let home = context.homePath.map { path in
            PageButton(text("problem.home", [:], language), href: path, kind: back == nil ? .primary : .secondary)
        }
        model["buttons"] = [back, home].compactMap(\.self).map(\.model)
        return page(
            "problem", model, title: "problem.\(base).title", context: context,
            status: status ?? HTTPResponse.Status(code: code.status))
    }
}
