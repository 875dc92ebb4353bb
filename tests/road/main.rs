//! The main road, told as stories: the real program over real HTTP, with the sandbox as ePayBL and a receiver as the
//! gateway, on every database that there is. Time moves only where a story moves it, and workers work only when a
//! story lets them.
//!
//! One file per stretch of the road. A story gets a [`kit::World`] of its own; at its end the books are verified.
#![allow(missing_docs, reason = "a story's name says what it tells")]

#[path = "../support/mod.rs"]
mod support;

mod books;
mod browser;
mod callback;
mod callback_hmac;
mod callback_odd;
mod gateway;
mod kit;
mod login;
mod northbound;
mod northbound_more;
mod requests;
mod restart;
mod southbound;
mod sweeper;
mod sweeper_money;
