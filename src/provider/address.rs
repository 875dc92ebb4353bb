//! Checks of settings that every kind of provider has: addresses, the proxy, and times.

use url::{Host, Url};

/// Notes a problem at a setting.
pub type Say<'a> = &'a mut dyn FnMut(&str, String);

/// An address that calls go to: https (or http to this machine, or where it is allowed), without a query and without
/// a user name.
pub fn check_address(setting: &str, url: &Url, allow_http: bool, say: Say<'_>) {
    match url.scheme() {
        "https" => {}
        "http" if allow_http || loopback(url) => {}
        "http" => say(
            setting,
            format!(
                "is plain http to {}: use https (or allow_http = true where TLS ends before it)",
                url.host_str().unwrap_or_default()
            ),
        ),
        other => say(setting, format!("has the scheme «{other}», allowed is https")),
    }
    if url.query().is_some() || url.fragment().is_some() {
        say(setting, "must end with its path, without «?» and «#»".to_owned());
    }
}

/// A proxy: http or https, without a user name.
pub fn check_proxy(proxy: Option<&Url>, say: Say<'_>) {
    let Some(proxy) = proxy else {
        return;
    };
    if !matches!(proxy.scheme(), "http" | "https") {
        say("proxy", format!("has the scheme «{}»", proxy.scheme()));
    }
    if !proxy.username().is_empty() || proxy.password().is_some() {
        say("proxy", "carries a user name, which is not supported".to_owned());
    }
}

/// How long calls may take: each bounded, and a connection shorter than the call that needs it.
pub fn check_timeouts(connect: u32, open: u32, ask: u32, say: Say<'_>) {
    for (setting, seconds) in [
        ("connect_timeout_seconds", connect),
        ("open_timeout_seconds", open),
        ("ask_timeout_seconds", ask),
    ] {
        if !(1..=300).contains(&seconds) {
            say(setting, format!("is {seconds}, allowed are 1 to 300 seconds"));
        }
    }
    if connect >= open {
        say(
            "connect_timeout_seconds",
            format!(
                "is {connect}, not less than open_timeout_seconds: then nobody could tell «not reached» from «not \
                 answered»"
            ),
        );
    }
}

/// A name of an account `verrechnung/<zvp>/…`.
pub fn check_zvp(zvp: &str, say: Say<'_>) {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if zvp.is_empty() || !zvp.chars().all(allowed) {
        say(
            "zvp",
            format!("«{zvp}» is no name of an account; allowed are A-Z a-z 0-9 _ -"),
        );
    }
}

fn loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
