//! Which network addresses may be spoken to (SSRF guard). Targets are data that an operator applies; a wrong or a
//! hijacked name must not make the connector talk to a cloud's metadata service or to its own loopback interface.
//!
//! The check is made on the addresses that a connection will really use: hyper asks [`Guard`] for them, and a name that
//! resolves differently a moment later is checked again. Addresses written into the URL never reach a resolver; they
//! are checked by [`AddressRules::check_literal`] before each try.

use std::error::Error;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::Host;

/// Turns a name into addresses. A trait, so that a test can be a hostile name server.
#[async_trait]
pub trait Lookup: Send + Sync {
    /// All addresses of a name.
    ///
    /// # Errors
    /// Where the name is not known or nobody answers.
    async fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// The resolver of the operating system.
#[derive(Debug, Clone, Copy)]
pub struct SystemLookup;

#[async_trait]
impl Lookup for SystemLookup {
    async fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((host, 0))
            .await?
            .map(|address| address.ip())
            .collect())
    }
}

/// What the configuration allows beyond public addresses.
#[derive(Debug, Clone, Copy)]
pub(super) struct AddressRules {
    /// Private ranges: RFC 1918, RFC 6598, RFC 4193.
    pub(super) private: bool,
    /// Loopback addresses under a name other than `localhost`.
    pub(super) loopback: bool,
}

/// An address that is not spoken to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refused {
    /// Not under any configuration.
    #[error("{host} is {address}, {what}: never addressed")]
    Never {
        host: String,
        address: IpAddr,
        what: &'static str,
    },
    /// Loopback, under another name.
    #[error(
        "{host} is {address}, a loopback address: the target's host must be «localhost», or notify.allow_loopback set"
    )]
    Loopback { host: String, address: IpAddr },
    /// Private, and the configuration says no.
    #[error("{host} is {address}, a private address: refused by notify.allow_private")]
    Private { host: String, address: IpAddr },
    /// `localhost`, pointing elsewhere.
    #[error("{host} is {address}, which is not a loopback address")]
    NotLoopback { host: String, address: IpAddr },
}

impl AddressRules {
    /// Checks an address that is written into a URL; a name is left to the resolver.
    pub(super) fn check_literal(self, host: &Host<&str>) -> Result<(), Refused> {
        let address = match host {
            Host::Domain(_) => return Ok(()),
            Host::Ipv4(v4) => IpAddr::V4(*v4),
            Host::Ipv6(v6) => IpAddr::V6(*v6),
        };
        self.check(&host.to_string(), is_loopback_host(host), address)
    }

    fn check(self, host: &str, host_is_loopback: bool, address: IpAddr) -> Result<(), Refused> {
        let host = host.to_owned();
        match Kind::of(address) {
            Kind::Never(what) => Err(Refused::Never { host, address, what }),
            Kind::Loopback if host_is_loopback || self.loopback => Ok(()),
            Kind::Loopback => Err(Refused::Loopback { host, address }),
            // Plain http is allowed to `localhost`: that must not become plain http to the network.
            _ if host_is_loopback => Err(Refused::NotLoopback { host, address }),
            Kind::Private if !self.private => Err(Refused::Private { host, address }),
            Kind::Private | Kind::Public => Ok(()),
        }
    }
}

/// Whether a URL says loopback literally: `localhost` (RFC 6761), 127.0.0.0/8 or ::1.
pub(super) fn is_loopback_host(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => is_localhost(name),
        Host::Ipv4(v4) => v4.is_loopback(),
        Host::Ipv6(v6) => v6.is_loopback(),
    }
}

fn is_localhost(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

/// The resolver that hyper asks. One address that is refused refuses the name: a name server that mixes them is not
/// to be believed about the others.
pub(super) struct Guard {
    pub(super) rules: AddressRules,
    pub(super) lookup: Arc<dyn Lookup>,
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let rules = self.rules;
        let lookup = Arc::clone(&self.lookup);
        Box::pin(async move {
            let host = name.as_str();
            let addresses = lookup.addresses(host).await?;
            if addresses.is_empty() {
                return Err(Box::<dyn Error + Send + Sync>::from(format!(
                    "{host} has no address"
                )));
            }
            for address in &addresses {
                rules.check(host, is_localhost(host), *address)?;
            }
            // Port 0 is replaced by the URL's.
            Ok(Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0))) as Addrs)
        })
    }
}

/// What an address is for, by the IANA special-purpose registries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Public,
    Private,
    Loopback,
    Never(&'static str),
}

const METADATA: &str = "a cloud's metadata service";

impl Kind {
    fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(v4) => Self::of_v4(v4),
            IpAddr::V6(v6) => Self::of_v6(v6),
        }
    }

    fn of_v4(v4: Ipv4Addr) -> Self {
        match v4.octets() {
            [169, 254, 169, 254] | [168, 63, 129, 16] | [100, 100, 100, 200] => Self::Never(METADATA),
            [0, ..] => Self::Never("unspecified"),
            [127, ..] => Self::Loopback,
            [169, 254, ..] => Self::Never("link-local"),
            [10, ..] | [172, 16..=31, ..] | [192, 168, ..] | [100, 64..=127, ..] => Self::Private,
            [192, 0, 0, _] | [198, 18..=19, ..] | [240..=255, ..] => Self::Never("reserved"),
            [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => Self::Never("for documentation"),
            [224..=239, ..] => Self::Never("multicast"),
            _ => Self::Public,
        }
    }

    fn of_v6(v6: Ipv6Addr) -> Self {
        if v6.is_loopback() {
            return Self::Loopback;
        }
        let embedded =
            |high: u16, low: u16| Self::of_v4(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)));
        match v6.segments() {
            [0, 0, 0, 0, 0, 0, 0, 0] => Self::Never("unspecified"),
            // Notations of an IPv4 address: mapped, NAT64, 6to4.
            [0, 0, 0, 0, 0, 0xffff, high, low]
            | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
            | [0x2002, high, low, ..] => embedded(high, low),
            [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254] | [0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254] => {
                Self::Never(METADATA)
            }
            [0xfc00..=0xfdff, ..] => Self::Private,
            [0xfe80..=0xfeff, ..] => Self::Never("link-local"),
            [0xff00..=0xffff, ..] => Self::Never("multicast"),
            [0x2001, 0xdb8, ..] | [0x3fff, ..=0xfff, ..] => Self::Never("for documentation"),
            [0x2001, 0..=0x1ff, ..] => Self::Never("reserved"),
            [0x2000..=0x3fff, ..] => Self::Public,
            _ => Self::Never("reserved"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> Kind {
        Kind::of(text.parse().expect("an address"))
    }

    #[test]
    fn every_address_has_its_kind() {
        for (text, expected) in [
            ("93.184.216.34", Kind::Public),
            ("2a00:1450:4001::1", Kind::Public),
            ("172.15.0.1", Kind::Public),
            ("172.32.0.1", Kind::Public),
            ("100.128.0.1", Kind::Public),
            ("10.1.2.3", Kind::Private),
            ("172.16.0.1", Kind::Private),
            ("192.168.7.7", Kind::Private),
            ("100.64.0.1", Kind::Private),
            ("fd12:3456::1", Kind::Private),
            ("127.0.0.1", Kind::Loopback),
            ("127.9.9.9", Kind::Loopback),
            ("::1", Kind::Loopback),
            ("169.254.7.7", Kind::Never("link-local")),
            ("fe80::1", Kind::Never("link-local")),
            ("169.254.169.254", Kind::Never(METADATA)),
            ("168.63.129.16", Kind::Never(METADATA)),
            ("fd00:ec2::254", Kind::Never(METADATA)),
            ("0.0.0.0", Kind::Never("unspecified")),
            ("::", Kind::Never("unspecified")),
            ("224.0.0.1", Kind::Never("multicast")),
            ("ff02::1", Kind::Never("multicast")),
            ("255.255.255.255", Kind::Never("reserved")),
            ("198.18.0.1", Kind::Never("reserved")),
            ("2001:db8::1", Kind::Never("for documentation")),
            ("203.0.113.5", Kind::Never("for documentation")),
        ] {
            assert_eq!(kind(text), expected, "{text}");
        }
    }

    #[test]
    fn an_ipv4_address_does_not_hide_inside_of_an_ipv6_one() {
        for text in [
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "2002:a9fe:a9fe::1",
        ] {
            assert_eq!(kind(text), Kind::Never(METADATA), "{text}");
        }
        assert_eq!(kind("::ffff:127.0.0.1"), Kind::Loopback);
        assert_eq!(kind("::127.0.0.1"), Kind::Never("reserved"));
    }

    #[test]
    fn localhost_is_loopback_and_nothing_else() {
        let rules = AddressRules {
            private: true,
            loopback: false,
        };
        let check = |host: &str, address: &str| {
            rules.check(host, is_localhost(host), address.parse().expect("an address"))
        };
        assert!(check("localhost", "127.0.0.1").is_ok());
        assert!(check("gateway.localhost", "::1").is_ok());
        assert!(matches!(
            check("localhost", "10.0.0.1"),
            Err(Refused::NotLoopback { .. })
        ));
        assert!(matches!(
            check("mylocalhost", "127.0.0.1"),
            Err(Refused::Loopback { .. })
        ));
    }
}
