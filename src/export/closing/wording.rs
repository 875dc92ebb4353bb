//! The words of the report and the paragraphs of law behind them, for each accounting system, in one table.
//!
//! Every text can be replaced by the configuration under its name here. To add a text: a line in the table, and use it.
//!
//! Sources: ThürGemHV of 23 May 2019 (§ 36a release of programs, § 67 Vorbücher, § 69 Kontogegenbuch, § 72
//! Tagesabschluss, § 30 and § 67 Verwahrgelder and Vorschüsse); ThürGemHV-Doppik of 11 December 2008 (§ 27
//! Zahlungsabwicklung, § 30 Buchführung, § 31 Sicherheitsstandards); ThürLHO §§ 70 to 80.

use std::collections::BTreeMap;

use crate::domain::tenant::Rechnungswesen;

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident = $kameral:literal, $doppisch:literal, $land:literal;)*) => {
        /// The texts of a report.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct Wording { $($(#[$doc])* pub $name: String,)* }

        impl Wording {
            /// The names of all texts.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name),)*];

            /// The texts of an accounting system.
            pub fn of(rechnungswesen: Rechnungswesen) -> Self {
                match rechnungswesen {
                    Rechnungswesen::Kameral => Self { $($name: $kameral.to_owned(),)* },
                    Rechnungswesen::Doppisch => Self { $($name: $doppisch.to_owned(),)* },
                    Rechnungswesen::Land => Self { $($name: $land.to_owned(),)* },
                }
            }

            /// With some texts replaced, by name.
            ///
            /// # Errors
            /// [`UnknownText`] names the first name that is none.
            pub fn with(mut self, texts: &BTreeMap<String, String>) -> Result<Self, UnknownText> {
                for (name, text) in texts {
                    match name.as_str() {
                        $(stringify!($name) => self.$name.clone_from(text),)*
                        _ => return Err(UnknownText(name.clone())),
                    }
                }
                Ok(self)
            }
        }
    };
}

/// A name that no text has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("«{0}» names no text of the closing report; there are {names}", names = Wording::NAMES.join(", "))]
pub struct UnknownText(pub String);

texts! {
    /// The title of a day's report.
    title =
        "Tagesabschluss des Vorbuchs E-Payment",
        "Tagesabschluss des Vorbuchs E-Payment",
        "Tagesabschluss des Vorbuchs E-Payment";
    /// The title where it covers more than a day.
    title_of_days =
        "Abschluss des Vorbuchs E-Payment für mehrere Tage",
        "Abschluss des Vorbuchs E-Payment für mehrere Tage",
        "Abschluss des Vorbuchs E-Payment für mehrere Tage";
    /// The law under which it is made.
    law =
        "§§ 69, 72 ThürGemHV",
        "§ 27 ThürGemHV-Doppik",
        "§§ 70 bis 80 ThürLHO mit Verwaltungsvorschriften";
    /// What a Vorbuch is, below the title.
    vorbuch =
        "Dieses Vorbuch ersetzt das Sachbuch nicht; seine Ergebnisse sind dorthin zu übernehmen (§ 67 Abs. 4 ThürGemHV).",
        "Dieses Vorbuch ersetzt die Buchführung nicht; seine Ergebnisse sind dorthin zu übernehmen (§ 30 ThürGemHV-Doppik).",
        "Dieses Vorbuch ersetzt die Bücher der Kasse nicht; seine Ergebnisse sind dorthin zu übernehmen (§ 71 ThürLHO).";
    /// The release of the program.
    freigabe =
        "Freigabe (§ 36a ThürGemHV)",
        "Freigabe (§ 31 ThürGemHV-Doppik)",
        "Freigabe (VV zu §§ 70 bis 80 ThürLHO)";
    /// The heading over the banks.
    banks =
        "Kassen-Soll-Bestand und Kassen-Ist-Bestand (§ 72 Abs. 1 ThürGemHV)",
        "Finanzmittelkonten und Bankkonten (§ 27 ThürGemHV-Doppik)",
        "Kassensollbestand und Kassenistbestand (§§ 70 bis 80 ThürLHO)";
    /// What must be there.
    soll_bestand = "Soll-Bestand", "Buchbestand", "Sollbestand";
    /// What is there.
    ist_bestand = "Ist-Bestand", "Bankbestand", "Istbestand";
    /// What is said of bank balances.
    banks_note =
        "Als Ist-Bestand ist der Bestand des Bankkontos laut Auszug übernommen; das Kontogegenbuch wird automatisiert \
         geführt (§ 69 Abs. 1, § 72 Abs. 1 ThürGemHV). Fremdes Geld läuft über dasselbe Konto, gehört aber nicht zum Vorbuch.",
        "Als Bankbestand ist der Bestand des Bankkontos laut Auszug übernommen. Fremdes Geld läuft über dasselbe Konto, \
         gehört aber nicht zum Vorbuch.",
        "Als Istbestand ist der Bestand des Bankkontos laut Auszug übernommen. Fremdes Geld läuft über dasselbe Konto, \
         gehört aber nicht zum Vorbuch.";
    /// The heading over the accounts.
    accounts = "Konten des Vorbuchs", "Konten des Vorbuchs", "Konten des Vorbuchs";
    /// The heading over the titles.
    titles =
        "Soll und Ist nach Haushaltsstellen",
        "Forderungen und Zahlungen nach Produktsachkonten",
        "Soll und Ist nach Titeln";
    /// The name of a title.
    place = "Haushaltsstelle", "Produktsachkonto", "Titel";
    /// What is ordered.
    soll = "Soll", "Forderung", "Soll";
    /// What has come in.
    ist = "Ist", "Zahlung", "Ist";
    /// What is still owed.
    rest = "Rest", "offen", "Rest";
    /// The heading over the movements.
    movements = "Bewegungen", "Bewegungen", "Bewegungen";
    /// The heading over the deposits.
    deposits =
        "Verwahrgelder einzeln (§ 67 Abs. 1 Nr. 2 ThürGemHV)",
        "Verwahrungen einzeln",
        "Verwahrungen einzeln (§ 60 ThürLHO)";
    /// The heading over the advances.
    advances =
        "Vorschüsse einzeln (§ 67 Abs. 1 Nr. 2 ThürGemHV)",
        "Vorschüsse einzeln",
        "Vorschüsse einzeln (§ 60 ThürLHO)";
    /// The heading over the exceptions.
    exceptions =
        "Unstimmigkeiten (§ 72 Abs. 3 ThürGemHV)",
        "Unstimmigkeiten",
        "Unstimmigkeiten";
    /// The heading over the signatures.
    signatures =
        "Unterschriften (§ 72 Abs. 1 ThürGemHV)",
        "Unterschriften (§ 27 ThürGemHV-Doppik)",
        "Unterschriften (VV zu §§ 70 bis 80 ThürLHO)";
}
