//! `[providers.<id>]` and other tables that a room describes itself. Here is read only what others need to know of them.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::problems::{Problems, join};
use super::section::section;
use crate::domain::ids::ProviderId;
use crate::domain::tenant::Environment;

/// A table with its path, files and environment already resolved. It may hold secrets, so `Debug` shows its keys only.
#[derive(Clone)]
pub struct RawSection {
    path: String,
    table: Table,
}

impl RawSection {
    /// A table that stands at a path.
    pub fn new(path: impl Into<String>, table: Table) -> Self {
        Self {
            path: path.into(),
            table,
        }
    }

    /// Its path, for problems that its room finds.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Its values.
    pub const fn table(&self) -> &Table {
        &self.table
    }

    /// Reads it into the room's struct; see [`section`].
    pub fn read<T: DeserializeOwned>(&self, problems: &mut Problems) -> Option<T> {
        section(&self.table, &self.path, problems)
    }
}

impl fmt::Debug for RawSection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.path)?;
        f.debug_set().entries(self.table.keys()).finish()
    }
}

/// How a provider is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProviderKind {
    /// ePayBL through its REST Konnektor.
    Konnektor,
    /// ePayBL through its SOAP service.
    Soap,
    /// Any payment service that speaks XBezahldienste.
    Xbezahldienste,
}

impl ProviderKind {
    /// Whether it takes a Kassenzeichen that we give.
    pub const fn takes_kassenzeichen(self) -> bool {
        match self {
            Self::Konnektor | Self::Soap => true,
            Self::Xbezahldienste => false,
        }
    }

    /// Whether it has a list of unread receipts.
    pub const fn has_read_cursor(self) -> bool {
        match self {
            Self::Soap => true,
            Self::Konnektor | Self::Xbezahldienste => false,
        }
    }

    /// Whether it knows us by a client certificate and by nothing else.
    pub const fn wants_certificate(self) -> bool {
        match self {
            Self::Konnektor | Self::Soap => true,
            Self::Xbezahldienste => false,
        }
    }

    /// Whether it opens payments by transfer (Vorkasse and Rechnung), not only pages.
    pub const fn takes_transfers(self) -> bool {
        match self {
            Self::Konnektor | Self::Xbezahldienste => false,
            Self::Soap => true,
        }
    }
}

/// One provider.
#[derive(Debug, Clone)]
pub struct ProviderSection {
    /// How it is spoken to; it chooses the room that reads the rest.
    pub kind: ProviderKind,
    /// Whether real money moves there.
    pub environment: Environment,
    /// Its own settings: the table without `kind`.
    pub settings: RawSection,
}

#[derive(Deserialize)]
struct Head {
    kind: ProviderKind,
    environment: Environment,
}

/// The providers; what is wrong with one does not hide the others.
pub(super) fn read(table: Table, problems: &mut Problems) -> BTreeMap<ProviderId, ProviderSection> {
    let mut providers = BTreeMap::new();
    for (name, value) in table {
        let path = join("providers", &name);
        let id = ProviderId::parse(&name).map_err(|error| problems.at(&path, error.to_string()));
        let Value::Table(mut table) = value else {
            problems.at(path, "should be a section");
            continue;
        };
        let head: Option<Head> = section(&table, &path, problems);
        table.remove("kind");
        if let (Ok(id), Some(Head { kind, environment })) = (id, head) {
            let settings = RawSection::new(path, table);
            let section = ProviderSection {
                kind,
                environment,
                settings,
            };
            providers.insert(id, section);
        }
    }
    providers
}
