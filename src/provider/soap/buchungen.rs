//! The Buchungen of an order as ePayBL's SOAP service takes them. Tax is a Buchung of its own or stands within; what
//! names an account is never cut, since a cut title is another title: what does not fit is not sent.

use crate::app::ports::{Fault, OpenLine, OpenOrder, Refusal};
use crate::domain::money::Cents;
use crate::provider::text;

use super::profile::{Profile, Tax, TaxTitle};

/// The longest Haushaltsstelle, and the longest Objektnummer.
const TITLE_MAX: usize = 10;

/// The longest Kennzeichen Mahnverfahren.
const MAHNVERFAHREN_MAX: usize = 5;

/// The longest number of a Bewirtschafter.
const BEWIRTSCHAFTER_MAX: usize = 8;

/// The longest Kassenzeichen (−0310).
const KASSENZEICHEN_MAX: usize = 30;

/// One Buchung.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Buchung<'a> {
    pub(super) haushaltsstelle: &'a str,
    pub(super) objektnummer: Option<&'a str>,
    pub(super) text: String,
    pub(super) betrag: Cents,
    pub(super) href: Option<String>,
}

/// A refusal of ours, before anything was sent.
pub(super) fn not_sent(text: String) -> Refusal {
    Refusal {
        fault: Fault::Configuration,
        code: "not-sent".to_owned(),
        text,
    }
}

/// The Buchungen of an order.
///
/// # Errors
/// What the service would refuse for certain, and what would arrive mutilated.
pub(super) fn buchungen<'a>(order: &'a OpenOrder, profile: &'a Profile) -> Result<Vec<Buchung<'a>>, Refusal> {
    let sum: Cents = order.lines.iter().map(|line| line.net + line.tax).sum();
    if sum != order.total || !sum.is_positive() {
        return Err(not_sent(format!(
            "the total {} EUR is not above zero or not the sum of the Buchungen, {sum} EUR",
            order.total
        )));
    }
    fits(
        "Kennzeichen Mahnverfahren",
        &order.kennzeichen_mahnverfahren,
        MAHNVERFAHREN_MAX,
    )?;
    fits(
        "Bewirtschafter",
        order.bewirtschafter.as_str(),
        BEWIRTSCHAFTER_MAX,
    )?;
    if let Some(kassenzeichen) = &order.kassenzeichen {
        fits("Kassenzeichen", kassenzeichen.as_str(), KASSENZEICHEN_MAX)?;
        if !kassenzeichen
            .as_str()
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric())
        {
            return Err(not_sent(format!(
                "the Kassenzeichen «{kassenzeichen}» has other signs than letters and digits; mend the pool"
            )));
        }
    }
    let found: Vec<Buchung<'a>> = order
        .lines
        .iter()
        .flat_map(|line| of_line(line, order, profile))
        .filter(|buchung| buchung.betrag != Cents::ZERO)
        .collect();
    if found.len() > profile.max_buchungen {
        return Err(not_sent(format!(
            "there are {} Buchungen, allowed are {} (max_buchungen); set the route's granularity to title or total",
            found.len(),
            profile.max_buchungen
        )));
    }
    for buchung in &found {
        fits("Haushaltsstelle", buchung.haushaltsstelle, TITLE_MAX)?;
        fits(
            "Objektnummer",
            buchung.objektnummer.unwrap_or_default(),
            TITLE_MAX,
        )?;
        fits(
            "HREF",
            buchung.href.as_deref().unwrap_or_default(),
            profile.href_max,
        )?;
    }
    Ok(found)
}

fn fits(what: &str, value: &str, max: usize) -> Result<(), Refusal> {
    let length = value.encode_utf16().count();
    if length <= max {
        return Ok(());
    }
    Err(not_sent(format!(
        "{what} «{value}» has {length} characters, the service takes {max}; mend the route"
    )))
}

fn of_line<'a>(line: &'a OpenLine, order: &'a OpenOrder, profile: &'a Profile) -> Vec<Buchung<'a>> {
    let longest = profile.longest_buchungstext();
    let net = Buchung {
        haushaltsstelle: &line.haushaltsstelle,
        objektnummer: line.objektnummer.as_deref(),
        text: text::buchungstext(&line.text, longest, &order.description),
        betrag: line.net,
        href: line.href.clone(),
    };
    if line.tax == Cents::ZERO {
        return vec![net];
    }
    let title = profile
        .tax_titles
        .iter()
        .find(|title| title.rate == line.tax_rate);
    let href = with_tax_key(line.href.as_deref(), title);
    match profile.tax {
        Tax::Within => vec![Buchung {
            betrag: line.net + line.tax,
            href,
            ..net
        }],
        Tax::SeparateBuchung => {
            let named = format!("MWST {}%", line.tax_rate.normalize());
            let said = title.and_then(|title| title.text.as_deref());
            let tax = Buchung {
                haushaltsstelle: &line.haushaltsstelle,
                objektnummer: title
                    .and_then(|title| title.objektnummer.as_deref())
                    .or(line.objektnummer.as_deref()),
                text: text::buchungstext(said.unwrap_or(&named), longest, "MWST"),
                betrag: line.tax,
                href,
            };
            vec![net, tax]
        }
    }
}

/// An HREF with the tax key behind what it has.
fn with_tax_key(href: Option<&str>, title: Option<&TaxTitle>) -> Option<String> {
    let Some(key) = title.and_then(|title| title.sts.as_deref()) else {
        return href.map(str::to_owned);
    };
    let before = href.unwrap_or_default().trim_end_matches(';');
    Some(match before {
        "" => format!("STS={key}"),
        _ => format!("{before};STS={key}"),
    })
}

#[cfg(test)]
#[path = "buchungen_tests.rs"]
mod tests;
