//! What must not be in the tree, so that everybody's `cargo test` notices at once; `deny.toml` says the same to
//! `cargo deny`, and more.

use crate::source::{Finding, demand_none, read};

const BANNED: &[(&str, &str)] = &[
    ("openssl", "TLS is rustls"),
    ("openssl-sys", "TLS is rustls"),
    ("native-tls", "TLS is rustls"),
    ("aws-lc-rs", "rustls runs on ring"),
    ("aws-lc-sys", "rustls runs on ring"),
];

#[test]
fn no_second_tls_stack_is_locked() {
    let lock = read("Cargo.lock");
    assert!(lock.contains("name = \"rustls\""), "the lock file is read");
    let mut findings = Vec::new();
    for (number, line) in lock.lines().enumerate() {
        let name = line.strip_prefix("name = ").map(|name| name.trim_matches('"'));
        if let Some((name, why)) = BANNED.iter().find(|(banned, _)| name == Some(banned)) {
            findings.push(Finding {
                path: "Cargo.lock".to_owned(),
                line: number + 1,
                rule: format!("{name} is banned: {why}; `cargo tree -i {name}` tells who wants it"),
            });
        }
    }
    demand_none(&findings);
}

#[test]
fn both_lists_of_bans_are_the_same() {
    let deny = read("deny.toml");
    for (name, _) in BANNED {
        assert!(
            deny.contains(&format!("crate = \"{name}\"")),
            "deny.toml does not ban {name}"
        );
    }
    let denied = deny.matches("{ crate = ").count();
    assert_eq!(
        denied,
        BANNED.len(),
        "deny.toml and tests/architecture/dependencies.rs ban the same"
    );
}
