//! The accounts that a Kasse's bookings can reach: each needs a code before there is a booking on it.

use std::collections::BTreeSet;

use super::Chart;
use crate::domain::booking::Account;
use crate::domain::tenant::{BookingKey, Kasse, Route};

/// Accounts that have no code, as the keys that the chart lacks: an account, or the beginning of several and `*`.
pub fn missing_codes<'a>(
    chart: &Chart,
    kasse: &Kasse,
    routes: impl IntoIterator<Item = &'a Route>,
) -> Vec<String> {
    let mut exact: BTreeSet<String> = [
        Account::Forderung,
        Account::Verwahrung,
        Account::Vorschuss,
        Account::Erstattung,
        Account::Rueckgebuehr,
    ]
    .iter()
    .map(ToString::to_string)
    .collect();
    exact.extend(kasse.accounts.iter().map(|account| {
        Account::Bank {
            iban: account.iban.clone(),
        }
        .to_string()
    }));
    exact.extend(kasse.lists.iter().map(|list| {
        Account::Disagio {
            haushaltsstelle: list.disagio.clone(),
        }
        .to_string()
    }));
    // Providers name acquirers and methods that no file of ours lists.
    let mut open = BTreeSet::from(["verrechnung/".to_owned()]);
    for route in routes {
        of_route(route, &mut exact, &mut open);
    }
    let mut missing = super::check_chart(chart, exact.iter().map(String::as_str));
    let without = open.into_iter().filter(|beginning| !chart.covers(beginning));
    missing.extend(without.map(|beginning| format!("{beginning}*")));
    missing
}

fn of_route(route: &Route, exact: &mut BTreeSet<String>, open: &mut BTreeSet<String>) {
    exact.extend(route.tax.iter().map(|rule| {
        Account::Steuer {
            key: rule.key.clone(),
        }
        .to_string()
    }));
    let (titles, any_title) = values(route, BookingKey::Haushaltsstelle, route.haushaltsstelle.as_ref());
    let (objekte, any_objekt) = values(route, BookingKey::Objektnummer, route.objektnummer.as_ref());
    if any_title {
        open.insert("erloes/".to_owned());
    }
    for title in titles
        .into_iter()
        .flatten()
        .filter(|title| !route.fremd.contains(title))
    {
        let account = |objektnummer: Option<String>| {
            Account::Erloes {
                haushaltsstelle: title.clone(),
                objektnummer,
            }
            .to_string()
        };
        if any_objekt {
            open.insert(format!("{}/", account(None)));
        }
        exact.extend(objekte.iter().map(|objekt| account(objekt.clone())));
    }
}

/// The values that a payment of the route may have, and whether it may have any.
fn values(route: &Route, key: BookingKey, own: Option<&String>) -> (BTreeSet<Option<String>>, bool) {
    let mut values = BTreeSet::from([own.cloned()]);
    let portal = route.portal_may_set.get(&key);
    values.extend(portal.into_iter().flatten().cloned().map(Some));
    (values, portal.is_some_and(BTreeSet::is_empty))
}
