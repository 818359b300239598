extension Profession {
    /// All professions, in the order of the reference table.
    package static let catalogue: [Profession] = medical + pharmaceutical + nursing + paramedical + technical + other

    private static let medical: [Profession] = [
        Profession("persphysician", nl: "Arts", fr: "Médecin", de: "Arzt", en: "Physician"),
        Profession("persdentist", nl: "Tandarts", fr: "Dentiste", de: "Zahnarzt", en: "Dentist"),
        Profession(
            "persclinicalpsychologist", nl: "Klinisch psycholoog", fr: "Psychologue clinicien",
            de: "Klinischer Psychologe", en: "Clinical psychologist"),
        Profession(
            "persclinicalorthopedagogist", nl: "Klinisch orthopedagoog", fr: "Orthopédagogue clinicien",
            de: "Klinischer Heilpädagoge", en: "Clinical remedial educationalist"),
        Profession("perspsychologist", nl: "Psycholoog", fr: "Psychologue", de: "Psychologe", en: "Psychologist"),
    ]

    private static let pharmaceutical: [Profession] = [
        Profession("perspharmacist", nl: "Apotheker", fr: "Pharmacien", de: "Apotheker", en: "Pharmacist"),
        Profession(
            "perspharmacistclinicalbiologist", nl: "Apotheker-bioloog", fr: "Pharmacien-biologiste",
            de: "Apotheker-Biologe", en: "Pharmacist-biologist"),
        Profession(
            "pershospitalpharmacist", nl: "Ziekenhuisapotheker", fr: "Pharmacien hospitalier",
            de: "Krankenhausapotheker", en: "Hospital pharmacist"),
        Profession(
            "perspharmacyassistant", nl: "Farmaceutisch-technisch assistent", fr: "Assistant en pharmacie",
            de: "Pharmazeutisch-technischer Assistent", en: "Pharmacy assistant"),
    ]

    private static let nursing: [Profession] = [
        Profession("persnurse", nl: "Verpleegkundige", fr: "Infirmier", de: "Krankenpfleger", en: "Nurse"),
        Profession("persmidwife", nl: "Vroedvrouw", fr: "Sage-femme", de: "Hebamme", en: "Midwife"),
        Profession(
            "perspracticalnurse", nl: "Zorgkundige", fr: "Aide-soignant", de: "Pflegehelfer", en: "Care assistant"),
    ]

    private static let paramedical: [Profession] = [
        Profession(
            "persphysiotherapist", nl: "Kinesitherapeut", fr: "Kinésithérapeute", de: "Kinesitherapeut",
            en: "Physiotherapist"),
        Profession("perslogopedist", nl: "Logopedist", fr: "Logopède", de: "Logopäde", en: "Speech therapist"),
        Profession(
            "persaudician", nl: "Audicien", fr: "Audicien", de: "Hörgeräteakustiker", en: "Hearing aid audiologist"),
        Profession("persaudiologist", nl: "Audioloog", fr: "Audiologue", de: "Audiologe", en: "Audiologist"),
        Profession("persdietician", nl: "Diëtist", fr: "Diététicien", de: "Diätassistent", en: "Dietician"),
        Profession(
            "persoccupationaltherapist", nl: "Ergotherapeut", fr: "Ergothérapeute", de: "Ergotherapeut",
            en: "Occupational therapist"),
        Profession("perspodologist", nl: "Podoloog", fr: "Podologue", de: "Podologe", en: "Podiatrist"),
        Profession("persorthoptist", nl: "Orthoptist", fr: "Orthoptiste", de: "Orthoptist", en: "Orthoptist"),
        Profession("persoptometrist", nl: "Optometrist", fr: "Optométriste", de: "Optometrist", en: "Optometrist"),
        Profession(
            "persoraldentalhygienist", nl: "Mondhygiënist", fr: "Hygiéniste bucco-dentaire", de: "Dentalhygieniker",
            en: "Dental hygienist"),
        Profession(
            "persdiabeticeducator", nl: "Diabeteseducator", fr: "Éducateur en diabétologie", de: "Diabetesberater",
            en: "Diabetes educator"),
    ]

    private static let technical: [Profession] = [
        Profession("persoptician", nl: "Opticien", fr: "Opticien", de: "Augenoptiker", en: "Optician"),
        Profession(
            "persorthopedist", nl: "Orthopedist", fr: "Orthopédiste", de: "Orthopädieschuhmacher", en: "Orthopaedist"),
        Profession("persorthotist", nl: "Orthesist", fr: "Orthésiste", de: "Orthetiker", en: "Orthotist"),
        Profession("perstrussmaker", nl: "Bandagist", fr: "Bandagiste", de: "Bandagist", en: "Truss maker"),
        Profession("persprothesist", nl: "Prothesist", fr: "Prothésiste", de: "Prothetiker", en: "Prosthetist"),
        Profession(
            "persimplantprovider", nl: "Verstrekker van implantaten", fr: "Fournisseur d'implants",
            de: "Implantatlieferant", en: "Implant supplier"),
        Profession(
            "perslabtechnologist", nl: "Medisch laboratoriumtechnoloog", fr: "Technologue de laboratoire médical",
            de: "Medizinisch-technischer Laborassistent", en: "Medical laboratory technologist"),
        Profession(
            "persmedicalimaging", nl: "Technoloog medische beeldvorming", fr: "Technologue en imagerie médicale",
            de: "Technologe für medizinische Bildgebung", en: "Medical imaging technologist"),
    ]

    private static let other: [Profession] = [
        Profession(
            "persambulancedriver", nl: "Hulpverlener-ambulancier", fr: "Secouriste-ambulancier",
            de: "Rettungssanitäter",
            en: "Ambulance attendant"),
        Profession(
            "perspatientdriver", nl: "Ziekenvervoerder", fr: "Transporteur de patients", de: "Krankentransporteur",
            en: "Patient transport driver"),
        Profession(
            "perssocialworker", nl: "Maatschappelijk werker", fr: "Assistant social", de: "Sozialarbeiter",
            en: "Social worker"),
        Profession(
            "persadministrative", nl: "Administratieve medewerker", fr: "Personnel administratif",
            de: "Verwaltungsmitarbeiter", en: "Administrative employee"),
    ]
}
