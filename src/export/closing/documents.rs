//! Closings as documents, for the use cases: with the words that the configuration chose.

use std::collections::BTreeMap;

use super::{CsvTable, UnknownText, Wording, csv, json, pdf};
use crate::app::ports::ClosingDocuments;
use crate::domain::closing::Closing;
use crate::domain::tenant::Rechnungswesen;

/// Writes closings, each in the words of its accounting system.
#[derive(Debug, Clone)]
pub struct Documents {
    kameral: Wording,
    doppisch: Wording,
    land: Wording,
}

impl Documents {
    /// With some texts replaced: by name, for each accounting system.
    ///
    /// # Errors
    /// The accounting system, and the first name that is none.
    pub fn new(
        texts: impl Fn(Rechnungswesen) -> BTreeMap<String, String>,
    ) -> Result<Self, (Rechnungswesen, UnknownText)> {
        let wording = |of| Wording::of(of).with(&texts(of)).map_err(|error| (of, error));
        Ok(Self {
            kameral: wording(Rechnungswesen::Kameral)?,
            doppisch: wording(Rechnungswesen::Doppisch)?,
            land: wording(Rechnungswesen::Land)?,
        })
    }

    const fn wording(&self, of: Rechnungswesen) -> &Wording {
        match of {
            Rechnungswesen::Kameral => &self.kameral,
            Rechnungswesen::Doppisch => &self.doppisch,
            Rechnungswesen::Land => &self.land,
        }
    }
}

impl ClosingDocuments for Documents {
    fn json(&self, closing: &Closing) -> Vec<u8> {
        json(closing)
    }

    fn csv(&self, closing: &Closing, table: &str) -> Result<Vec<u8>, String> {
        let table: CsvTable = table.parse()?;
        Ok(csv(closing, table))
    }

    fn pdf(&self, closing: &Closing) -> Result<Vec<u8>, String> {
        pdf(closing, self.wording(closing.rechnungswesen)).map_err(|error| error.to_string())
    }
}
