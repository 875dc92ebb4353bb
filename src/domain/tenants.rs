//! Everything that the tenants file says, and the kinds of things in it.
//!
//! To add a kind of thing: a variant of [`Kind`], a list in [`Tenants`], a line in [`Tenants::entries`].

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::ids::{AuthorityId, LedgerId};
use super::mandant::MandantSettings;
use super::tenant::{Authority, Client, Kasse, Route, Target};

/// Everything that the tenants file says, checked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tenants {
    /// The cash offices.
    pub kassen: Vec<Kasse>,
    /// The authorities.
    pub authorities: Vec<Authority>,
    /// The receivers of events.
    pub targets: Vec<Target>,
    /// Mandanten of providers that need to be spoken of.
    pub mandanten: Vec<MandantSettings>,
    /// The routes.
    pub routes: Vec<Route>,
    /// The portals and persons.
    pub clients: Vec<Client>,
}

/// What kind of thing an entry is, in the order in which they need each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A cash office.
    Kasse,
    /// An authority.
    Authority,
    /// A receiver of events.
    Target,
    /// A Mandant at a provider; its id is `<provider>/<number>`.
    Mandant,
    /// A route; its id is `originatorId/endPointId`.
    Route,
    /// A portal or a person.
    Client,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Kasse,
        Self::Authority,
        Self::Target,
        Self::Mandant,
        Self::Route,
        Self::Client,
    ];

    /// Its name in the file, in the store and in messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Kasse => "kasse",
            Self::Authority => "authority",
            Self::Target => "target",
            Self::Mandant => "mandant",
            Self::Route => "route",
            Self::Client => "client",
        }
    }

    /// Stored content as this version of the program writes it: settings that came later have their defaults.
    pub(super) fn normalised(self, json: &str) -> Result<Value, serde_json::Error> {
        fn through<T: Serialize + DeserializeOwned>(json: &str) -> Result<Value, serde_json::Error> {
            serde_json::to_value(serde_json::from_str::<T>(json)?)
        }
        match self {
            Self::Kasse => through::<Kasse>(json),
            Self::Authority => through::<Authority>(json),
            Self::Target => through::<Target>(json),
            Self::Mandant => through::<MandantSettings>(json),
            Self::Route => through::<Route>(json),
            Self::Client => through::<Client>(json),
        }
    }

    /// Settings that can never change, and why.
    pub(super) const fn fixed(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Kasse => &[(
                "environment",
                "test books never become real ones; name a new Kasse",
            )],
            Self::Authority => &[("kasse", "its books stay where they are; name a new authority")],
            Self::Target => &[(
                "kasse",
                "no gateway is handed another Kasse's events; name a new target",
            )],
            Self::Mandant | Self::Route | Self::Client => &[],
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Tenants {
    /// The Kasse that keeps an authority's money.
    pub fn kasse_of(&self, authority: &AuthorityId) -> Option<&LedgerId> {
        let found = self.authorities.iter().find(|known| known.id == *authority);
        found.map(|known| &known.kasse)
    }

    /// Every entry as kind, id and content, in the order of [`Kind`].
    ///
    /// # Errors
    /// serde_json's own; the types of `tenant` cause none.
    pub fn entries(&self) -> Result<Vec<(Kind, String, Value)>, serde_json::Error> {
        let mut entries = Vec::new();
        add(&mut entries, Kind::Kasse, &self.kassen, |kasse| {
            kasse.id.to_string()
        })?;
        add(&mut entries, Kind::Authority, &self.authorities, |authority| {
            authority.id.to_string()
        })?;
        add(&mut entries, Kind::Target, &self.targets, |target| {
            target.id.to_string()
        })?;
        add(&mut entries, Kind::Mandant, &self.mandanten, MandantSettings::id)?;
        add(&mut entries, Kind::Route, &self.routes, |route| {
            route.key().to_string()
        })?;
        add(&mut entries, Kind::Client, &self.clients, |client| {
            client.id.to_string()
        })?;
        Ok(entries)
    }
}

fn add<T: Serialize>(
    entries: &mut Vec<(Kind, String, Value)>,
    kind: Kind,
    things: &[T],
    id: fn(&T) -> String,
) -> Result<(), serde_json::Error> {
    for thing in things {
        entries.push((kind, id(thing), serde_json::to_value(thing)?));
    }
    Ok(())
}
