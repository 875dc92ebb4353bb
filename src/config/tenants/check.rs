//! What can be wrong within one entry of the tenants file.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use crate::config::checks::within;
use crate::config::problems::{Problems, join};
use crate::domain::resolution::PROGRAM;
use crate::domain::tenant::{
    Authority, BookingKey, CaseKeyRule, Client, ClosingRules, Kasse, ListContract, OPERATOR, Release, Route,
    RouteMethod, Soll, Target, TaxRule,
};
use crate::domain::tenants::Tenants;

/// Settings of a route for which no default is safe, and why.
pub(super) const WHY_ROUTE: [(&str, &str); 4] = [
    (
        "kennzeichen_mahnverfahren",
        "it decides how an unpaid request is dunned and is agreed with the cash office (ePayBL −0504); no default is safe",
    ),
    (
        "expires_after_minutes",
        "it must be longer than the provider's own session, which only its operator knows; no default is safe",
    ),
    (
        "anordnung",
        "the Soll is booked under an allgemeine Annahmeanordnung (§ 37 ThürGemHV); name its file reference",
    ),
    (
        "soll",
        "say \"paid\" where a Kassenzeichen is temporary until paid, \"accepted\" where the claim stands at once",
    ),
];

/// ePayBL's longest Haushaltsstelle and Objektnummer.
const TITLE: usize = 10;
/// ePayBL's longest HREF.
const HREF: usize = 100;

pub(super) fn kasse(kasse: &Kasse, path: &str, problems: &mut Problems) {
    problems.unless(
        kasse.id.as_str() != OPERATOR,
        join(path, "id"),
        format!("«{OPERATOR}» is the operator's own log; a Kasse needs another id"),
    );
    not_blank(&kasse.name, path, "name", problems);
    closing(&kasse.closing, &join(path, "closing"), problems);
    super::hkr::kasse(kasse, path, problems);
    lists(kasse, path, problems);
    for (n, account) in kasse.accounts.iter().enumerate() {
        problems.unless(
            kasse.accounts[..n].iter().all(|other| other.iban != account.iban),
            join(path, &format!("account[{n}].iban")),
            format!("{} is there already", account.iban.grouped()),
        );
        problems.unless(
            account.details_days <= 30,
            join(path, &format!("account[{n}].details_days")),
            "0 to 30 bank days: for longer than that nobody waits for a camt.054",
        );
    }
}

fn lists(kasse: &Kasse, path: &str, problems: &mut Problems) {
    for (n, list) in kasse.lists.iter().enumerate() {
        let at = join(path, &format!("list[{n}]"));
        let plain = |text: &str| {
            (1..=40).contains(&text.len())
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        };
        problems.unless(
            plain(&list.id),
            join(&at, "id"),
            format!("«{}» is not 1 to 40 small letters, digits and hyphens", list.id),
        );
        problems.unless(
            kasse.lists[..n].iter().all(|other| other.id != list.id),
            join(&at, "id"),
            format!("«{}» is there already", list.id),
        );
        not_blank(&list.zvp, &at, "zvp", problems);
        not_blank(&list.disagio, &at, "disagio", problems);
        if let Some(iban) = &list.account {
            problems.unless(
                kasse.accounts.iter().any(|account| account.iban == *iban),
                join(&at, "account"),
                format!("{} is no account of this Kasse", iban.grouped()),
            );
        }
        if let Some(Err((setting, why))) = list.contract.as_ref().map(ListContract::terms) {
            problems.at(join(&at, &format!("contract.{setting}")), why);
        }
        for (setting, why) in list.read.problems() {
            problems.at(join(&at, &format!("read.{setting}")), why);
        }
    }
}

/// Roles are granted for authorities that are there.
pub(super) fn roles(clients: &[Client], authorities: &[Authority], problems: &mut Problems) {
    for client in clients {
        for (authority, roles) in &client.roles {
            let path = format!("client {}.roles.{authority}", client.id);
            problems.unless(
                authorities.iter().any(|known| known.id == *authority),
                &path,
                "there is no authority of this id",
            );
            problems.unless(
                !roles.is_empty(),
                path,
                "grants nothing: name a role, or leave it out",
            );
        }
    }
}

fn closing(rules: &ClosingRules, path: &str, problems: &mut Problems) {
    problems.unless(
        !rules.signatures.is_empty(),
        join(path, "signatures"),
        "needs at least one of \"clerk\" and \"kassenverwalter\": a closing that nobody signs proves nothing",
    );
    for day in &rules.local_open {
        problems.unless(
            !rules.local_closed.contains(day),
            join(path, "local_open"),
            format!("{day} is in local_closed too"),
        );
    }
    let own = rules.arrival_bank_days_of.iter();
    let own = own.map(|(method, days)| (format!("arrival_bank_days_of.{method}"), *days));
    for (setting, days) in own.chain([("arrival_bank_days".to_owned(), rules.arrival_bank_days)]) {
        within(problems, path, &setting, days, &(1..=60));
    }
    let freigabe = &rules.freigabe;
    problems.unless(
        freigabe.chars().count() <= 200 && !freigabe.chars().any(char::is_control),
        join(path, "freigabe"),
        "is a reference of 200 characters at most, on one line",
    );
}

/// What waits for a statement needs an account whose statements are taken: else no case would ever be released.
pub(super) fn released(tenants: &Tenants, problems: &mut Problems) {
    for route in &tenants.routes {
        let kasse = tenants.kasse_of(&route.authority);
        let kasse = kasse.and_then(|id| tenants.kassen.iter().find(|kasse| kasse.id == *id));
        let waiting = (0..).zip(&route.methods);
        for (n, method) in waiting.filter(|(_, method): &(u32, _)| method.release == Release::Settled) {
            problems.unless(
                kasse.is_none_or(|kasse| !kasse.accounts.is_empty()),
                format!("route {}.methods[{n}].release", route.key()),
                format!(
                    "\"settled\" waits for a statement that shows {}, but the Kasse has no account whose statements \
                     are taken: add [[kasse.account]], or say \"paid\"",
                    method.code
                ),
            );
        }
    }
}

/// An account belongs to one Kasse: its statements are filed once.
pub(super) fn accounts(kassen: &[(String, &Kasse)], problems: &mut Problems) {
    for (n, (path, kasse)) in kassen.iter().enumerate() {
        for account in &kasse.accounts {
            let others = kassen[..n].iter();
            let other = others
                .map(|(_, other)| other)
                .find(|other| other.accounts.iter().any(|theirs| theirs.iban == account.iban));
            if let Some(other) = other {
                let iban = account.iban.grouped();
                problems.at(
                    join(path, "account"),
                    format!(
                        "{iban} is an account of Kasse {} already; a joint account belongs to one Kasse",
                        other.id
                    ),
                );
            }
        }
    }
}

pub(super) fn client(client: &Client, path: &str, problems: &mut Problems) {
    not_blank(&client.name, path, "name", problems);
    problems.unless(
        client.id.as_str() != PROGRAM,
        join(path, "id"),
        format!("«{PROGRAM}» is who resolves what resolves itself; a client needs another id"),
    );
}

pub(super) fn authority(authority: &Authority, path: &str, problems: &mut Problems) {
    not_blank(&authority.name, path, "name", problems);
    let limits = &authority.limits;
    for (name, cents) in [
        ("limits.shortfall_cents", limits.shortfall_cents),
        ("limits.overpayment_cents", limits.overpayment_cents),
    ] {
        problems.unless(
            (0..=100_000).contains(&cents),
            join(path, name),
            format!("{cents} is not between 0 and 100000 cents: only small differences are given up"),
        );
    }
    let (ars, ags) = (authority.ars.as_str(), authority.ags.as_str());
    let ars_fits = ars.len() == 12 && digits(ars);
    let ags_fits = matches!(ags.len(), 5 | 8) && digits(ags);
    problems.unless(
        ars_fits,
        join(path, "ars"),
        format!("«{ars}» is no Regionalschlüssel; it has 12 digits (a Kreis: filled up with zeros)"),
    );
    problems.unless(
        ags_fits,
        join(path, "ags"),
        format!("«{ags}» is no Gemeindeschlüssel; it has 8 digits (a Kreis: 5)"),
    );
    if ars_fits && ags_fits {
        // ARS: Land 2, Regierungsbezirk 1, Kreis 2, Verband 4, Gemeinde 3; the AGS leaves out the Verband
        let same = ars[..5] == ags[..5] && (ags.len() == 5 || ars[9..] == ags[5..]);
        problems.unless(
            same,
            join(path, "ags"),
            format!("{ags} and the ars {ars} are not the same place"),
        );
    }
}

pub(super) fn target(target: &Target, path: &str, problems: &mut Problems) {
    let url = &target.url;
    let at = join(path, "url");
    problems.unless(
        matches!(url.scheme(), "https" | "http") && url.has_host(),
        &at,
        "must begin with https:// (http:// where the configuration allows it)",
    );
    problems.unless(
        url.username().is_empty() && url.password().is_none() && url.fragment().is_none(),
        at,
        "must have neither user nor fragment: this file is recorded, and events are signed instead",
    );
}

pub(super) fn route(route: &Route, path: &str, problems: &mut Problems) {
    let leika = &route.leika;
    problems.unless(
        leika.len() == 14 && digits(leika) && leika.starts_with("99"),
        join(path, "leika"),
        format!("«{leika}» is no LeiKa key; it has 14 digits and begins with 99"),
    );
    let mahn = &route.kennzeichen_mahnverfahren;
    problems.unless(
        (1..=5).contains(&mahn.len()) && mahn.chars().all(|c| c.is_ascii_alphanumeric()),
        join(path, "kennzeichen_mahnverfahren"),
        format!("«{mahn}» is not 1 to 5 letters and digits, as agreed with the cash office (ePayBL −0504)"),
    );
    expiry(route, path, problems);
    not_blank(&route.anordnung, path, "anordnung", problems);
    not_blank(&route.buchungstext, path, "buchungstext", problems);
    not_blank(&route.fallback_name, path, "fallback_name", problems);
    within(problems, path, "due_days", route.due_days, &(0..=366));
    within(problems, path, "late_days", route.late_days, &(1..=1100));
    if let CaseKeyRule::BookingData(key) = &route.case_key {
        not_blank(key, path, "case_key.booking_data", problems);
    }
    methods(&route.methods, path, problems);
    titles(route, path, problems);
    taxes(&route.tax, path, problems);
}

/// A payer on a page has as long as the provider's session; one who transfers has until some time after the Fälligkeit.
fn expiry(route: &Route, path: &str, problems: &mut Problems) {
    let minutes = route.expires_after_minutes;
    let at = join(path, "expires_after_minutes");
    if !route.flow.by_transfer() {
        problems.unless(
            (15..=10_080).contains(&minutes),
            at,
            format!("{minutes} is not between 15 and 10080 minutes (a week); it must be longer than the provider's session"),
        );
        return;
    }
    let due = route.due_days.saturating_mul(24 * 60);
    problems.unless(
        (1440..=1_584_000).contains(&minutes) && minutes > due,
        at,
        format!(
            "{minutes} is not between 1440 (a day) and 1584000 minutes (1100 days) and longer than due_days ({due} \
             minutes): a transfer takes bank days, and comes late"
        ),
    );
    problems.unless(
        route.soll == Soll::Accepted,
        join(path, "soll"),
        "must be \"accepted\" for what is paid by transfer: the claim stands when the provider has taken it",
    );
}

fn methods(methods: &[RouteMethod], path: &str, problems: &mut Problems) {
    problems.unless(
        !methods.is_empty(),
        join(path, "methods"),
        "needs at least one method",
    );
    let mut seen = BTreeSet::new();
    for (index, method) in methods.iter().enumerate() {
        let at = format!("{path}.methods[{index}]");
        let code = &method.code;
        problems.unless(
            seen.insert(code),
            join(&at, "code"),
            format!("{code} is listed twice"),
        );
        for (setting, limit) in [("min_cents", method.min_cents), ("max_cents", method.max_cents)] {
            if let Some(cents) = limit {
                problems.unless(cents > 0, join(&at, setting), format!("{cents} is not above 0"));
            }
        }
        if let (Some(min), Some(max)) = (method.min_cents, method.max_cents) {
            let told = format!("{max} is less than min_cents, {min}: {code} would never be offered");
            problems.unless(min <= max, join(&at, "max_cents"), told);
        }
        within(problems, &at, "return_days", method.return_days, &(1..=1100));
    }
}

/// The route's own Haushaltsstelle, Objektnummer and HREF, and those that a portal may set.
fn titles(route: &Route, path: &str, problems: &mut Problems) {
    let may_set = &route.portal_may_set;
    let own = [
        (BookingKey::Haushaltsstelle, &route.haushaltsstelle),
        (BookingKey::Objektnummer, &route.objektnummer),
        (BookingKey::Href, &route.href),
    ];
    for (key, value) in own {
        if let Some(value) = value {
            title(key, value, &join(path, key.spellings()[0]), problems);
        }
        for value in may_set.get(&key).into_iter().flatten() {
            title(
                key,
                value,
                &format!("{path}.portal_may_set.{}", key.spellings()[0]),
                problems,
            );
        }
    }
    problems.unless(
        route.haushaltsstelle.is_some() || may_set.contains_key(&BookingKey::Haushaltsstelle),
        join(path, "haushaltsstelle"),
        "is missing, and portal_may_set does not let the portal say it: no payment could be booked",
    );
    for value in &route.fremd {
        title(BookingKey::Haushaltsstelle, value, &join(path, "fremd"), problems);
    }
}

fn title(key: BookingKey, value: &str, path: &str, problems: &mut Problems) {
    let most = if key == BookingKey::Href { HREF } else { TITLE };
    let len = value.chars().count();
    problems.unless(
        len <= most,
        path,
        format!("«{value}» has {len} characters; ePayBL takes {most}"),
    );
    // values are compared with what portals send, which is trimmed
    problems.unless(
        !value.is_empty() && value.trim() == value,
        path,
        format!("«{value}» is blank or has blanks around it"),
    );
}

fn taxes(rules: &[TaxRule], path: &str, problems: &mut Problems) {
    for (index, rule) in rules.iter().enumerate() {
        let at = format!("{path}.tax[{index}]");
        let rate = rule.rate;
        problems.unless(
            rate > Decimal::ZERO && rate <= Decimal::ONE_HUNDRED,
            join(&at, "rate"),
            format!("{rate} is not above 0 and up to 100 percent"),
        );
        let twice = rules[..index].iter().any(|earlier| earlier.rate == rate);
        problems.unless(
            !twice,
            join(&at, "rate"),
            format!("{rate} percent is listed twice"),
        );
        let key = &rule.key;
        problems.unless(
            (1..=10).contains(&key.len())
                && key.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit()),
            join(&at, "key"),
            format!("«{key}» is not 1 to 10 of A-Z 0-9"),
        );
        if let Some(objektnummer) = &rule.objektnummer {
            title(
                BookingKey::Objektnummer,
                objektnummer,
                &join(&at, "objektnummer"),
                problems,
            );
        }
        if let Some(href) = &rule.href {
            title(BookingKey::Href, href, &join(&at, "href"), problems);
        }
    }
}

fn not_blank(value: &str, path: &str, setting: &str, problems: &mut Problems) {
    problems.unless(!value.trim().is_empty(), join(path, setting), "must not be blank");
}

fn digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}
