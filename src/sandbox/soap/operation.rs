//! The operations of the service: their names, parameters and results. Both the dispatch and the WSDL are
//! made from this table. One more operation is one more row, one more variant, and its arm in `super::perform`.

/// An operation that is played here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    IsAlive,
    LesenKunde,
    AnlegenKunde,
    AendernKunde,
    LoeschenKunde,
    Anlegen(Create),
    Aktivieren(Paid),
    LesenKassenzeichenInfo,
    LesenTransaktion,
    ListeZahlungseingaenge,
    BestaetigenZahlungseingaenge,
    LeseBankverbindung,
}

/// What a create call makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Create {
    /// A Kassenzeichen for the paypage, with one method or with whatever fits.
    One,
    /// The same with a list of methods.
    Many,
    /// A transfer before delivery.
    Before,
    /// A transfer after delivery.
    After,
}

/// How an activation names the method that was paid with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Paid {
    /// In `typZahlung`.
    Told,
    /// By its own name.
    By(&'static str),
}

/// What an operation answers with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Ergebnis,
    Kunde,
    Liste,
    Info,
    Zahlungseingaenge,
    Bankverbindung,
}

impl Shape {
    /// Its type in the service's namespace.
    pub(super) const fn kind(self) -> &'static str {
        match self {
            Self::Ergebnis => "Ergebnis",
            Self::Kunde => "KundenErgebnis",
            Self::Liste => "BuchungsListeErgebnis",
            Self::Info => "KassenzeichenInfoErgebnis",
            Self::Zahlungseingaenge => "Zahlungseingaenge",
            Self::Bankverbindung => "BankverbindungErgebnis",
        }
    }
}

/// A row of the table.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: &'static str,
    pub(super) operation: Operation,
    /// Name and type, in order. A type is one of XML Schema (`xsd:`), of the service (`ep:`), or an array
    /// (`list:`) of texts.
    pub(super) parameters: &'static [(&'static str, &'static str)],
    pub(super) shape: Shape,
}

impl Entry {
    /// It is one of those that an older server does not have.
    pub(super) fn is_mit_blp(&self) -> bool {
        self.name.ends_with("MitBLP")
    }
}

/// The operation of this name, the case of its first letter aside.
pub(super) fn find(name: &str) -> Option<&'static Entry> {
    let same = |known: &str| {
        known.get(1..) == name.get(1..)
            && known
                .get(..1)
                .zip(name.get(..1))
                .is_some_and(|(one, other)| one.eq_ignore_ascii_case(other))
    };
    OPERATIONS.iter().find(|entry| same(entry.name))
}

/// Whether ePayBL has an operation of this name that is not played here.
pub(super) fn is_known_elsewhere(name: &str) -> bool {
    NOT_PLAYED.contains(&name)
}

const MANDANT: (&str, &str) = ("mandantNr", "xsd:string");
const BEWIRTSCHAFTER: (&str, &str) = ("bewirtschafterNr", "xsd:string");
const KUNDE: (&str, &str) = ("kunde", "ep:Kunde");
const KUNDEN_NR: (&str, &str) = ("eShopKundenNr", "xsd:string");
const LISTE: (&str, &str) = ("buchungsListe", "ep:BuchungsListe");
const LIEFER: (&str, &str) = ("lieferAdresse", "ep:LieferAdresse");
const TEXT: (&str, &str) = ("buchungsText", "xsd:string");
const METHODS: (&str, &str) = ("zahlverfahrenListe", "list:string");
const BLP: (&str, &str) = ("buchungslisteParameterSet", "ep:BuchungsListeParameterSet");
const WID: (&str, &str) = ("wId", "xsd:string");
const PSP: (&str, &str) = ("saferpayReferenzID", "xsd:string");

/// All that is played.
pub(super) const OPERATIONS: &[Entry] = &[
    Entry {
        name: "isAlive",
        operation: Operation::IsAlive,
        parameters: &[MANDANT],
        shape: Shape::Ergebnis,
    },
    Entry {
        name: "lesenKunde",
        operation: Operation::LesenKunde,
        parameters: &[MANDANT, KUNDE],
        shape: Shape::Kunde,
    },
    Entry {
        name: "anlegenKunde",
        operation: Operation::AnlegenKunde,
        parameters: &[MANDANT, BEWIRTSCHAFTER, KUNDE],
        shape: Shape::Kunde,
    },
    Entry {
        name: "aendernKunde",
        operation: Operation::AendernKunde,
        parameters: &[MANDANT, BEWIRTSCHAFTER, KUNDE],
        shape: Shape::Kunde,
    },
    Entry {
        name: "loeschenKunde",
        operation: Operation::LoeschenKunde,
        parameters: &[MANDANT, BEWIRTSCHAFTER, ("EShopKundenNr", "xsd:string")],
        shape: Shape::Kunde,
    },
    Entry {
        name: "anlegenKassenzeichen",
        operation: Operation::Anlegen(Create::One),
        parameters: &[
            MANDANT,
            KUNDEN_NR,
            LISTE,
            LIEFER,
            TEXT,
            ("zahlverfahren", "xsd:string"),
        ],
        shape: Shape::Liste,
    },
    Entry {
        name: "anlegenKassenzeichenMitZahlverfahrenliste",
        operation: Operation::Anlegen(Create::Many),
        parameters: &[MANDANT, KUNDEN_NR, LISTE, LIEFER, TEXT, METHODS],
        shape: Shape::Liste,
    },
    Entry {
        name: "anlegenKassenzeichenMitZahlverfahrenlisteMitBLP",
        operation: Operation::Anlegen(Create::Many),
        parameters: &[MANDANT, KUNDEN_NR, LISTE, LIEFER, TEXT, METHODS, BLP],
        shape: Shape::Liste,
    },
    Entry {
        name: "ueberweisenVorLieferung",
        operation: Operation::Anlegen(Create::Before),
        parameters: &[MANDANT, KUNDEN_NR, LISTE],
        shape: Shape::Liste,
    },
    Entry {
        name: "ueberweisenVorLieferungMitBLP",
        operation: Operation::Anlegen(Create::Before),
        parameters: &[MANDANT, KUNDEN_NR, LISTE, BLP],
        shape: Shape::Liste,
    },
    Entry {
        name: "ueberweisenNachLieferung",
        operation: Operation::Anlegen(Create::After),
        parameters: &[MANDANT, KUNDEN_NR, LISTE, LIEFER],
        shape: Shape::Liste,
    },
    Entry {
        name: "ueberweisenNachLieferungMitBLP",
        operation: Operation::Anlegen(Create::After),
        parameters: &[MANDANT, KUNDEN_NR, LISTE, LIEFER, BLP],
        shape: Shape::Liste,
    },
    Entry {
        name: "aktiviereTempKassenzeichen",
        operation: Operation::Aktivieren(Paid::Told),
        parameters: &[WID, MANDANT, PSP, ("typZahlung", "xsd:string")],
        shape: Shape::Ergebnis,
    },
    Entry {
        name: "aktiviereTempKreditkartenKassenzeichen",
        operation: Operation::Aktivieren(Paid::By("KREDITKARTE")),
        parameters: &[WID, MANDANT, PSP, ("kartenTyp", "xsd:string")],
        shape: Shape::Ergebnis,
    },
    Entry {
        name: "aktiviereTempGiropayKassenzeichen",
        operation: Operation::Aktivieren(Paid::By("GIROPAY")),
        parameters: &[WID, MANDANT, PSP],
        shape: Shape::Ergebnis,
    },
    Entry {
        name: "lesenKassenzeichenInfo",
        operation: Operation::LesenKassenzeichenInfo,
        parameters: &[MANDANT, ("kassenzeichen", "xsd:string")],
        shape: Shape::Info,
    },
    Entry {
        name: "lesenTransaktion",
        operation: Operation::LesenTransaktion,
        parameters: &[MANDANT, ("eShopTransaktionsNr", "xsd:string")],
        shape: Shape::Liste,
    },
    Entry {
        name: "listeUngeleseneZahlungseingaenge",
        operation: Operation::ListeZahlungseingaenge,
        parameters: &[MANDANT],
        shape: Shape::Zahlungseingaenge,
    },
    Entry {
        name: "bestaetigenGeleseneZahlungseingaenge",
        operation: Operation::BestaetigenZahlungseingaenge,
        parameters: &[MANDANT, ("ePaymentId", "xsd:string")],
        shape: Shape::Ergebnis,
    },
    Entry {
        name: "leseBankverbindungBewirtschafter",
        operation: Operation::LeseBankverbindung,
        parameters: &[MANDANT, BEWIRTSCHAFTER],
        shape: Shape::Bankverbindung,
    },
];

/// Direct debits and SEPA mandates: known by name, so that a client hears why they fail.
const NOT_PLAYED: &[&str] = &[
    "autorisierePIN",
    "pruefenPinObInitial",
    "aendernPIN",
    "pruefenKontonummer",
    "pruefenLastschriftOhneEinzugsermaechtigung",
    "abbuchenMitEinzugsermaechtigung",
    "abbuchenMitEinzugsermaechtigungMitBLP",
    "abbuchenOhneEinzugsermaechtigung",
    "abbuchenOhneEinzugsermaechtigungMitBLP",
    "anlegenSEPAMandat",
    "leseSEPAMandat",
    "vervollstaendigenSEPAMandat",
    "deaktiviernSEPAMandat",
    "abbuchenMitSEPAMandat",
    "abbuchenMitSEPAMandatMitBLP",
    "abbuchenMitSEPAMandatreferenz",
    "abbuchenMitSEPAMandatreferenzMitBLP",
    "anlegenKassenzeichenMitSEPAMandatMitBLP",
];
