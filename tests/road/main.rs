//! The main road, told as stories: the real program over real HTTP, with the sandbox as ePayBL and a receiver as the
//! gateway, on every database that there is. Time moves only where a story moves it, and workers work only when a
//! story lets them.
//!
//! One file per stretch of the road. A story gets a [`kit::World`] of its own; at its end the books are verified.
#![allow(missing_docs, reason = "a story's name says what it tells")]
#![allow(
    clippy::disallowed_types,
    reason = "names of tables and positions in them cannot be bound to a statement"
)]

#[path = "../support/mod.rs"]
mod support;

mod api;
mod bank;
mod books;
mod browser;
mod callback;
mod callback_hmac;
mod callback_odd;
mod cents;
mod closings;
mod closings_api;
mod details;
mod exceptions;
mod forward;
mod gateway;
mod kit;
mod lists_api;
mod login;
mod manners;
mod missing;
mod mornings;
mod northbound;
mod odd_decisions;
mod odd_payouts;
mod operations;
mod pages;
mod passing;
mod payout_orders;
mod payouts;
mod payouts_back;
mod payouts_more;
mod payouts_nothing;
mod pool;
mod postings;
mod postings_more;
mod providers;
mod refusals;
mod request_id;
mod requests;
mod restart;
mod second;
mod southbound;
mod statements;
mod statements_disorder;
mod statements_more;
mod statistics;
mod suggestions;
mod sweeper;
mod sweeper_money;
mod tls;
mod upload;
mod ways;
