//! What the settings of a Kasse come to: whether they are right, and the files that they make.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use sha2::{Digest as _, Sha256};

use super::check::Problem;
use super::template::{Encoding, Format, Template};
use super::writer::{FileFacts, file_name, write};
use super::{READY, TemplateError, ready};
use crate::app::ports::{PostingFiles, PostingOrder, WrittenPostings};
use crate::domain::tenant::{Environment, HkrRules};

/// The most bytes that a file has; a template that makes more of a file's lines is not usable.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// The text of the template that a Kasse names, or brings itself.
fn text(rules: &HkrRules) -> Result<&str, TemplateError> {
    if rules.template.contains('\n') {
        return Ok(&rules.template);
    }
    ready(&rules.template).ok_or_else(|| {
        TemplateError(vec![Problem {
            path: String::new(),
            text: format!(
                "there is no template «{}»; there are {}, or write its text here, between \"\"\"",
                rules.template,
                READY.join(", ")
            ),
        }])
    })
}

/// What is wrong with the settings of a Kasse, each with its path below `hkr`.
pub fn problems(rules: &HkrRules) -> Vec<Problem> {
    let below = |path: &str, problem: Problem| Problem {
        path: match (path, problem.path.as_str()) {
            ("", own) => own.to_owned(),
            (path, "" | ".") => path.to_owned(),
            (path, own) => format!("{path}.{own}"),
        },
        text: problem.text,
    };
    let template = match text(rules).and_then(Template::parse) {
        Ok(template) => template,
        Err(TemplateError(problems)) => {
            return problems
                .into_iter()
                .map(|problem| below("template", problem))
                .collect();
        }
    };
    let mut problems = template.check_parameters(&rules.parameters);
    if problems.is_empty() {
        problems.extend(template.check_codes(&rules.accounts, &rules.parameters));
    }
    problems.into_iter().map(|problem| below("", problem)).collect()
}

/// The business year that a day belongs to, where years begin as `begins` does.
fn year_of(begins: Date, day: Date) -> Option<Date> {
    let in_year = |year: i16| {
        // The 29th of February is the first of March elsewhere.
        Date::new(year, begins.month(), begins.day()).unwrap_or_else(|_| date(year, 3, 1))
    };
    let this = in_year(day.year());
    if this <= day {
        return Some(this);
    }
    Some(in_year(day.checked_sub(1.year()).ok()?.year()))
}

/// Writes files by the templates of Kassen.
#[derive(Debug, Clone, Copy, Default)]
pub struct Files;

impl PostingFiles for Files {
    fn business_year(&self, rules: &HkrRules, day: Date) -> Option<Date> {
        let template = text(rules).and_then(Template::parse).ok()?;
        year_of(template.year_of(&rules.parameters)?, day)
    }

    fn write(&self, order: &PostingOrder<'_>) -> Result<WrittenPostings, String> {
        let text = text(order.rules).map_err(|error| error.to_string())?;
        let template = Template::parse(text).map_err(|error| error.to_string())?;
        let mut parameters = order.rules.parameters.clone();
        // The business year goes on by itself: nobody has to be awake on New Year's morning.
        if let (Some(year), Some(begins), Some(first)) =
            (&template.year, template.year_of(&parameters), order.totals.first)
        {
            let begins = year_of(begins, first).ok_or("the calendar has no such year")?;
            parameters.insert(year.begins.clone(), begins.to_string());
        }
        let test = order.kasse.environment == Environment::Test;
        let facts = FileFacts {
            ledger: order.kasse.id.to_string(),
            ledger_name: order.kasse.name.clone(),
            number: order.number,
            created: order.created,
            test,
            test_wanted: order.preview,
            parameters,
            chart: order.rules.accounts.clone(),
            totals: order.totals,
        };
        let mut content = Vec::new();
        let written =
            write(&template, &facts, order.postings, &mut content).map_err(|error| error.to_string())?;
        if written.bytes > MOST_BYTES {
            return Err(format!(
                "it has {} bytes; {MOST_BYTES} are the most",
                written.bytes
            ));
        }
        Ok(WrittenPostings {
            name: file_name(&template, &facts),
            media_type: media_type(&template).to_owned(),
            content,
            template_digest: Sha256::digest(text).into(),
            template: template.name,
        })
    }
}

const fn media_type(template: &Template) -> &'static str {
    match (template.format, template.encoding) {
        (Format::Xml, _) => "application/xml",
        (Format::Delimited, Encoding::Utf8) => "text/csv; charset=utf-8",
        (Format::Delimited, Encoding::Windows1252) => "text/csv; charset=windows-1252",
        (Format::Delimited, Encoding::Iso88591) => "text/csv; charset=iso-8859-1",
        (Format::Delimited, Encoding::Ascii) => "text/csv; charset=us-ascii",
        (Format::Fixed, Encoding::Utf8) => "text/plain; charset=utf-8",
        (Format::Fixed, Encoding::Windows1252) => "text/plain; charset=windows-1252",
        (Format::Fixed, Encoding::Iso88591) => "text/plain; charset=iso-8859-1",
        (Format::Fixed, Encoding::Ascii) => "text/plain; charset=us-ascii",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_business_year_goes_on_by_itself() {
        for (begins, day, year) in [
            (date(2026, 1, 1), date(2026, 12, 31), date(2026, 1, 1)),
            (date(2026, 1, 1), date(2027, 1, 1), date(2027, 1, 1)),
            (date(2026, 7, 1), date(2027, 6, 30), date(2026, 7, 1)),
            (date(2026, 7, 1), date(2027, 7, 1), date(2027, 7, 1)),
            (date(2026, 1, 1), date(2025, 5, 5), date(2025, 1, 1)),
            (date(2024, 2, 29), date(2027, 3, 1), date(2027, 3, 1)),
        ] {
            assert_eq!(year_of(begins, day), Some(year), "{begins} {day}");
        }
    }

    fn rules(template: &str) -> HkrRules {
        HkrRules {
            postings: crate::domain::tenant::Postings::Connector,
            template: template.to_owned(),
            parameters: [("berater", "1001"), ("mandant", "1"), ("wj_beginn", "2026-01-01")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            accounts: crate::domain::hkr::Chart::default(),
            with_closing: false,
        }
    }

    #[test]
    fn what_is_wrong_is_named_where_it_stands() {
        let told =
            |rules: &HkrRules| -> Vec<String> { problems(rules).iter().map(ToString::to_string).collect() };
        let unknown = told(&rules("datev"));
        assert!(
            unknown[0].starts_with("template: there is no template «datev»"),
            "{unknown:?}"
        );
        let lacks = told(&rules("datev-extf"));
        assert!(
            lacks
                .iter()
                .any(|text| text.starts_with("parameters.sachkontenlaenge: ")),
            "{lacks:?}"
        );
        let own = told(&rules("name = \"eigenes\"\nformat = \"wolke\"\n"));
        assert!(own[0].starts_with("template"), "{own:?}");
        let text = ready("neutral-csv").expect("it is there");
        let mut own = rules(text);
        own.parameters.clear();
        assert_eq!(told(&own), Vec::<String>::new());
    }
}
