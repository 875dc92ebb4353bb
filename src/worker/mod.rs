//! What the connector does by itself: the sweeper, the deliveries, the lists of receipts, statements, and the closings of
//! each morning. Each step is a use case that a test can call once; here is only the rhythm.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::App;
use crate::app::closings::{Missing, Preparation};
use crate::app::reconcile::Reach;
use crate::domain::ids::LedgerId;

/// How often each worker looks.
#[derive(Debug, Clone, Copy)]
pub struct Rhythm {
    /// The sweeper.
    pub sweep: Duration,
    /// The deliveries.
    pub deliver: Duration,
    /// The lists of unread receipts.
    pub receipts: Duration,
    /// The drop folder.
    pub drop_folder: Duration,
    /// Matching of what statements show.
    pub rematch: Duration,
    /// The closings.
    pub closings: Duration,
}

/// Starts the workers. They end when `stop` is cancelled; what they have begun is waited for elsewhere.
pub fn start(app: &Arc<App>, rhythm: Rhythm, stop: &CancellationToken, tracker: &TaskTracker) {
    tracker.spawn(sweeper(Arc::clone(app), rhythm.sweep, stop.clone()));
    tracker.spawn(deliverer(Arc::clone(app), rhythm.deliver, stop.clone()));
    tracker.spawn(receipts(Arc::clone(app), rhythm.receipts, stop.clone()));
    if app.drop_folder.is_some() {
        tracker.spawn(drop_folder(Arc::clone(app), rhythm.drop_folder, stop.clone()));
    }
    tracker.spawn(rematch(Arc::clone(app), rhythm.rematch, stop.clone()));
    tracker.spawn(closings(Arc::clone(app), rhythm.closings, stop.clone()));
}

async fn sweeper(app: Arc<App>, rhythm: Duration, stop: CancellationToken) {
    while pause(rhythm, &stop).await {
        // A full batch means that more is waiting: no pause in between.
        while !stop.is_cancelled() {
            match app.begin_sweep().await {
                Ok(begun) if begun.len() >= app.settings.batch as usize => {}
                Ok(_) => break,
                Err(error) => {
                    tracing::warn!(%error, "the sweeper could not take anything");
                    break;
                }
            }
        }
    }
}

/// New events are delivered at once; the rhythm is for those that wait for another try, or come from elsewhere.
async fn deliverer(app: Arc<App>, rhythm: Duration, stop: CancellationToken) {
    let mut events = app.listen_for_events();
    loop {
        let go_on = tokio::select! {
            go_on = pause(rhythm, &stop) => go_on,
            Ok(()) = events.changed() => !stop.is_cancelled(),
        };
        if !go_on {
            return;
        }
        if let Err(error) = app.begin_deliveries().await {
            tracing::warn!(%error, "the deliveries could not take anything");
        }
    }
}

/// Reads the lists of receipts of Mandanten whose read cursor is ours alone; most installations have none.
async fn receipts(app: Arc<App>, rhythm: Duration, stop: CancellationToken) {
    while pause(rhythm, &stop).await {
        if let Err(error) = app.read_receipts().await {
            tracing::warn!(%error, "the lists of receipts could not be read");
        }
    }
}

/// Takes in what is dropped into the folder.
async fn drop_folder(app: Arc<App>, rhythm: Duration, stop: CancellationToken) {
    while pause(rhythm, &stop).await {
        if let Err(error) = app.look_into_drop_folder().await {
            tracing::warn!(%error, "the drop folder could not be looked into");
        }
    }
}

/// Matches once more what statements show: the provider's word may come after them.
async fn rematch(app: Arc<App>, rhythm: Duration, stop: CancellationToken) {
    let mut whole = None;
    while pause(rhythm, &stop).await {
        let today = app.now().berlin_day();
        let reach = if whole.replace(today) == Some(today) {
            Reach::Recent
        } else {
            Reach::Whole
        };
        if let Err(error) = app.reconcile_all(reach).await {
            tracing::warn!(%error, "the Kassen could not be read, nothing is matched");
        }
    }
}

/// Prepares the closings that are due.
async fn closings(app: Arc<App>, rhythm: Duration, stop: CancellationToken) {
    let mut mornings = Mornings::default();
    while pause(rhythm, &stop).await {
        mornings.look(&app).await;
    }
}

/// What the mornings of the Kassen bring, and what was said of them already: what a closing waits for is told once, and
/// again when it is something else.
#[derive(Default)]
pub struct Mornings {
    told: BTreeMap<LedgerId, String>,
    looked: Option<Date>,
    files: Files,
}

impl Mornings {
    /// Looks once: names what is missing on statements, once a day; prepares the closings that are due, and the files that
    /// go with them.
    pub async fn look(&mut self, app: &App) {
        let today = app.now().berlin_day();
        if self.looked != Some(today) && name_missing(app).await {
            self.looked = Some(today);
        }
        let prepared = match app.prepare_closings().await {
            Ok(prepared) => prepared,
            Err(error) => {
                tracing::warn!(%error, "the Kassen could not be closed");
                return;
            }
        };
        for (kasse, prepared) in prepared {
            self.files.of(app, &kasse).await;
            let why = match prepared {
                Ok(Preparation::Prepared(closing)) => {
                    tracing::info!(%kasse, number = closing.number, to = %closing.to, "closing prepared");
                    None
                }
                Ok(Preparation::Nothing) => None,
                Ok(Preparation::Waits(holds)) => {
                    let holds: Vec<String> = holds.iter().map(ToString::to_string).collect();
                    Some(holds.join("; "))
                }
                Err(error) => Some(error.to_string()),
            };
            match why {
                Some(why) if self.told.get(&kasse) != Some(&why) => {
                    tracing::warn!(%kasse, why, "the closing waits");
                    self.told.insert(kasse, why);
                }
                Some(_) => {}
                None => _ = self.told.remove(&kasse),
            }
        }
    }
}

/// Names what is missing on statements; whether all Kassen were looked at.
async fn name_missing(app: &App) -> bool {
    let done = match app.name_missing().await {
        Ok(done) => done,
        Err(error) => {
            tracing::warn!(%error, "nobody looked for what is missing on statements");
            return false;
        }
    };
    let mut whole = !done.is_empty();
    for (kasse, missing) in done {
        match missing {
            Ok(missing) if missing == Missing::default() => {}
            Ok(missing) => {
                tracing::warn!(%kasse, payments = missing.payments, gaps = missing.gaps, filled = missing.filled,
                    "missing on statements");
            }
            Err(error) => {
                tracing::warn!(%kasse, %error, "not looked for what is missing on statements");
                whole = false;
            }
        }
    }
    whole
}

/// The files for cash systems that Kassen want with each closing.
#[derive(Default)]
struct Files {
    /// The closing for which they were made.
    made: BTreeMap<LedgerId, u64>,
    /// What keeps them from being made.
    told: BTreeMap<LedgerId, String>,
}

impl Files {
    async fn of(&mut self, app: &App, kasse: &LedgerId) {
        match app
            .export_with_closing(kasse, self.made.get(kasse).copied())
            .await
        {
            Ok(None) => {}
            Ok(Some((closing, files))) => {
                for stored in files {
                    let file = &stored.file;
                    tracing::info!(%kasse, number = file.number, lines = file.lines, "file of postings made");
                }
                self.made.insert(kasse.clone(), closing);
                self.told.remove(kasse);
            }
            Err(error) => {
                let why = error.to_string();
                if self.told.get(kasse) != Some(&why) {
                    tracing::warn!(%kasse, why, "the file of postings cannot be made");
                    self.told.insert(kasse.clone(), why);
                }
            }
        }
    }
}

/// Waits; `false` when it is time to end.
async fn pause(length: Duration, stop: &CancellationToken) -> bool {
    tokio::select! {
        () = stop.cancelled() => false,
        () = tokio::time::sleep(length) => true,
    }
}
