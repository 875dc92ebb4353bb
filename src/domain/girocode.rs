//! The text of a GiroCode: a QR code that banking apps read as a filled-in SEPA transfer (EPC069-12, version 002).

use super::case::TransferTo;
use super::ids::Kassenzeichen;
use super::money::Cents;

/// The longest name of a payee, in characters.
const NAME: usize = 70;

/// The text of a GiroCode; `None` where the amount is none that can be transferred.
///
/// Lines: service tag, version, character set (1 is UTF-8), identification, BIC (may be empty within SEPA), name, IBAN,
/// amount, purpose code, structured reference, text for the statement. The Kassenzeichen is text: a structured reference
/// would have to be an RF reference (ISO 11649).
pub fn girocode(to: &TransferTo, amount: Cents, kassenzeichen: &Kassenzeichen) -> Option<String> {
    if !amount.is_positive() || amount > Cents::new(99_999_999_999) {
        return None;
    }
    let line = |text: &str| {
        let plain = text.split_whitespace().collect::<Vec<_>>().join(" ");
        plain.chars().take(NAME).collect::<String>()
    };
    let bic = to.bic.as_deref().map(line).unwrap_or_default();
    let iban: String = to.iban.chars().filter(char::is_ascii_alphanumeric).collect();
    Some(format!(
        "BCD\n002\n1\nSCT\n{bic}\n{}\n{iban}\nEUR{amount}\n\n\n{kassenzeichen}",
        line(&to.holder)
    ))
}

/// An IBAN in groups of four, as people read it.
pub fn iban_for_people(iban: &str) -> String {
    let plain: Vec<char> = iban.chars().filter(char::is_ascii_alphanumeric).collect();
    let groups: Vec<String> = plain.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(holder: &str, bic: Option<&str>) -> TransferTo {
        TransferTo {
            holder: holder.to_owned(),
            iban: "DE89 3704 0044 0532 0130 00".to_owned(),
            bic: bic.map(str::to_owned),
            bank: None,
        }
    }

    fn kassenzeichen() -> Kassenzeichen {
        Kassenzeichen::parse("4200000000061").expect("a Kassenzeichen")
    }

    #[test]
    fn a_girocode_names_payee_account_amount_and_kassenzeichen() {
        let code = girocode(
            &to("Stadtkasse Bad Langensalza", Some("COBADEFFXXX")),
            Cents::new(2345),
            &kassenzeichen(),
        );
        assert_eq!(
            code.as_deref(),
            Some(
                "BCD\n002\n1\nSCT\nCOBADEFFXXX\nStadtkasse Bad Langensalza\nDE89370400440532013000\nEUR23.45\n\n\n\
                 4200000000061"
            )
        );
    }

    #[test]
    fn a_line_break_in_a_name_opens_no_further_line() {
        let code = girocode(&to("Kasse\nDE00\r\nX", None), Cents::new(1), &kassenzeichen()).expect("a code");
        assert_eq!(code.lines().nth(5), Some("Kasse DE00 X"));
        assert_eq!(code.lines().nth(4), Some(""));
        assert_eq!(code.lines().count(), 11);
        let long = girocode(&to(&"Ä".repeat(200), None), Cents::new(1), &kassenzeichen()).expect("a code");
        assert_eq!(long.lines().nth(5).map(|name| name.chars().count()), Some(70));
    }

    #[test]
    fn nothing_and_too_much_have_no_girocode() {
        for cents in [0, -1, 100_000_000_000] {
            assert_eq!(
                girocode(&to("Kasse", None), Cents::new(cents), &kassenzeichen()),
                None
            );
        }
    }

    #[test]
    fn an_iban_is_read_in_groups_of_four() {
        assert_eq!(
            iban_for_people("DE89370400440532013000"),
            "DE89 3704 0044 0532 0130 00"
        );
    }
}
