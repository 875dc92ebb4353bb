//! What a tenant sets for a template: parameters, and the codes of its accounts.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::check::{Problem, Problems};
use super::field::Field;
use super::template::{Column, Kind, Template};
use super::{row, value};
use crate::domain::hkr::Chart;

/// Whether a value is one that the parameter can have.
pub(super) fn fits(kind: &Kind, value: &str) -> Result<(), String> {
    let right = match kind {
        Kind::Number { min, max } => {
            let number = value
                .parse::<u64>()
                .ok()
                .filter(|_| value.bytes().all(|byte| byte.is_ascii_digit()));
            if number.is_some_and(|number| (*min..=*max).contains(&number)) {
                return Ok(());
            }
            format!("a whole number from {min} to {max}")
        }
        Kind::Day { .. } => {
            if value.parse::<Date>().is_ok_and(|day| day.to_string() == value) {
                return Ok(());
            }
            "a day such as 2026-01-01".to_owned()
        }
        Kind::Text { longest } => {
            if value.chars().count() <= usize::from(*longest) && !value.chars().any(char::is_control) {
                return Ok(());
            }
            format!("at most {longest} characters in one line")
        }
        Kind::Choice { choices } => {
            if choices.iter().any(|choice| choice == value) {
                return Ok(());
            }
            format!("one of {}", choices.join(", "))
        }
    };
    Err(format!("«{value}» is not {right}"))
}

pub(super) fn parameters(template: &Template, given: &BTreeMap<String, String>) -> Vec<Problem> {
    let mut problems = Problems::default();
    for (name, parameter) in &template.parameters {
        let path = format!("parameters.{name}");
        match given.get(name).or(parameter.default.as_ref()) {
            Some(value) => {
                if let Err(text) = fits(&parameter.kind, value) {
                    problems.unless(false, path, text);
                }
            }
            None => problems.unless(false, path, format!("the template «{}» needs it", template.name)),
        }
    }
    for name in given.keys() {
        let known: Vec<&str> = template.parameters.keys().map(String::as_str).collect();
        problems.unless(
            known.contains(&name.as_str()),
            format!("parameters.{name}"),
            format!(
                "the template «{}» has no such parameter; it has {}",
                template.name,
                known.join(", ")
            ),
        );
    }
    problems.0
}

/// How many characters a column has room for, of all that say so.
pub(super) fn longest(
    template: &Template,
    given: &BTreeMap<String, String>,
    column: &Column,
) -> Option<usize> {
    let by = column.longest_by.as_ref().and_then(|by| {
        let length: u16 = set(template, given, &by.parameter)?.parse().ok()?;
        Some(length.saturating_add(by.plus))
    });
    let all = [column.longest, column.width, by];
    all.into_iter().flatten().min().map(usize::from)
}

/// A parameter as the tenant, or else the template, sets it.
pub(super) fn set<'a>(
    template: &'a Template,
    given: &'a BTreeMap<String, String>,
    name: &str,
) -> Option<&'a str> {
    let own = template
        .parameters
        .get(name)
        .and_then(|parameter| parameter.default.as_ref());
    given.get(name).or(own).map(String::as_str)
}

pub(super) fn codes(template: &Template, chart: &Chart, given: &BTreeMap<String, String>) -> Vec<Problem> {
    let mut problems = Problems::default();
    let of_code = |column: &&Column| {
        let codes = [Field::DebitCode, Field::CreditCode, Field::Account, Field::Contra];
        column
            .source
            .as_ref()
            .is_some_and(|source| codes.contains(source))
    };
    for (key, code) in chart.iter() {
        for column in template.record.columns.iter().filter(of_code) {
            let written = value::cell(template, given, column, value::Cell::key(code))
                .and_then(|cell| row::fixed(column, cell));
            if let Err(text) = written {
                let told = format!("column «{}» cannot have the code: {text}", column.name);
                problems.unless(false, format!("accounts.«{key}»"), told);
                // Both sides are mostly alike; once is enough.
                break;
            }
        }
    }
    problems.0
}
