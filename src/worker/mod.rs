//! What the connector does by itself: the sweeper and the deliveries. Each step is a use case that a test can call once;
//! here is only the rhythm.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::App;

/// How often each worker looks.
#[derive(Debug, Clone, Copy)]
pub struct Rhythm {
    /// The sweeper.
    pub sweep: Duration,
    /// The deliveries.
    pub deliver: Duration,
}

/// Starts the workers. They end when `stop` is cancelled, after what they have begun.
pub fn start(app: &Arc<App>, rhythm: Rhythm, stop: &CancellationToken, tracker: &TaskTracker) {
    let sweeper = Arc::clone(app);
    let until = stop.clone();
    tracker.spawn(async move {
        while pause(rhythm.sweep, &until).await {
            // A full batch means that more is waiting: no pause in between.
            loop {
                match sweeper.sweep().await {
                    Ok(count) if count >= sweeper.settings.batch as usize && !until.is_cancelled() => {}
                    Ok(_) => break,
                    Err(error) => {
                        tracing::warn!(%error, "the sweeper could not take anything");
                        break;
                    }
                }
            }
        }
    });
    let deliverer = Arc::clone(app);
    let until = stop.clone();
    let mut events = app.listen_for_events();
    tracker.spawn(async move {
        // New events are delivered at once; the rhythm is for those that wait for another try, or come from elsewhere.
        loop {
            let go_on = tokio::select! {
                go_on = pause(rhythm.deliver, &until) => go_on,
                Ok(()) = events.changed() => true,
            };
            if !go_on {
                break;
            }
            loop {
                match deliverer.deliver().await {
                    // What was delivered may have freed the next event of its lane.
                    Ok(count) if count > 0 && !until.is_cancelled() => {}
                    Ok(_) => break,
                    Err(error) => {
                        tracing::warn!(%error, "the deliveries could not take anything");
                        break;
                    }
                }
            }
        }
    });
}

/// Waits; `false` when it is time to end.
async fn pause(length: Duration, stop: &CancellationToken) -> bool {
    tokio::select! {
        () = stop.cancelled() => false,
        () = tokio::time::sleep(length) => true,
    }
}
