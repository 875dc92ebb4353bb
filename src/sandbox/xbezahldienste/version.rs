//! The three published versions, and what sets them apart.

/// A version of the standard; each has its own path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Version {
    V1_0_0,
    V1_1_0,
    V1_2_0,
}

impl Version {
    pub(super) const ALL: [Self; 3] = [Self::V1_0_0, Self::V1_1_0, Self::V1_2_0];

    pub(super) const fn number(self) -> &'static str {
        match self {
            Self::V1_0_0 => "1.0.0",
            Self::V1_1_0 => "1.1.0",
            Self::V1_2_0 => "1.2.0",
        }
    }

    /// The control total: 1.0.0 spells it with one s.
    pub(super) const fn total(self) -> &'static str {
        match self {
            Self::V1_0_0 => "grosAmount",
            Self::V1_1_0 | Self::V1_2_0 => "grossAmount",
        }
    }
}
