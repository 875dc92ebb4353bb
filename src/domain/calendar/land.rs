//! The sixteen Länder.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! laender {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $full:literal;)*) => {
        /// A Land of the Federal Republic, by its code of ISO 3166-2 (`TH` or `DE-TH`).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "&'static str")]
        pub enum Land { $($(#[$doc])* $name,)* }

        impl Land {
            /// All of them, by their codes.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its code without the country: `TH`.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// Its name for people.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $full,)* }
            }
        }
    };
}

laender! {
    /// Brandenburg.
    Brandenburg = "BB", "Brandenburg";
    /// Berlin.
    Berlin = "BE", "Berlin";
    /// Baden-Württemberg.
    BadenWuerttemberg = "BW", "Baden-Württemberg";
    /// Bavaria.
    Bayern = "BY", "Bayern";
    /// Bremen.
    Bremen = "HB", "Bremen";
    /// Hesse.
    Hessen = "HE", "Hessen";
    /// Hamburg.
    Hamburg = "HH", "Hamburg";
    /// Mecklenburg-Western Pomerania.
    MecklenburgVorpommern = "MV", "Mecklenburg-Vorpommern";
    /// Lower Saxony.
    Niedersachsen = "NI", "Niedersachsen";
    /// North Rhine-Westphalia.
    NordrheinWestfalen = "NW", "Nordrhein-Westfalen";
    /// Rhineland-Palatinate.
    RheinlandPfalz = "RP", "Rheinland-Pfalz";
    /// Schleswig-Holstein.
    SchleswigHolstein = "SH", "Schleswig-Holstein";
    /// Saarland.
    Saarland = "SL", "Saarland";
    /// Saxony.
    Sachsen = "SN", "Sachsen";
    /// Saxony-Anhalt.
    SachsenAnhalt = "ST", "Sachsen-Anhalt";
    /// Thuringia.
    Thueringen = "TH", "Thüringen";
}

/// A text that is no Land.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("«{0}» is no Land; write its code of ISO 3166-2, for example TH or DE-TH")]
pub struct LandError(pub String);

impl FromStr for Land {
    type Err = LandError;

    fn from_str(text: &str) -> Result<Self, LandError> {
        let code = text.strip_prefix("DE-").unwrap_or(text);
        Self::ALL
            .iter()
            .copied()
            .find(|land| land.code() == code)
            .ok_or_else(|| LandError(text.to_owned()))
    }
}

impl TryFrom<String> for Land {
    type Error = LandError;

    fn try_from(text: String) -> Result<Self, LandError> {
        text.parse()
    }
}

impl From<Land> for &'static str {
    fn from(land: Land) -> Self {
        land.code()
    }
}

impl fmt::Display for Land {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
