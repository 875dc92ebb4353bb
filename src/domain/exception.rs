//! Exceptions: differences that a person resolves. The codes are stable and closed; their texts say what happened and
//! what can be done.

use std::str::FromStr;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $de:literal, $en:literal;)*) => {
        /// What differs.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ExceptionCode { $($(#[$doc])* $name,)* }

        impl ExceptionCode {
            /// Every code, as the lookup table has them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The stable code.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// What happened and what can be done, in German.
            pub const fn german(self) -> &'static str {
                match self { $(Self::$name => $de,)* }
            }

            /// What happened and what can be done, in English.
            pub const fn english(self) -> &'static str {
                match self { $(Self::$name => $en,)* }
            }
        }
    };
}

codes! {
    /// More was paid than was owed.
    Overpaid = "ueberzahlung",
        "Es wurde mehr gezahlt als gefordert. Der Rest liegt in Verwahrung: zuordnen oder erstatten.",
        "More was paid than was owed. The rest lies in deposit: assign it or refund it.";
    /// Less was paid than was owed, and the page is closed.
    Underpaid = "teilzahlung",
        "Es wurde weniger gezahlt als gefordert, und die Bezahlseite ist geschlossen. Der Fall ist nicht bezahlt.",
        "Less was paid than was owed, and the paypage is closed. The case is not paid.";
    /// Paid a second time.
    PaidTwice = "doppelzahlung",
        "Für denselben Vorgang wurde ein zweites Mal gezahlt. Das Geld liegt in Verwahrung: erstatten.",
        "The same case was paid a second time. The money lies in deposit: refund it.";
    /// Paid after the end.
    PaidLate = "spaete_zahlung",
        "Es wurde gezahlt, nachdem das Portal das Ende gehört hat. Das Geld liegt in Verwahrung: annehmen oder erstatten.",
        "It was paid after the portal heard the end. The money lies in deposit: accept it or refund it.";
    /// Money went back.
    Returned = "ruecklastschrift",
        "Eine Zahlung wurde zurückgegeben. Die Forderung ist wieder offen.",
        "A payment was returned. The claim is open again.";
    /// The page is closed, and nothing proves money.
    InactiveWithoutProof = "inaktiv_ohne_nachweis",
        "Die Bezahlseite ist geschlossen, aber nichts beweist eine Zahlung. Beim Anbieter nachsehen.",
        "The paypage is closed, but nothing proves a payment. Look it up at the provider.";
    /// A signed success that the provider's answers do not bear out.
    SuccessWithoutProof = "erfolg_ohne_nachweis",
        "Der Anbieter hat eine Zahlung gemeldet, bestätigt sie aber auf Nachfrage nicht. Beim Anbieter nachsehen.",
        "The provider reported a payment but does not confirm it when asked. Look it up at the provider.";
    /// Another Kassenzeichen than ours.
    OtherKassenzeichen = "fremdes_kassenzeichen",
        "Eine gültig signierte Meldung oder Antwort nennt ein anderes Kassenzeichen als unseres. Nichts wurde gebucht.",
        "A well-signed message or an answer names another Kassenzeichen than ours. Nothing was booked.";
    /// Another Mandant or Bewirtschafter than ours.
    OtherBewirtschafter = "fremder_bewirtschafter",
        "Eine gültig signierte Meldung nennt einen anderen Mandanten oder Bewirtschafter als unseren. Nichts wurde gebucht.",
        "A well-signed message names another Mandant or Bewirtschafter than ours. Nothing was booked.";
    /// The provider does not know what it gave us.
    UnknownAtProvider = "beim_anbieter_unbekannt",
        "Der Anbieter kennt das Kassenzeichen nicht, das er selbst vergeben hat. Beim Anbieter nachfragen.",
        "The provider does not know the Kassenzeichen that it gave. Ask the provider.";
    /// The outcome of the opening call stays unknown.
    UnclearAtProvider = "beim_anbieter_unklar",
        "Ob der Anbieter die Zahlung angelegt hat, ist ungeklärt und lässt sich nicht erfragen. Beim Anbieter nachfragen.",
        "Whether the provider opened the payment is unknown and cannot be asked. Ask the provider.";
    /// The Kassenzeichen was never told.
    NeverNamed = "kassenzeichen_nie_genannt",
        "Der Anbieter hat bis zum Ablauf kein Kassenzeichen genannt. Ob gezahlt wurde, lässt sich nicht fragen.",
        "The provider named no Kassenzeichen until expiry. Whether it was paid cannot be asked.";
    /// An answer names another Kunde than ours.
    OtherCustomer = "fremder_kunde",
        "Eine Antwort zum Kassenzeichen nennt einen anderen Kunden als unseren. Nichts wurde gebucht.",
        "An answer about the Kassenzeichen names another Kunde than ours. Nothing was booked.";
    /// The claim was cancelled at the provider although money came.
    CancelledAtProvider = "beim_anbieter_storniert",
        "Beim Anbieter wurde storniert, obwohl gezahlt ist. Ob erstattet werden muss, ist zu entscheiden.",
        "It was cancelled at the provider although it is paid. Decide whether it must be refunded.";
    /// The provider took back its final word.
    WordTakenBack = "wort_zurueckgenommen",
        "Der Anbieter meldet eine bezahlte Zahlung nun als nicht bezahlt. Nichts wurde gebucht. Beim Anbieter nachfragen.",
        "The provider now calls a paid payment not paid. Nothing was booked. Ask the provider.";
    /// Money on an account of ours alone, and nobody knows whose.
    UnknownCredit = "unbekannter_zahlungseingang",
        "Auf dem Konto ist Geld eingegangen, das zu keiner Forderung passt. Es liegt in Verwahrung: zuordnen, weiterleiten oder erstatten.",
        "Money has arrived on the account that fits no claim. It lies in deposit: assign it, pass it on or refund it.";
    /// Money left an account of ours alone, and nobody knows what for.
    UnknownDebit = "unbekannte_abbuchung",
        "Vom Konto ist Geld abgegangen, das zu nichts passt. Es steht als Vorschuss: mit der Bank klären und vermerken. Ist es eine Auszahlung, deren Abrechnungsliste noch kommt, erledigt sich der Fall dann von selbst.",
        "Money has left the account that fits nothing. It stands as an advance: clear it with the bank and leave a note. If it is a payout whose settlement list is still to come, this then resolves itself.";
    /// The reference is ours, the amount is another.
    AmountDiffers = "betrag_weicht_ab",
        "Auf dem Kontoauszug steht ein anderer Betrag als erwartet. Das Geld liegt in Verwahrung: zuordnen oder mit dem Zahlungsanbieter klären.",
        "The statement shows another amount than expected. The money lies in deposit: assign it or clear it with the provider.";
    /// Several claims fit.
    Ambiguous = "mehrdeutig",
        "Zu der Zahlung auf dem Kontoauszug passen mehrere Forderungen. Das Geld liegt in Verwahrung: eine davon wählen.",
        "Several claims fit the payment on the statement. The money lies in deposit: choose one of them.";
    /// Money for a payment of ours on an account where it must not be paid.
    OtherAccount = "anderes_konto",
        "Geld für eine unserer Zahlungen ist auf einem Konto eingegangen, auf das sie nicht gehört. Es liegt in Verwahrung: zuordnen oder weiterleiten.",
        "Money for a payment of ours has arrived on an account where it does not belong. It lies in deposit: assign it or pass it on.";
    /// A return that fits no payment, or not its amount.
    ReturnUnclear = "rueckgabe_unklar",
        "Die Bank zeigt eine Rückgabe, zu der keine Zahlung oder nicht dieser Betrag passt, oder holt eine ganze Auszahlung zurück. Der Betrag steht als Vorschuss: mit der Bank oder dem Zahlungsanbieter klären und vermerken. Wird die Zahlung noch bekannt, erledigt sich der Fall von selbst.",
        "The bank shows a return that fits no payment, or not its amount, or takes a whole payout back. The amount stands as an advance: clear it with the bank or the payment provider and leave a note. If the payment becomes known later, this resolves itself.";
    /// Money moved the other way under a reference of ours.
    Opposite = "gegenbewegung",
        "Unter einem unserer Kassenzeichen hat sich Geld in die andere Richtung bewegt. Zuordnen oder mit der Bank klären.",
        "Money moved the other way under a Kassenzeichen of ours. Assign it or clear it with the bank.";
    /// Told as paid, and on no statement.
    NotArrived = "nicht_auf_konto",
        "Der Anbieter hat eine Zahlung gemeldet, die nach der Frist auf keinem Kontoauszug steht. Beim Zahlungsanbieter nachfragen; kommt das Geld, erledigt sich der Fall von selbst.",
        "The provider reported a payment that no statement shows in due time. Ask the payment service provider; when the money arrives, this resolves itself.";
    /// The statements of an account do not follow on each other.
    StatementGap = "auszugsluecke",
        "Dieser Kontoauszug schließt nicht an den vorigen an: ein Auszug fehlt. Nachreichen, dann erledigt sich der Fall von selbst; gibt es ihn bei der Bank nicht, mit Vermerk schließen.",
        "This statement does not follow on the one before: a statement is missing. Import it and this resolves itself; where the bank has none, resolve it with a note.";
    /// Less was paid out than list or contract explain.
    FeeUnclear = "gebuehr_ungeklaert",
        "Ein Zahlungsanbieter hat weniger ausgezahlt, als Liste oder Vertrag erklären. Das Geld liegt in Verwahrung: mit dem Anbieter klären; eine berichtigte Liste löst es von selbst.",
        "A payment provider has paid out less than list or contract explain. The money lies in deposit: clear it with the provider; a corrected list resolves it by itself.";
    /// A list and what the bank shows of its payout differ.
    ListDiffers = "liste_geht_nicht_auf",
        "Die Abrechnungsliste einer Auszahlung und der Betrag auf dem Kontoauszug gehen nicht auf. Mit dem Zahlungsanbieter klären; eine berichtigte Liste löst es von selbst.",
        "The settlement list of a payout and the amount on the statement do not add up. Clear it with the provider; a corrected list resolves it by itself.";
    /// Money of other systems on an account of ours alone.
    OtherSystem = "anderes_system",
        "Eine Auszahlung auf unser Konto enthält Geld anderer Systeme. Es liegt in Verwahrung: weiterleiten.",
        "A payout to our account contains money of other systems. It lies in deposit: pass it on.";
    /// A line of a list that fits no payment, or not its amount.
    LineUnclear = "listenzeile_ungeklaert",
        "Eine Zeile einer Abrechnungsliste passt zu keiner Zahlung oder nicht zu ihrem Betrag. Ihr Teil der Auszahlung liegt in Verwahrung (oder steht als Vorschuss): zuordnen oder mit dem Zahlungsanbieter klären.",
        "A line of a settlement list fits no payment, or not its amount. Its part of the payout lies in deposit (or stands as an advance): assign it or clear it with the provider.";
    /// A part of a deposit that was divided.
    Part = "teilbetrag",
        "Ein Teil eines aufgeteilten Betrags liegt in Verwahrung: zuordnen, weiterleiten oder erstatten.",
        "A part of an amount that was divided lies in deposit: assign it, pass it on or refund it.";
    /// A person asks for a decision.
    Raised = "klaerungsbedarf",
        "Eine Person hat zu einer Zahlung einen Klärungsbedarf angezeigt. Entscheiden, was damit geschieht.",
        "A person has asked for a decision about a payment. Decide what becomes of it.";
    /// The provider had taken a number whose answer was lost.
    Orphaned = "verwaist",
        "Der Anbieter hat einen Vorgang angelegt, dessen Antwort verloren ging. Ein neuer ersetzt ihn; er bleibt unter Beobachtung.",
        "The provider opened a request whose answer was lost. A new one takes its place; it stays watched.";
}

impl FromStr for ExceptionCode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .iter()
            .copied()
            .find(|code| code.as_str() == text)
            .ok_or_else(|| format!("«{text}» is no code of an exception"))
    }
}
