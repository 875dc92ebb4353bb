//! Statements of accounts in the formats in which banks deliver them: `camt` (ISO 20022) and `mt940` (SWIFT, as German
//! banks write it). Each reader takes bytes and tells [`Piece`](crate::domain::statement::Piece)s, in bounded memory;
//! `files` finds out which one a file is for, and opens archives and folders; `reader` and `folder` do so for the use cases. `settlement` reads the lists of payment
//! providers.

pub mod camt;
pub mod files;
pub mod folder;
pub mod mt940;
pub mod reader;
pub mod settlement;
