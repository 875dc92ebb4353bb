//! Statements of accounts in the formats in which banks deliver them: `camt` (ISO 20022) and `mt940` (SWIFT, as German
//! banks write it). Each reader takes bytes and tells [`Piece`](crate::domain::statement::Piece)s, in bounded memory.
//! `settlement` reads what payment providers say a payout consists of.

pub mod settlement;
