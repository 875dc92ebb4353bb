//! What stands above the entries of a statement.

use super::values::{balance, currency_first, is_currency, is_iban, short};
use crate::domain::statement::{Balance, Format, Head, Place, Sequence};

/// The fields above the entries, as far as they came.
#[derive(Debug, Clone, Default)]
pub(super) struct Opening {
    /// Where the statement begins.
    pub line: u64,
    id: String,
    account: Option<String>,
    /// From `:25:` or `:34F:`.
    currency: Option<String>,
    sequence: Option<Sequence>,
    created: Option<String>,
    balance: Option<Balance>,
    /// `:34F:` or `:13:` came: only an interim report has them without an opening balance.
    interim: bool,
    /// What the envelope says.
    pub envelope: Option<Format>,
}

impl Opening {
    pub(super) fn new(line: u64, envelope: Option<Format>) -> Self {
        Self {
            line,
            envelope,
            ..Self::default()
        }
    }

    /// What goes on where a page closes and the next opens without saying anew whose account it is.
    pub(super) fn next_page(&self, line: u64) -> Self {
        Self {
            line,
            balance: None,
            ..self.clone()
        }
    }

    /// Takes a field.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn take(&mut self, tag: &str, lines: &[String]) -> Result<(), String> {
        let text = lines.first().map_or("", |line| line.trim());
        match tag {
            "20" => text.clone_into(&mut self.id),
            "25" | "25P" => {
                let (account, currency) = account(text);
                self.account = Some(account).filter(|account| !account.is_empty());
                self.currency = currency.or(self.currency.take());
            }
            "28" | "28C" => self.sequence = sequence(text),
            "13" | "13D" => {
                self.interim = true;
                self.created = Some(text.to_owned()).filter(|text| !text.is_empty());
            }
            "34F" => {
                self.interim = true;
                if let (Some(currency), _) = currency_first(text) {
                    self.currency = Some(currency.to_owned());
                }
            }
            "60F" | "60M" => {
                let opening = balance(tag, text, self.currency.as_deref())?;
                self.currency = Some(opening.currency.clone());
                self.balance = Some(opening);
            }
            _ => {}
        }
        Ok(())
    }

    /// The currency of the account, where anything said it.
    pub(super) fn currency(&self) -> Option<&str> {
        self.currency.as_deref()
    }

    /// The head. `closing` is the tag with which the entries end, where there are none.
    ///
    /// # Errors
    /// What is missing to know whether it may be booked.
    pub(super) fn head(&self, closing: Option<&str>) -> Result<Head, String> {
        let account = self.account.clone().unwrap_or_default();
        let by_closing = match closing {
            Some("62F" | "62M") => Some(Format::Mt940),
            Some("90C" | "90D") => Some(Format::Mt942),
            _ => None,
        };
        let format = match (&self.balance, self.interim) {
            (Some(_), _) => Some(Format::Mt940),
            (None, true) => Some(Format::Mt942),
            (None, false) => self.envelope.or(by_closing),
        };
        let format = format.ok_or(
            "neither an opening balance (:60F:) nor a floor limit (:34F:) comes before the entries, so that it could be \
             a statement or an interim report; get the file from the bank anew",
        )?;
        Ok(Head {
            format,
            version: None,
            account,
            currency: self.currency.clone(),
            id: self.id.clone(),
            sequence: self.sequence,
            created: self.created.clone(),
            period: None,
            opening: self.balance.clone(),
            place: Place { line: self.line },
        })
    }
}

/// The account and, behind it, its currency: an IBAN, `BLZ/number`, `BIC/IBAN`; blanks are left out.
fn account(text: &str) -> (String, Option<String>) {
    let text: String = text
        .chars()
        .filter(|character| !character.is_whitespace())
        .collect();
    let text = text.trim_matches('/');
    let text = text.strip_prefix("IBAN").unwrap_or(text);
    // Some IBANs end with letters (Mauritius: even with its currency).
    let (number, currency) = match text.len().checked_sub(3).and_then(|at| text.split_at_checked(at)) {
        Some((number, code))
            if is_currency(code)
                && !is_iban(text)
                && number.ends_with(|last: char| last.is_ascii_digit() || last == '/') =>
        {
            (number.trim_end_matches('/'), Some(code.to_owned()))
        }
        _ => (text, None),
    };
    let number = match number.split_once('/') {
        Some((_, iban)) if is_iban(iban) => iban,
        _ => number,
    };
    (short(number), currency)
}

/// `5/1`; `0` and `00000/001` number nothing.
fn sequence(text: &str) -> Option<Sequence> {
    let (number, page) = text.split_once('/').unwrap_or((text, ""));
    let number = number.trim().parse().ok().filter(|number| *number > 0)?;
    Some(Sequence {
        number,
        page: page.trim().parse().ok().filter(|page| *page > 0),
        last: None,
    })
}
