//! `tenants plan` and `tenants apply`: the tenants file against the store. What is applied is recorded in the log of the
//! Kasse it belongs to (clients: in the operator's), so that an auditor sees who could do what, and when.

mod codes;

use std::collections::BTreeMap;

use super::App;
use super::ports::{CommitError, ReadError, Sealed, TenantObject, Urgency};
use crate::domain::change::{Change, OnceKey, TenantVersion};
use crate::domain::ids::{ChangeId, LedgerId, Mint};
use crate::domain::mandant::pools_that_meet;
use crate::domain::plan::{Current, Deed, Plan, PlanError, plan};
use crate::domain::record::{Body, Configured};
use crate::domain::tenant::OPERATOR;
use crate::domain::tenants::{Kind, Tenants};

/// Why tenants could not be planned or applied.
#[derive(Debug, thiserror::Error)]
pub enum TenantsError {
    /// Something that can never change would, or the store cannot be understood.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Plan(Vec<PlanError>),
    /// The store cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Somebody else applied something meanwhile.
    #[error("somebody else has changed the tenants meanwhile: look at the plan again")]
    Conflict,
    /// It was not stored.
    #[error(transparent)]
    Commit(CommitError),
    /// A route would move to another Kasse's books.
    #[error(
        "route {route}: its authority is of Kasse {to}, but its payments are in the books of Kasse {from}: \
         close this route and give the portal another one"
    )]
    Moves {
        /// The route.
        route: String,
        /// The Kasse that has its payments.
        from: LedgerId,
        /// The Kasse it would move to.
        to: LedgerId,
    },
    /// A number would belong to two ranges.
    #[error("{0}")]
    Pools(String),
    /// Accounts that the cash system of a Kasse would not know.
    #[error("{0}")]
    Codes(String),
    /// An entry without the Kasse it belongs to.
    #[error("{0} «{1}» belongs to no Kasse of the file or the store")]
    NoKasse(Kind, String),
}

impl App {
    /// What would be done.
    ///
    /// # Errors
    /// [`TenantsError`].
    pub async fn plan_tenants(&self, wanted: &Tenants, close: bool) -> Result<Plan, TenantsError> {
        let current: Vec<Current> = self
            .store
            .tenants()
            .await?
            .into_iter()
            .filter_map(|object| {
                let kind = Kind::ALL.into_iter().find(|kind| kind.as_str() == object.kind)?;
                Some(Current {
                    kind,
                    id: object.id,
                    version: object.version,
                    json: object.body,
                    closed: object.closed,
                })
            })
            .collect();
        let plan = plan(&current, wanted, close).map_err(TenantsError::Plan)?;
        self.check_routes_stay(wanted, &plan).await?;
        self.check_pools_apart(wanted, &plan).await?;
        self.check_codes(wanted, &plan).await?;
        Ok(plan)
    }

    /// A route's payments stay in the books that they began in.
    async fn check_routes_stay(&self, wanted: &Tenants, plan: &Plan) -> Result<(), TenantsError> {
        for step in plan.steps.iter().filter(|step| step.kind == Kind::Route) {
            let (Deed::Change { json, .. } | Deed::Reopen { json, .. }) = &step.deed else {
                continue;
            };
            let from = self
                .store
                .tenant("route", &step.id)
                .await?
                .and_then(|object| object.ledger);
            let to = self.ledger_of(step.kind, &step.id, json, wanted).await?;
            if let (Some(from), Some(to)) = (from, to)
                && from != to
            {
                return Err(TenantsError::Moves {
                    route: step.id.clone(),
                    from,
                    to,
                });
            }
        }
        Ok(())
    }

    /// No number belongs to two ranges, also where one is of the file and one of an entry that stays as it is.
    async fn check_pools_apart(&self, wanted: &Tenants, plan: &Plan) -> Result<(), TenantsError> {
        let mut mandanten = wanted.mandanten.clone();
        let stays = |id: &str| {
            let mut steps = plan.steps.iter().filter(|step| step.kind == Kind::Mandant);
            steps.any(|step| step.id == id && step.deed == Deed::KeepAbsent)
        };
        let there = self.mandanten().await?;
        mandanten.extend(there.into_iter().filter(|mandant| stays(&mandant.id())));
        let found = pools_that_meet(&mandanten);
        if found.is_empty() {
            return Ok(());
        }
        let told = found.iter().map(|(path, told)| format!("{path}: {told}"));
        Err(TenantsError::Pools(told.collect::<Vec<_>>().join("\n")))
    }

    /// Does what a plan says, one Change per ledger, Kassen first. After a crash in between, applying again goes on.
    ///
    /// # Errors
    /// [`TenantsError`]; a ledger's part is applied as a whole or not at all.
    pub async fn apply_tenants(&self, wanted: &Tenants, plan: &Plan) -> Result<(), TenantsError> {
        let mut parts: BTreeMap<LedgerId, Vec<TenantVersion>> = BTreeMap::new();
        let now = self.now();
        for step in &plan.steps {
            let (version, body, closed) = match &step.deed {
                Deed::Create { json } => (1, json.clone(), false),
                Deed::Change { from, json, .. } | Deed::Reopen { from, json, .. } => {
                    (from + 1, json.clone(), false)
                }
                Deed::Close { from } => (from + 1, self.stored(step.kind, &step.id).await?, true),
                Deed::Keep | Deed::KeepAbsent => continue,
            };
            let ledger = self.ledger_of(step.kind, &step.id, &body, wanted).await?;
            let part = ledger.clone().unwrap_or_else(operator);
            parts.entry(part).or_default().push(TenantVersion {
                kind: step.kind.as_str().to_owned(),
                id: step.id.clone(),
                version,
                ledger,
                body,
                closed,
                at: now,
            });
        }
        for (ledger, versions) in parts {
            let mut change = Change::bare(ChangeId(Mint::new(self.ids.uuid(now)).next_id()));
            change.ledger = Some(ledger);
            for object in versions {
                change.guards.keys.push(OnceKey {
                    scope: format!("tenant/{}", object.kind),
                    key: format!("{}@{}", object.id, object.version),
                    subject: object.id.clone(),
                });
                let configured = Configured {
                    kind: object.kind.clone(),
                    id: object.id.clone(),
                    version: object.version,
                    content: if object.closed {
                        String::new()
                    } else {
                        object.body.clone()
                    },
                };
                change
                    .effects
                    .records
                    .push((Body::Configuration(configured), Vec::new()));
                change.effects.tenants.push(object);
            }
            let sealed = Sealed {
                change,
                new_key: None,
                personal: Vec::new(),
            };
            self.commit(sealed, Urgency::Interactive)
                .await
                .map_err(|error| match error {
                    CommitError::Conflict => TenantsError::Conflict,
                    error => TenantsError::Commit(error),
                })?;
        }
        Ok(())
    }

    async fn stored(&self, kind: Kind, id: &str) -> Result<String, TenantsError> {
        Ok(self
            .store
            .tenant(kind.as_str(), id)
            .await?
            .map(|object| object.body)
            .unwrap_or_default())
    }

    /// The Kasse that an entry belongs to; clients belong to none.
    async fn ledger_of(
        &self,
        kind: Kind,
        id: &str,
        body: &str,
        wanted: &Tenants,
    ) -> Result<Option<LedgerId>, TenantsError> {
        let no_kasse = || TenantsError::NoKasse(kind, id.to_owned());
        let json: serde_json::Value = serde_json::from_str(body).map_err(|_| no_kasse())?;
        let text = |member: &str| json.get(member).and_then(serde_json::Value::as_str);
        let kasse = match kind {
            Kind::Client => return Ok(None),
            Kind::Kasse => Some(id.to_owned()),
            Kind::Authority | Kind::Target | Kind::Mandant => text("kasse").map(str::to_owned),
            Kind::Route => {
                let authority = text("authority").ok_or_else(no_kasse)?;
                match wanted
                    .authorities
                    .iter()
                    .find(|wanted| wanted.id.as_str() == authority)
                {
                    Some(wanted) => Some(wanted.kasse.as_str().to_owned()),
                    None => self
                        .store
                        .tenant("authority", authority)
                        .await?
                        .and_then(|object| object.ledger)
                        .map(Into::into),
                }
            }
        };
        kasse
            .and_then(|kasse| LedgerId::parse(&kasse).ok())
            .map(Some)
            .ok_or_else(no_kasse)
    }
}

fn operator() -> LedgerId {
    LedgerId::parse(OPERATOR).expect("the operator's log has an id")
}

/// The content of a tenant object.
///
/// # Errors
/// [`ReadError`] names the object that cannot be read.
pub fn read_body<T: serde::de::DeserializeOwned>(object: &TenantObject) -> Result<T, ReadError> {
    serde_json::from_str(&object.body).map_err(|error| broken(object, &error.to_string()))
}

pub(super) fn broken(object: &TenantObject, why: &str) -> ReadError {
    ReadError::Row {
        table: "tenant_object",
        column: "body",
        row: format!("{} {}", object.kind, object.id),
        why: why.to_owned(),
    }
}
