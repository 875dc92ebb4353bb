//! What the port's questions take in calls: several to open a payment ([`open`]), to find one whose answer was lost
//! ([`find`]), to name the account for transfers ([`account`]), and one or two to ask ([`ask`]).

mod account;
mod ask;
mod find;
mod open;
