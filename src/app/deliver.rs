//! Events on their way to gateways: at least once, in order per case and target, on the documented schedule.

use std::sync::Arc;

use tokio::task::JoinHandle;

use super::ports::{ClaimedDelivery, CommitError, Sent, Urgency};
use super::tenants::read_body;
use super::{App, ChangeError};
use crate::domain::change::{Change, DeliveryOutcome, DeliveryTried, Lease};
use crate::domain::ids::{ChangeId, Mint};
use crate::domain::retry::next_try;
use crate::domain::tenant::Target;

impl App {
    /// Takes the deliveries that are due and begins to try each. Returns what was begun: a gateway that hangs must not
    /// hold up another's events.
    ///
    /// # Errors
    /// Where nothing could be taken.
    pub async fn begin_deliveries(self: &Arc<Self>) -> Result<Vec<JoinHandle<()>>, CommitError> {
        let places = u32::try_from(self.deliveries.available_permits()).unwrap_or(u32::MAX);
        let limit = self.settings.batch.min(places);
        if limit == 0 {
            return Ok(Vec::new());
        }
        let now = self.now();
        // A target may take its time; the lease must outlive the longest try.
        let longest = self
            .notifier
            .longest_seconds()
            .saturating_add(3)
            .saturating_mul(1000);
        let lease = i64::try_from(self.settings.lease.as_millis())
            .unwrap_or(i64::MAX)
            .max(longest);
        let claimed = self
            .store
            .claim_deliveries(now, now.plus_millis(lease), limit)
            .await?;
        let mut begun = Vec::with_capacity(claimed.len());
        for delivery in claimed {
            let place = Arc::clone(&self.deliveries).acquire_owned().await;
            let app = Arc::clone(self);
            begun.push(self.tasks.spawn(async move {
                if let Err(error) = app.deliver_one(&delivery).await {
                    tracing::warn!(delivery = %delivery.id, %error, "a delivery failed; its lease runs out");
                }
                drop(place);
            }));
        }
        Ok(begun)
    }

    /// Takes the deliveries that are due, tries each, and waits until that is done. Returns how many there were.
    ///
    /// # Errors
    /// Where nothing could be taken.
    pub async fn deliver(self: &Arc<Self>) -> Result<usize, CommitError> {
        let begun = self.begin_deliveries().await?;
        let count = begun.len();
        for task in begun {
            drop(task.await);
        }
        Ok(count)
    }

    async fn deliver_one(&self, delivery: &ClaimedDelivery) -> Result<(), ChangeError> {
        let outcome = self.try_delivery(delivery).await?;
        let now = self.now();
        let (name, why) = match &outcome {
            DeliveryOutcome::Done => ("done", None),
            DeliveryOutcome::Again { why, .. } => ("again", Some(why)),
            DeliveryOutcome::Dead { why } => ("dead", Some(why)),
            DeliveryOutcome::Gone { .. } => ("gone", None),
        };
        metrics::counter!("epaybl_deliveries_total", "outcome" => name).increment(1);
        if name == "done" {
            tracing::info!(case = %delivery.case, event = %delivery.event, gateway = %delivery.target, "event delivered");
        } else {
            tracing::warn!(case = %delivery.case, event = %delivery.event, gateway = %delivery.target,
                tries = delivery.tries + 1, outcome = name, why, "event not delivered");
        }
        let mut change = Change::bare(ChangeId(Mint::new(self.ids.uuid(now)).next_id()));
        change.guards.lease = Some(Lease::Delivery {
            delivery: delivery.id,
            number: delivery.lease,
        });
        change.effects.tried.push(DeliveryTried {
            id: delivery.id,
            tries: delivery.tries.saturating_add(1),
            outcome,
            at: now,
        });
        let sealed = super::ports::Sealed {
            change,
            new_key: None,
            personal: Vec::new(),
        };
        match self.commit(sealed, Urgency::Bulk).await {
            // Another connector took it over when the lease ran out; the receiver recognises the repeated id.
            Ok(()) | Err(CommitError::Conflict) => {
                // It may have freed the next event of its lane.
                self.wake_deliveries();
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn try_delivery(&self, delivery: &ClaimedDelivery) -> Result<DeliveryOutcome, ChangeError> {
        let object = self.store.tenant("target", delivery.target.as_str()).await?;
        let Some(object) = object.filter(|object| !object.closed) else {
            return Ok(DeliveryOutcome::Dead {
                why: "the target is closed".to_owned(),
            });
        };
        let Some((sealed, wrapped)) = self.store.personal(delivery.body).await? else {
            return Ok(DeliveryOutcome::Dead {
                why: "the event's body was erased".to_owned(),
            });
        };
        let body = self.vault.unwrap_key(&wrapped)?.open(delivery.body, &sealed)?;
        let target: Target = read_body(&object)?;
        let now = self.now();
        Ok(
            match self
                .notifier
                .send(&target, &delivery.event.to_string(), &body, now)
                .await
            {
                Sent::Accepted => DeliveryOutcome::Done,
                Sent::Gone => DeliveryOutcome::Gone {
                    target: target.id,
                    version: object.version,
                },
                Sent::Failed { why, retry_after } => {
                    let mut random = [0; 8];
                    self.ids.fill(&mut random);
                    let jitter = u64::from_be_bytes(random);
                    match next_try(delivery.tries.saturating_add(1), retry_after, jitter) {
                        Some(seconds) => DeliveryOutcome::Again {
                            at: now.plus_seconds(seconds),
                            why,
                        },
                        None => DeliveryOutcome::Dead { why },
                    }
                }
            },
        )
    }
}
