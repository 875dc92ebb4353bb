//! What a server understands, per Mandant: servers differ by version and by operator. `[providers.x.profile]` holds for
//! all Mandanten, `[providers.x.mandanten.<number>]` for one; what is set in neither has the default below.
//!
//! To add a setting: a line in the macro with its default, its check in [`Profile::check`], its use, and its row in
//! `docs/betrieb.md`.

use std::fmt;

use rust_decimal::Decimal;
use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};

use crate::domain::case::TransferTo;
use crate::provider::settings::{check_codes, check_words};

macro_rules! profile {
    ($($(#[$doc:meta])* $name:ident: $kind:ty = $default:expr;)*) => {
        /// What a server understands for one Mandant.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct Profile {
            $($(#[$doc])* pub $name: $kind,)*
        }

        impl Default for Profile {
            fn default() -> Self {
                Self { $($name: $default,)* }
            }
        }

        /// What a section says of a profile; the rest is as elsewhere.
        #[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct ProfileConfig {
            $($(#[$doc])* pub $name: Option<$kind>,)*
        }

        impl Profile {
            /// This profile with what a section says otherwise.
            #[must_use]
            pub fn with(mut self, config: &ProfileConfig) -> Self {
                $(if let Some(value) = &config.$name {
                    self.$name = value.clone();
                })*
                self
            }
        }
    };
}

profile! {
    /// The interface's version: how lists are written. Both are read, always.
    version: Version = Version::Three;
    /// Whether the operations that take a set of parameters («MitBLP») are used.
    mit_blp: MitBlp = MitBlp::Auto;
    /// Which operation opens a payment on the paypage.
    operation: Operation = Operation::MitZahlverfahrenliste;
    /// How lesenKassenzeichenInfo spells its parameter.
    kassenzeichen_parameter: KassenzeichenParameter = KassenzeichenParameter::Small;
    /// How tax is booked.
    tax: Tax = Tax::SeparateBuchung;
    /// Titles of tax, by rate; used where tax is a Buchung of its own.
    tax_titles: Vec<TaxTitle> = Vec::new();
    /// The most Buchungen of a list (−0505).
    max_buchungen: usize = 100;
    /// The longest HREF (−0612); up to 255 by the server's configuration.
    href_max: usize = 100;
    /// What is sent as lieferAdresse; the operation's own habit where it is not set.
    lieferadresse: Lieferadresse = Lieferadresse::AsUsual;
    /// Whether the operation's own parameter buchungsText is filled. Live servers were seen to refuse it.
    buchungstext_parameter: bool = false;
    /// The longest Buchungstext.
    buchungstext_max: usize = 120;
    /// The length of this site's Kassenzeichen, where `Kassenzeichen/Buchungstext` must fit the 27 characters of a
    /// Verwendungszweck: the Buchungstext is then cut to 27 − this − 1. 0: no such rule.
    kassenzeichen_length: usize = 0;
    /// Whether the Kunde is deleted when its payment is open.
    customer_deleted: bool = true;
    /// Whether isAlive is asked before a payment is opened.
    check_alive: bool = true;
    /// How a payment is found whose answer was lost.
    look_up: LookUp = LookUp::None;
    /// Codes by which lesenTransaktion says that there is no such transaction.
    transaction_unknown_codes: Vec<String> = texts(&["-0530"]);
    /// Codes by which lesenKassenzeichenInfo says that there is no such Kassenzeichen.
    unknown_codes: Vec<String> = texts(&["-0310"]);
    /// Values of paypageStatus of an open page.
    active_values: Vec<String> = texts(&["AKTIV"]);
    /// Values of paypageStatus of a closed page.
    inactive_values: Vec<String> = texts(&["INAKTIV"]);
    /// The account that payers transfer to, where the server does not say it.
    transfer: Option<TransferTo> = None;
}

fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(|text| (*text).to_owned()).collect()
}

/// The interface's version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Version {
    /// Lists are arrays.
    #[serde(rename = "2")]
    Two,
    /// Lists have types of their own.
    #[serde(rename = "3")]
    Three,
}

/// Whether the «MitBLP» operations are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MitBlp {
    /// They are tried; where the server does not know them, the others are used from then on.
    Auto,
    /// Always.
    Yes,
    /// Never.
    No,
}

impl<'de> Deserialize<'de> for MitBlp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Words;
        impl Visitor<'_> for Words {
            type Value = MitBlp;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"auto\", true or false")
            }
            fn visit_bool<E: de::Error>(self, yes: bool) -> Result<MitBlp, E> {
                Ok(if yes { MitBlp::Yes } else { MitBlp::No })
            }
            // Files and the environment have only text.
            fn visit_str<E: de::Error>(self, text: &str) -> Result<MitBlp, E> {
                match text {
                    "auto" => Ok(MitBlp::Auto),
                    "true" => Ok(MitBlp::Yes),
                    "false" => Ok(MitBlp::No),
                    other => Err(E::invalid_value(de::Unexpected::Str(other), &self)),
                }
            }
        }
        deserializer.deserialize_any(Words)
    }
}

/// Which operation opens a payment on the paypage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// `anlegenKassenzeichenMitZahlverfahrenliste`, with `MitBLP` as that is set.
    MitZahlverfahrenliste,
    /// `anlegenKassenzeichen` of old servers: the page offers every method of the Bewirtschafter.
    AnlegenKassenzeichen,
}

/// How lesenKassenzeichenInfo spells its parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum KassenzeichenParameter {
    /// `kassenzeichen`.
    #[serde(rename = "kassenzeichen")]
    Small,
    /// `Kassenzeichen`.
    #[serde(rename = "Kassenzeichen")]
    Capital,
}

impl KassenzeichenParameter {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Small => "kassenzeichen",
            Self::Capital => "Kassenzeichen",
        }
    }
}

/// How tax is booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tax {
    /// As a Buchung of its own beside the net amount.
    SeparateBuchung,
    /// Within the Buchung, which then carries the gross amount.
    Within,
}

/// Where the tax of one rate is booked.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaxTitle {
    /// The rate in percent, as text.
    #[serde(with = "crate::domain::tenant::decimal_text")]
    pub rate: Decimal,
    /// The Objektnummer of the tax; else that of what is taxed.
    #[serde(default)]
    pub objektnummer: Option<String>,
    /// The tax key, which ePayBL takes in the HREF as `STS=…`.
    #[serde(default)]
    pub sts: Option<String>,
    /// The Buchungstext of the tax; else `MWST` and the rate.
    #[serde(default)]
    pub text: Option<String>,
}

/// What is sent as lieferAdresse. Of the payer nothing is known here but the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lieferadresse {
    /// Nothing with anlegenKassenzeichen, nil with all others.
    AsUsual,
    /// Nil.
    Nil,
    /// The payer's name.
    Name,
}

/// How a payment is found whose answer was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LookUp {
    /// It is not, unless the Kassenzeichen is of our own pool: a person has to ask.
    None,
    /// By our number with lesenTransaktion.
    LesenTransaktion,
}

impl Profile {
    /// How long a Buchungstext may be, after both rules.
    pub fn longest_buchungstext(&self) -> usize {
        let room = match self.kassenzeichen_length {
            0 => usize::MAX,
            length => 26_usize.saturating_sub(length),
        };
        self.buchungstext_max.min(room)
    }

    /// Notes every value that cannot be.
    pub(super) fn check(&self, say: &mut dyn FnMut(&str, String)) {
        if self.longest_buchungstext() == 0 {
            say(
                "kassenzeichen_length",
                format!(
                    "is {}: with buchungstext_max = {} no room is left for a Buchungstext",
                    self.kassenzeichen_length, self.buchungstext_max
                ),
            );
        }
        if self.max_buchungen == 0 {
            say(
                "max_buchungen",
                "is 0; a list has at least one Buchung".to_owned(),
            );
        }
        if !(1..=255).contains(&self.href_max) {
            say("href_max", format!("is {}, allowed are 1 to 255", self.href_max));
        }
        for (index, title) in self.tax_titles.iter().enumerate() {
            if self.tax_titles[..index]
                .iter()
                .any(|other| other.rate == title.rate)
            {
                say(
                    &format!("tax_titles[{index}].rate"),
                    format!("{} is named twice", title.rate.normalize()),
                );
            }
        }
        check_codes("unknown_codes", &self.unknown_codes, say);
        check_codes("transaction_unknown_codes", &self.transaction_unknown_codes, say);
        check_words(
            &self.active_values,
            &self.inactive_values,
            "no page would ever be seen as closed",
            say,
        );
        if let Some(transfer) = &self.transfer {
            if !iban_is_whole(&transfer.iban) {
                say(
                    "transfer.iban",
                    format!("«{}» is no IBAN; write it without blanks", transfer.iban),
                );
            }
            if transfer.holder.trim().is_empty() {
                say("transfer.holder", "is empty; banks ask for it".to_owned());
            }
        }
    }
}

/// Whether an IBAN has its form and its check digits (ISO 13616): a payer must not be sent to a wrong account.
pub(super) fn iban_is_whole(iban: &str) -> bool {
    let form = (15..=34).contains(&iban.len())
        && iban.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        && iban.bytes().take(2).all(|b| b.is_ascii_uppercase());
    if !form {
        return false;
    }
    let (country, rest) = iban.split_at(4);
    let remainder = rest.bytes().chain(country.bytes()).fold(0_u32, |sum, byte| {
        if byte.is_ascii_digit() {
            (sum * 10 + u32::from(byte - b'0')) % 97
        } else {
            (sum * 100 + u32::from(byte - b'A') + 10) % 97
        }
    });
    remainder == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_iban_is_checked_by_its_digits() {
        assert!(iban_is_whole("DE89370400440532013000"));
        for wrong in [
            "DE88370400440532013000",
            "DE89 3704 0044 0532 0130 00",
            "",
            "89370400440532013000",
            "ÄÄ89",
        ] {
            assert!(!iban_is_whole(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_mandant_differs_from_the_others_in_what_its_section_says() {
        let all: ProfileConfig =
            toml::from_str("version = \"2\"\nmit_blp = \"auto\"\nhref_max = 255").expect("readable");
        let one: ProfileConfig = toml::from_str("version = \"3\"\nmit_blp = false").expect("readable");
        let profile = Profile::default().with(&all).with(&one);
        assert_eq!(
            (profile.version, profile.mit_blp, profile.href_max),
            (Version::Three, MitBlp::No, 255)
        );
        assert_eq!(profile.longest_buchungstext(), 120);
        let cut = Profile {
            kassenzeichen_length: 13,
            ..profile
        };
        assert_eq!(cut.longest_buchungstext(), 13);
    }

    #[test]
    fn mit_blp_is_a_switch_or_auto() {
        for (text, expected) in [
            ("true", MitBlp::Yes),
            ("\"false\"", MitBlp::No),
            ("\"auto\"", MitBlp::Auto),
        ] {
            let config: ProfileConfig = toml::from_str(&format!("mit_blp = {text}")).expect("readable");
            assert_eq!(config.mit_blp, Some(expected));
        }
        assert!(toml::from_str::<ProfileConfig>("mit_blp = \"maybe\"").is_err());
    }
}
