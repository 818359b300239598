import FoundationEssentials
import ProfileResolutionDomain
import Testing
import Vocabulary

@Suite("Who may do what in a dossier")
struct DossierAccessTests {
    private let owner = PersonID(UUID())
    private let holder = PersonID(UUID())

    @Test("every caller, action and state: allowed to whom it is due, and to nobody else")
    func table() throws {
        let physician = try #require(Profession(code: "persphysician"))
        for status in DossierStatus.allCases {
            for action in DossierAction.allCases {
                let provider = try dossier(status, function: false)
                let isOpen = status == .open
                #expect(provider.decide(action, by: .person(owner, .profession(physician))).isAllowed == isOpen)
                #expect(!provider.decide(action, by: .person(owner, .citizen)).isAllowed)
                #expect(!provider.decide(action, by: .person(holder, .profession(physician))).isAllowed)
                for type in MandateType.allCases {
                    let decision = provider.decide(action, by: .context(context(provider, type)))
                    #expect(decision.isAllowed == (isOpen && type.covers(action)))
                }
                let functionHolder = try dossier(status, function: true)
                let isContact = [.viewWelcome, .viewContact, .changeContact].contains(action)
                #expect(
                    functionHolder.decide(action, by: .person(owner, .citizen)).isAllowed == (isOpen && isContact))
            }
        }
    }

    @Test("another's dossier does not exist for her, whatever state it is in")
    func unknown() throws {
        for status in DossierStatus.allCases {
            let decision = try dossier(status, function: false).decide(.viewWelcome, by: .person(holder, .citizen))
            #expect(decision.refusal?.codes == [.dossierUnknown])
        }
    }

    @Test("a context of another tab, another dossier or another grantor opens nothing")
    func wrongContext() throws {
        let dossier = try dossier(.open, function: false)
        let other = try self.dossier(.open, function: false)
        let otherTab = context(dossier, .administrativeDossier, isOfThisTab: false)
        #expect(dossier.decide(.viewWelcome, by: .context(otherTab)).refusal?.codes == [.tokenOfOtherTab])
        let otherDossier = context(other, .administrativeDossier)
        #expect(
            dossier.decide(.changeContact, by: .context(otherDossier)).refusal?.codes == [.dossierContextMismatch])
        let otherGrantor = context(dossier, .administrativeDossier, grantor: holder)
        #expect(dossier.decide(.viewWelcome, by: .context(otherGrantor)).refusal?.codes == [.dossierContextMismatch])
    }

    @Test("a mandate that does not cover the action is named in the reason")
    func notCovered() throws {
        let dossier = try dossier(.open, function: false)
        let reason = dossier.decide(.changeContact, by: .context(context(dossier, .socialStatute))).refusal?.reasons
        #expect(reason == [Reason(.mandateDoesNotCover, facts: ["mandateType": "social-statute"])])
    }

    private func context(
        _ dossier: Dossier, _ type: MandateType, grantor: PersonID? = nil, isOfThisTab: Bool = true
    ) -> DossierContext {
        DossierContext(
            actor: holder, grantor: grantor ?? dossier.personID, dossierID: dossier.id, mandateID: MandateID(UUID()),
            mandateType: type, organisationID: nil, isOfThisTab: isOfThisTab)
    }

    private func dossier(_ status: DossierStatus, function: Bool) throws -> Dossier {
        try Samples.dossier(of: owner, status, function: function)
    }
}

@Suite("What changes a dossier")
struct DossierChangeTests {
    @Test("a delivery registers, changes what the authority is the source of, or changes nothing")
    func delivery() throws {
        let person = PersonID(UUID())
        let first = try Samples.delivery(person, .beingSetUp)
        guard case .registered(let known) = first.applied(to: nil, id: DossierID(UUID())) else {
            Issue.record("not registered")
            return
        }
        #expect(known.version == 1)
        #expect(known.contactVersion == 1)
        #expect(known.isHers)
        #expect(first.applied(to: known, id: DossierID(UUID())) == .unchanged(known))
        guard case .changed(let opened) = try Samples.delivery(person, .open).applied(to: known, id: DossierID(UUID()))
        else {
            Issue.record("not changed")
            return
        }
        #expect(opened.id == known.id)
        #expect(opened.version == 2)
        #expect(opened.contactVersion == 1)
        #expect(opened.status == .open)
    }

    @Test("a delivery does not undo what the person changed herself")
    func contactIsHers() throws {
        let person = PersonID(UUID())
        let delivery = try Samples.delivery(person, .open)
        guard case .registered(let known) = delivery.applied(to: nil, id: DossierID(UUID())) else { return }
        let moved = try #require(
            known.changing(
                to: Samples.contact(street: "Dorpsstraat 1"), seen: 1, by: .person(person, known.subject.profile)))
        #expect(delivery.applied(to: moved, id: DossierID(UUID())) == .unchanged(moved))
    }

    @Test("a dossier of a number whose person is not known under the delivered name is kept, and nobody's own")
    func waits() throws {
        let person = PersonID(UUID())
        for function in [false, true] {
            for known in [nil, "Vogel"] {
                let delivery = try Samples.delivery(person, .open, function: function, known: known)
                let outcome = delivery.applied(to: nil, id: DossierID(UUID()))
                let dossier = try #require(outcome.dossier)
                #expect(outcome == .registered(dossier) && !dossier.isHers)
                #expect(delivery.applied(to: dossier, id: DossierID(UUID())) == .unchanged(dossier))
                let owner = DossierCaller.person(person, dossier.subject.profile)
                #expect(dossier.decide(.viewWelcome, by: owner) == .refused(.dossierHidden))
                let named = try Samples.delivery(person, .open, function: function)
                let confirmed = try #require(named.applied(to: dossier, id: DossierID(UUID())).dossier)
                #expect(confirmed.isHers && confirmed.version == 1)
                #expect(confirmed.decide(.viewWelcome, by: owner).isAllowed)
            }
        }
    }

    @Test("a row that means somebody else writes nothing over; a name is put right by her recognition while it waits")
    func somebodyElse() throws {
        let person = PersonID(UUID())
        let other = "1-99902-15-004"
        func outcome(
            isHers: Bool, function: Bool = false, as name: String, riziv: String = "1-99901-16-004",
            known: String? = nil
        ) throws -> DeliveryOutcome {
            try Samples.delivery(person, .suspended, function: function, as: name, riziv: riziv, known: known)
                .applied(
                    to: try Samples.dossier(of: person, .open, function: function, isHers: isHers),
                    id: DossierID(UUID()))
        }
        #expect(try outcome(isHers: true, as: "Vogel") == .ofSomebodyElse)
        #expect(try outcome(isHers: true, as: "Vogel", riziv: other) == .ofSomebodyElse)
        #expect(try outcome(isHers: false, as: "Vogel", riziv: other) == .ofSomebodyElse)
        #expect(try outcome(isHers: true, function: true, as: "Vogel") == .ofSomebodyElse)
        #expect(try outcome(isHers: false, as: "Vogel").dossier?.isHers == false)
        #expect(try outcome(isHers: false, function: true, as: "Vogel").dossier?.isHers == false)
        #expect(try outcome(isHers: true, as: "PEETERS", riziv: other).dossier?.isHers == true)
        // She is called so now, and authentication knows it.
        #expect(try outcome(isHers: true, as: "Vogel", known: "Vogel").dossier?.isHers == true)
        #expect(try outcome(isHers: false, as: "Vogel", riziv: other, known: "Vogel").dossier?.isHers == true)
    }

    @Test("contact data changes from the version that was looked at, and the same data changes nothing")
    func contact() throws {
        let dossier = try Samples.dossier(of: PersonID(UUID()), .open, function: false)
        let owner = DossierCaller.person(dossier.personID, dossier.subject.profile)
        let changed = try #require(dossier.changing(to: Samples.contact(street: "Markt 2"), seen: 1, by: owner))
        #expect(changed.contactVersion == 2)
        #expect(changed.version == 2)
        #expect(changed.changingContact(to: changed.contact, seen: 2, by: owner) == .allowed(.unchanged(changed)))
        #expect(
            changed.changingContact(to: dossier.contact, seen: 1, by: owner)
                == .refused(Refusal(.outdated, Reason(.dossierVersionChanged))))
    }

    @Test(
        "contact data that cannot be is refused with its field",
        arguments: [
            ("", "+32 470 00 00 01", ContactError(field: .email, defect: .missing)),
            ("an.example", "+32 470 00 00 01", ContactError(field: .email, defect: .malformed)),
            ("a@b", "+32 470 00 00 01", ContactError(field: .email, defect: .malformed)),
            ("a@b@c.be", "+32 470 00 00 01", ContactError(field: .email, defect: .malformed)),
            ("a b@c.be", "+32 470 00 00 01", ContactError(field: .email, defect: .malformed)),
            ("a@c.be", "12345", ContactError(field: .phone, defect: .malformed)),
            ("a@c.be", "+32 470 00 00 0x", ContactError(field: .phone, defect: .malformed)),
            ("a@c.be", "1234567890123456", ContactError(field: .phone, defect: .malformed)),
        ])
    func contactDefects(_ email: String, _ phone: String, _ expected: ContactError) {
        #expect(throws: expected) {
            try Contact(email: email, phone: phone, street: "Markt 1", postalCode: "9000", city: "Gent")
        }
    }

    @Test("the longest text of each field is kept, one character more is not")
    func contactLimits() throws {
        let street = String(repeating: "s", count: 120)
        #expect(try Samples.contact(street: " \(street)\n").street == street)
        #expect(throws: ContactError(field: .street, defect: .tooLong)) { try Samples.contact(street: street + "s") }
        #expect(throws: ContactError(field: .street, defect: .malformed)) { try Samples.contact(street: "a\u{7}b") }
    }

    @Test("a recognition rests on a visum or a RIZIV number")
    func recognition() throws {
        #expect(Recognition(rizivNumber: nil, visum: nil) == nil)
        let visum = try #require(Visum("KIN-2026-0991"))
        #expect(
            Recognition(rizivNumber: nil, visum: IssuedVisum(number: visum, issuedOn: LocalDate(daysSinceEpoch: 0)))
                != nil)
        #expect(Employer(name: "x", enterpriseNumber: nil, rizivNumber: nil) == nil)
    }
}

/// Dossiers for tests.
private enum Samples {
    static func contact(street: String = "Lindelaan 12") throws -> Contact {
        try Contact(
            email: "an@praktijk.example", phone: "+32 470 00 00 01", street: street, postalCode: "9000", city: "Gent")
    }

    static func subject(
        function: Bool, as lastName: String = "Peeters", riziv: String = "1-99901-16-004"
    ) throws -> DossierSubject {
        let number = try RizivNumber(riziv)
        guard function else {
            return .careProvider(
                CareProvider(
                    profession: try #require(Profession(code: "persphysician")), firstName: "An", lastName: lastName,
                    recognition: try #require(Recognition(rizivNumber: number, visum: nil))))
        }
        let employer = try #require(Employer(name: "De Linde", enterpriseNumber: nil, rizivNumber: number))
        return .functionHolder(FunctionHolder(function: "director", organisation: employer))
    }

    static func delivery(
        _ person: PersonID, _ status: DossierStatus, function: Bool = false, as name: String = "Peeters",
        riziv: String = "1-99901-16-004", known: String? = "Peeters"
    ) throws -> DossierDelivery {
        DossierDelivery(
            personID: person, status: status, subject: try subject(function: function, as: name, riziv: riziv),
            contact: try contact(), lastName: try LastName(name), known: known)
    }

    static func dossier(
        of person: PersonID, _ status: DossierStatus, function: Bool, isHers: Bool = true
    ) throws -> Dossier {
        Dossier(
            id: DossierID(UUID()), personID: person, isHers: isHers, version: 1, contactVersion: 1, status: status,
            subject: try subject(function: function), contact: try contact())
    }
}

extension Dossier {
    /// The dossier with other contact data; nothing when that is refused or changes nothing.
    fileprivate func changing(to contact: Contact, seen: Int64, by caller: DossierCaller) -> Dossier? {
        guard case .allowed(.changed(let changed)) = changingContact(to: contact, seen: seen, by: caller) else {
            return nil
        }
        return changed
    }
}
