use super::*;
use crate::domain::ids::{AuthorityId, ClientId, LedgerId};
use crate::domain::tenant::{Authority, Client, ClosingRules, Environment, Kasse, Rechnungswesen, Route};

fn kasse(name: &str) -> Kasse {
    Kasse {
        id: LedgerId::parse("kreiskasse").expect("id"),
        name: name.to_owned(),
        environment: Environment::Test,
        rechnungswesen: Rechnungswesen::Doppisch,
        accounts: Vec::new(),
        lists: Vec::new(),
        closing: ClosingRules::default(),
        hkr: None,
    }
}

fn client(id: &str) -> Client {
    Client {
        id: ClientId::parse(id).expect("id"),
        name: id.to_owned(),
        routes: std::collections::BTreeSet::new(),
        roles: std::collections::BTreeMap::new(),
    }
}

fn route(extra: &str) -> Route {
    let text = format!(
        r#"{{"originator_id":"thavel","end_point_id":"16064","authority":"kreis","leika":"99036008016000",
        "provider":"epaybl-th","mandant":"TH1","bewirtschafter":"BW1","kennzeichen_mahnverfahren":"01",
        "expires_after_minutes":60,"anordnung":"A","soll":"paid","buchungstext":"GEBUEHR",
        "methods":[{{"code":"KREDITKARTE"}}]{extra}}}"#
    );
    serde_json::from_str(&text).expect("a route")
}

fn tenants(kasse: Kasse, routes: Vec<Route>, clients: Vec<Client>) -> Tenants {
    Tenants {
        kassen: vec![kasse],
        routes,
        clients,
        ..Tenants::default()
    }
}

/// The store after a file was applied.
fn stored(tenants: &Tenants, version: i64) -> Vec<Current> {
    let entries = tenants.entries().expect("JSON").into_iter();
    let current = entries.map(|(kind, id, value)| Current {
        kind,
        id,
        version,
        json: value.to_string(),
        closed: false,
    });
    current.collect()
}

#[test]
fn the_first_time_everything_is_created_and_the_second_time_nothing_happens() {
    let wanted = tenants(kasse("Kreiskasse"), vec![route("")], vec![client("thavel")]);
    let first = plan(&[], &wanted, false).expect("a plan");
    assert_eq!(
        first.to_string(),
        "+ kasse kreiskasse: create\n+ route thavel/16064: create\n+ client thavel: create\n\
         3 to create, 0 to change, 0 to reopen, 0 to close, 0 unchanged, 0 absent and kept"
    );
    let second = plan(&stored(&wanted, 1), &wanted, true).expect("a plan");
    assert!(second.is_empty());
    assert_eq!(
        second.to_string(),
        "0 to create, 0 to change, 0 to reopen, 0 to close, 3 unchanged, 0 absent and kept"
    );
}

#[test]
fn a_change_shows_each_setting_before_and_after() {
    let before = tenants(
        kasse("Kreiskasse"),
        vec![route(r#","haushaltsstelle":"1220.4311""#)],
        vec![],
    );
    let mut after = before.clone();
    let route = &mut after.routes[0];
    route.expires_after_minutes = 120;
    route.haushaltsstelle = None;
    route.methods[0].max_cents = Some(5000);
    route
        .methods
        .push(serde_json::from_str(r#"{"code":"PAYPAL"}"#).expect("a method"));
    let plan = plan(&stored(&before, 3), &after, false).expect("a plan");
    assert_eq!(
        plan.to_string(),
        "~ route thavel/16064: change, version 3 → 4\n    \
         expires_after_minutes: 60 → 120\n    \
         methods[0].max_cents: not set → 5000\n    \
         methods[1]: not set → {\"code\":\"PAYPAL\",\"release\":\"paid\",\"return_days\":183}\n    \
         haushaltsstelle: \"1220.4311\" → not set\n\
         0 to create, 1 to change, 0 to reopen, 0 to close, 1 unchanged, 0 absent and kept"
    );
}

#[test]
fn what_the_file_no_longer_names_is_kept_unless_closing_was_asked_for() {
    let before = tenants(kasse("Kreiskasse"), vec![], vec![client("thavel"), client("old")]);
    let after = tenants(kasse("Kreiskasse"), vec![], vec![client("thavel")]);
    let current = stored(&before, 1);
    let kept = plan(&current, &after, false).expect("a plan");
    assert!(kept.is_empty());
    assert!(
        kept.to_string()
            .starts_with("= client old: not in the file, kept (--close would close it)\n")
    );
    let closed = plan(&current, &after, true).expect("a plan");
    assert!(
        closed
            .to_string()
            .starts_with("- client old: not in the file, close\n"),
        "{closed}"
    );
    assert!(!closed.is_empty());
}

#[test]
fn what_was_closed_is_reopened_when_it_is_wanted_and_left_alone_when_not() {
    let wanted = tenants(kasse("Kreiskasse"), vec![], vec![client("thavel")]);
    let mut current = stored(&wanted, 2);
    current[1].closed = true;
    let reopened = plan(&current, &wanted, true).expect("a plan");
    assert!(
        reopened
            .to_string()
            .starts_with("^ client thavel: reopen, version 2 → 3\n"),
        "{reopened}"
    );
    let without = tenants(kasse("Kreiskasse"), vec![], vec![]);
    assert_eq!(plan(&current, &without, true).expect("a plan").steps.len(), 1);
}

#[test]
fn a_version_from_before_a_setting_existed_is_unchanged_if_its_default_is_wanted() {
    let wanted = tenants(kasse("Kreiskasse"), vec![route("")], vec![]);
    let mut current = stored(&wanted, 1);
    let mut old: Value = serde_json::from_str(&current[1].json).expect("JSON");
    old.as_object_mut().expect("an object").remove("late_days");
    current[1].json = old.to_string();
    assert!(plan(&current, &wanted, false).expect("a plan").is_empty());
}

#[test]
fn what_can_never_change_is_refused_all_at_once() {
    let mut before = tenants(kasse("Kreiskasse"), vec![], vec![]);
    before.authorities.push(Authority {
        id: AuthorityId::parse("kreis").expect("id"),
        kasse: LedgerId::parse("kreiskasse").expect("id"),
        name: "Kreis".to_owned(),
        ars: "160640000000".to_owned(),
        ags: "16064".to_owned(),
        may_merge_roles: false,
        limits: crate::domain::tenant::Limits::default(),
    });
    let mut after = before.clone();
    after.kassen[0].environment = Environment::Production;
    after.authorities[0].kasse = LedgerId::parse("andere").expect("id");
    let told: Vec<String> = plan(&stored(&before, 1), &after, false)
        .expect_err("refused")
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        told,
        [
            "kasse kreiskasse: environment cannot change from \"test\" to \"production\": test books never become real \
             ones; name a new Kasse",
            "authority kreis: kasse cannot change from \"kreiskasse\" to \"andere\": its books stay where they are; name \
             a new authority",
        ]
    );
}

#[test]
fn a_version_that_cannot_be_read_is_named() {
    let wanted = tenants(kasse("Kreiskasse"), vec![], vec![]);
    let mut current = stored(&wanted, 7);
    current[0].json = "{}".to_owned();
    let told = plan(&current, &wanted, false).expect_err("refused");
    assert!(
        told[0]
            .to_string()
            .starts_with("kasse kreiskasse: version 7 in the store cannot be read: missing field")
    );
}
