//! What the outside calls: portals, providers' callbacks, citizens, finance office.
//!
//! Every path has its room here, one endpoint per file. A handler reads (`Result<what it needs, refusal>`), calls a use
//! case of `app`, and writes; what can go wrong is a closed list per contract: [`xbezahldienste`] speaks the standard's
//! SystemResponse, every other path the [`problem`] documents of RFC 9457.

pub mod problem;
pub mod xbezahldienste;
