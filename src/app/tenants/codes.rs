//! That no file for a cash system breaks for want of a code, whatever a tenants file leaves out.

use super::{App, TenantsError, read_body};
use crate::domain::hkr::{check_chart, missing_codes};
use crate::domain::plan::{Deed, Plan};
use crate::domain::tenants::{Kind, Tenants};

impl App {
    /// Every account that bookings can reach has a code: by routes of the file and by those that stay in force beside it,
    /// and every account on which something is booked already.
    pub(super) async fn check_codes(&self, wanted: &Tenants, plan: &Plan) -> Result<(), TenantsError> {
        let mut whole = wanted.clone();
        let stays = |kind: Kind, id: &str| {
            let mut steps = plan.steps.iter();
            steps.any(|step| step.kind == kind && step.id == id && step.deed == Deed::KeepAbsent)
        };
        for object in self.store.tenants().await?.iter().filter(|object| !object.closed) {
            match object.kind.as_str() {
                "kasse" if stays(Kind::Kasse, &object.id) => whole.kassen.push(read_body(object)?),
                "authority" if stays(Kind::Authority, &object.id) => {
                    whole.authorities.push(read_body(object)?);
                }
                "route" if stays(Kind::Route, &object.id) => whole.routes.push(read_body(object)?),
                _ => {}
            }
        }
        let mut told = Vec::new();
        for kasse in &whole.kassen {
            let Some(rules) = &kasse.hkr else { continue };
            let ours = whole
                .routes
                .iter()
                .filter(|route| whole.kasse_of(&route.authority) == Some(&kasse.id));
            let mut missing = missing_codes(&rules.accounts, kasse, ours);
            let used = self.store.accounts_in_use(&kasse.id).await?;
            missing.extend(check_chart(&rules.accounts, used.iter().map(String::as_str)));
            missing.sort();
            missing.dedup();
            for key in missing {
                told.push(format!(
                    "kasse {}.hkr.accounts.«{key}»: needs a code: what is in force or booked already reaches it",
                    kasse.id
                ));
            }
        }
        if told.is_empty() {
            return Ok(());
        }
        Err(TenantsError::Codes(told.join("\n")))
    }
}
