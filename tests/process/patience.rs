//! Waiting, always with an end.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval, timeout};

/// Asks again and again until there is an answer.
///
/// # Panics
/// Where there is none within `seconds`; the message names what was waited for.
pub(crate) async fn until<T>(seconds: u64, what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let mut pause = Duration::from_millis(10);
    let mut ticks = interval(pause);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let asking = async {
        loop {
            ticks.tick().await;
            if let Some(answer) = ask().await {
                return answer;
            }
            // A little longer each time: a hundred who wait must not be the load.
            pause = (pause * 2).min(Duration::from_millis(320));
            ticks.reset_after(pause);
        }
    };
    within(seconds, what, asking).await
}

/// What a future gives within so many seconds.
///
/// # Panics
/// Where it takes longer.
pub(crate) async fn within<T>(seconds: u64, what: &str, future: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(seconds), future)
        .await
        .unwrap_or_else(|_| panic!("{what}: not within {seconds} s"))
}
