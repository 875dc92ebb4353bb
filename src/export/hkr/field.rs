//! What a column can be filled with.

use std::fmt;

use serde::Deserialize;

/// What kind of thing a field is: how it is printed, and what may happen to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nature {
    /// Words: may be cut where the column says so.
    Words,
    /// Something by which others look things up: never cut.
    Key,
    /// An amount.
    Amount,
    /// A whole number.
    Number,
    /// A day.
    Day,
    /// An instant.
    Instant,
}

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $nature:ident, $of:literal;)*) => {
        /// What a column is filled with. Fields of the file can stand anywhere, fields of a posting only in records.
        #[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
        #[serde(try_from = "String")]
        pub enum Field {
            $($(#[$doc])* $name,)*
            /// A parameter of the template, which the tenant sets: `parameter.berater`.
            Parameter(String),
        }

        impl Field {
            const PLAIN: &'static [Self] = &[$(Self::$name,)*];

            fn name(&self) -> &str {
                match self {
                    $(Self::$name => $text,)*
                    Self::Parameter(name) => name,
                }
            }

            pub(super) const fn nature(&self) -> Nature {
                match self {
                    $(Self::$name => Nature::$nature,)*
                    Self::Parameter(_) => Nature::Key,
                }
            }

            /// Whether it is of a posting.
            pub(super) const fn of_posting(&self) -> bool {
                match self {
                    $(Self::$name => $of,)*
                    Self::Parameter(_) => false,
                }
            }
        }
    };
}

fields! {
    /// The number of the file.
    FileNumber = "file_number", Number, false;
    /// When the file got its number.
    CreatedAt = "created_at", Instant, false;
    /// The ledger's id.
    Ledger = "ledger", Key, false;
    /// The name of the Kasse.
    LedgerName = "ledger_name", Words, false;
    /// `TEST` where no real money moves, otherwise nothing.
    TestMark = "test_mark", Key, false;
    /// How many records the file has.
    Records = "records", Number, false;
    /// How many lines of bookings the file has.
    Lines = "lines", Number, false;
    /// Σ Soll.
    SumDebit = "sum_debit", Amount, false;
    /// Σ Haben.
    SumCredit = "sum_credit", Amount, false;
    /// The first Buchungstag.
    FirstDay = "first_day", Day, false;
    /// The last Buchungstag.
    LastDay = "last_day", Day, false;
    /// The number of the record in the file, from 1.
    RecordNumber = "record_number", Number, true;
    /// The place of the booking in the log.
    Position = "position", Number, true;
    /// The line within the booking.
    Line = "line", Number, true;
    /// The booking's kind.
    Kind = "kind", Key, true;
    /// The Buchungstag.
    Buchungstag = "buchungstag", Day, true;
    /// The Haushaltsjahr.
    Haushaltsjahr = "haushaltsjahr", Number, true;
    /// Our account on the Soll side.
    Debit = "debit", Key, true;
    /// Our account on the Haben side.
    Credit = "credit", Key, true;
    /// The cash system's code of the Soll side.
    DebitCode = "debit_code", Key, true;
    /// The cash system's code of the Haben side.
    CreditCode = "credit_code", Key, true;
    /// The code of the side that the record is about; of a record of both sides, that of Soll.
    Account = "account", Key, true;
    /// The code of the other side.
    Contra = "contra", Key, true;
    /// `S` or `H`: the side that the record is about; of a record of both sides `S`.
    Side = "side", Key, true;
    /// The amount, without a sign.
    Amount = "amount", Amount, true;
    /// The amount, less than nothing in a record about Haben.
    SignedAmount = "signed_amount", Amount, true;
    /// The amount where the record is about Soll, or both sides.
    DebitAmount = "debit_amount", Amount, true;
    /// The amount where the record is about Haben, or both sides.
    CreditAmount = "credit_amount", Amount, true;
    /// The Haushaltsstelle.
    Haushaltsstelle = "haushaltsstelle", Key, true;
    /// The Objektnummer.
    Objektnummer = "objektnummer", Key, true;
    /// The Kassenzeichen.
    Kassenzeichen = "kassenzeichen", Key, true;
    /// The Buchungstext.
    Text = "text", Words, true;
    /// The Annahmeanordnung.
    Anordnung = "anordnung", Key, true;
    /// The authority.
    Authority = "authority", Key, true;
    /// How was paid.
    Method = "method", Key, true;
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Parameter(_) = self {
            f.write_str("parameter.")?;
        }
        f.write_str(self.name())
    }
}

impl TryFrom<String> for Field {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if let Some(name) = text.strip_prefix("parameter.") {
            return Ok(Self::Parameter(name.to_owned()));
        }
        let found = Self::PLAIN.iter().find(|field| field.name() == text);
        found.cloned().ok_or_else(|| {
            let near = Self::PLAIN
                .iter()
                .map(|field| (strsim::osa_distance(&text, field.name()), field.name()))
                .filter(|(distance, _)| *distance <= 2)
                .min();
            match near {
                Some((_, name)) => format!("«{text}» is no field; did you mean «{name}»?"),
                None => {
                    let names: Vec<&str> = Self::PLAIN.iter().map(Self::name).collect();
                    format!(
                        "«{text}» is no field; there are {} and parameter.…",
                        names.join(", ")
                    )
                }
            }
        })
    }
}

/// A text with fields in it: `{kassenzeichen} {text}`. A brace of its own is written twice.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Pattern(pub(super) Vec<Part>);

/// A part of a [`Pattern`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Plain(String),
    Field(Field),
}

impl Pattern {
    pub(super) fn fields(&self) -> impl Iterator<Item = &Field> {
        self.0.iter().filter_map(|part| match part {
            Part::Plain(_) => None,
            Part::Field(field) => Some(field),
        })
    }
}

impl TryFrom<String> for Pattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text.chars().peekable();
        while let Some(letter) = rest.next() {
            match letter {
                '{' | '}' if rest.next_if_eq(&letter).is_some() => plain.push(letter),
                '{' => {
                    let mut name = String::new();
                    loop {
                        match rest.next() {
                            Some('}') => break,
                            Some(letter) => name.push(letter),
                            None => return Err(format!("«{text}» opens a brace and does not close it")),
                        }
                    }
                    parts.push(Part::Plain(std::mem::take(&mut plain)));
                    parts.push(Part::Field(Field::try_from(name)?));
                }
                '}' => return Err(format!("«{text}» closes a brace that is not open")),
                letter => plain.push(letter),
            }
        }
        parts.push(Part::Plain(plain));
        parts.retain(|part| *part != Part::Plain(String::new()));
        Ok(Self(parts))
    }
}
