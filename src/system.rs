//! The machine: its clock and its randomness. Nothing else reads either; tests bring their own.

use crate::app::ports::{Clock, Ids};
use crate::domain::ids::Token;
use crate::domain::time::Timestamp;

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    fn now(&self) -> Timestamp {
        Timestamp::from_instant(jiff::Timestamp::now())
    }
}

/// The operating system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemIds;

impl Ids for SystemIds {
    fn uuid(&self, now: Timestamp) -> uuid::Uuid {
        let mut random = [0; 10];
        self.fill(&mut random);
        let millis = u64::try_from(now.millis()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }

    fn token(&self) -> Token {
        let mut random = [0; 20];
        self.fill(&mut random);
        Token::parse(&data_encoding::BASE64URL_NOPAD.encode(&random))
            .expect("27 URL-safe characters are a token")
    }

    #[expect(clippy::disallowed_methods, reason = "this is the randomness")]
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system gives random bytes");
    }
}
