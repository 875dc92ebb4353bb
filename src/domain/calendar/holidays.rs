//! The public holidays that the Länder have made by law, as they stand since 1995, with the years of what changed later.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday, date};

use super::easter::after_easter;
use super::land::Land::{
    self, BadenWuerttemberg, Bayern, Berlin, Brandenburg, Bremen, Hamburg, Hessen, MecklenburgVorpommern,
    Niedersachsen, NordrheinWestfalen, RheinlandPfalz, Saarland, Sachsen, SachsenAnhalt, SchleswigHolstein,
    Thueringen,
};

macro_rules! holidays {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $full:literal;)*) => {
        /// A holiday. Those that only towns keep are here too, so that a Kasse can name them among its local days.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Holiday { $($(#[$doc])* $name,)* }

        impl Holiday {
            /// All of them, in the order of the year.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its name in settings.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// Its name for people.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $full,)* }
            }
        }
    };
}

holidays! {
    /// 1 January.
    Neujahr = "neujahr", "Neujahr";
    /// 6 January.
    HeiligeDreiKoenige = "heilige-drei-koenige", "Heilige Drei Könige";
    /// 8 March.
    Frauentag = "frauentag", "Internationaler Frauentag";
    /// Two days before Easter.
    Karfreitag = "karfreitag", "Karfreitag";
    /// The Sunday itself; a holiday of its own in Brandenburg.
    Ostersonntag = "ostersonntag", "Ostersonntag";
    /// The day after Easter.
    Ostermontag = "ostermontag", "Ostermontag";
    /// 1 May.
    ErsterMai = "erster-mai", "Tag der Arbeit";
    /// 8 May, Berlin only, in 2020 and 2025.
    TagDerBefreiung = "tag-der-befreiung", "Tag der Befreiung";
    /// 39 days after Easter.
    Himmelfahrt = "himmelfahrt", "Christi Himmelfahrt";
    /// 49 days after Easter; a holiday of its own in Brandenburg.
    Pfingstsonntag = "pfingstsonntag", "Pfingstsonntag";
    /// 50 days after Easter.
    Pfingstmontag = "pfingstmontag", "Pfingstmontag";
    /// 60 days after Easter.
    Fronleichnam = "fronleichnam", "Fronleichnam";
    /// 17 June, Berlin only, in 2028.
    Volksaufstand = "volksaufstand", "75. Jahrestag des Volksaufstandes vom 17. Juni 1953";
    /// 8 August; only the town of Augsburg keeps it.
    Friedensfest = "friedensfest", "Augsburger Hohes Friedensfest";
    /// 15 August; in Bavaria each community keeps it or not.
    MariaeHimmelfahrt = "mariae-himmelfahrt", "Mariä Himmelfahrt";
    /// 20 September.
    Weltkindertag = "weltkindertag", "Weltkindertag";
    /// 3 October.
    DeutscheEinheit = "deutsche-einheit", "Tag der Deutschen Einheit";
    /// 31 October.
    Reformationstag = "reformationstag", "Reformationstag";
    /// 1 November.
    Allerheiligen = "allerheiligen", "Allerheiligen";
    /// The Wednesday before 23 November.
    BussUndBettag = "buss-und-bettag", "Buß- und Bettag";
    /// 25 December.
    ErsterWeihnachtstag = "erster-weihnachtstag", "1. Weihnachtstag";
    /// 26 December.
    ZweiterWeihnachtstag = "zweiter-weihnachtstag", "2. Weihnachtstag";
}

impl Holiday {
    /// On which day it falls in a year, wherever it is kept.
    pub fn day(self, year: i16) -> Date {
        match self {
            Self::Neujahr => date(year, 1, 1),
            Self::HeiligeDreiKoenige => date(year, 1, 6),
            Self::Frauentag => date(year, 3, 8),
            Self::Karfreitag => after_easter(year, -2),
            Self::Ostersonntag => after_easter(year, 0),
            Self::Ostermontag => after_easter(year, 1),
            Self::ErsterMai => date(year, 5, 1),
            Self::TagDerBefreiung => date(year, 5, 8),
            Self::Himmelfahrt => after_easter(year, 39),
            Self::Pfingstsonntag => after_easter(year, 49),
            Self::Pfingstmontag => after_easter(year, 50),
            Self::Fronleichnam => after_easter(year, 60),
            Self::Volksaufstand => date(year, 6, 17),
            Self::Friedensfest => date(year, 8, 8),
            Self::MariaeHimmelfahrt => date(year, 8, 15),
            Self::Weltkindertag => date(year, 9, 20),
            Self::DeutscheEinheit => date(year, 10, 3),
            Self::Reformationstag => date(year, 10, 31),
            Self::Allerheiligen => date(year, 11, 1),
            Self::BussUndBettag => wednesday_before(date(year, 11, 23)),
            Self::ErsterWeihnachtstag => date(year, 12, 25),
            Self::ZweiterWeihnachtstag => date(year, 12, 26),
        }
    }

    /// Whether it is a public holiday in all of a Land in a year, by the holiday law of the Land (3 October: by the
    /// Unification Treaty).
    pub fn of(self, land: Land, year: i16) -> bool {
        match self {
            Self::Neujahr
            | Self::Karfreitag
            | Self::Ostermontag
            | Self::ErsterMai
            | Self::Himmelfahrt
            | Self::Pfingstmontag
            | Self::DeutscheEinheit
            | Self::ErsterWeihnachtstag
            | Self::ZweiterWeihnachtstag => true,
            Self::HeiligeDreiKoenige => matches!(land, BadenWuerttemberg | Bayern | SachsenAnhalt),
            Self::Frauentag => {
                (land == Berlin && year >= 2019) || (land == MecklenburgVorpommern && year >= 2023)
            }
            Self::Ostersonntag | Self::Pfingstsonntag => land == Brandenburg,
            Self::TagDerBefreiung => land == Berlin && matches!(year, 2020 | 2025),
            Self::Fronleichnam => matches!(
                land,
                BadenWuerttemberg | Bayern | Hessen | NordrheinWestfalen | RheinlandPfalz | Saarland
            ),
            Self::Volksaufstand => land == Berlin && year == 2028,
            Self::Friedensfest => false,
            Self::MariaeHimmelfahrt => land == Saarland,
            Self::Weltkindertag => land == Thueringen && year >= 2019,
            // 2017, 500 years after the Reformation, everywhere; then the north kept it.
            Self::Reformationstag => match land {
                Brandenburg | MecklenburgVorpommern | Sachsen | SachsenAnhalt | Thueringen => true,
                Bremen | Hamburg | Niedersachsen | SchleswigHolstein => year >= 2017,
                _ => year == 2017,
            },
            Self::Allerheiligen => matches!(
                land,
                BadenWuerttemberg | Bayern | NordrheinWestfalen | RheinlandPfalz | Saarland
            ),
            // Elsewhere it was given up after 1994, to pay for the Pflegeversicherung.
            Self::BussUndBettag => land == Sachsen,
        }
    }

    /// The public holiday that a day is in a Land, if it is one.
    pub fn on(land: Land, day: Date) -> Option<Self> {
        let year = day.year();
        Self::ALL
            .iter()
            .copied()
            .find(|holiday| holiday.of(land, year) && holiday.day(year) == day)
    }
}

fn wednesday_before(end: Date) -> Date {
    let back = end.weekday().since(Weekday::Wednesday);
    // On a Wednesday the one before is meant, seven days back.
    end.saturating_sub(i32::from(if back == 0 { 7 } else { back }).days())
}
