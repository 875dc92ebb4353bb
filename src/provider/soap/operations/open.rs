//! Opening a payment: isAlive, the account where it is paid by transfer, a Kunde for this attempt alone, the one call
//! that creates, and the Kunde deleted again. All of it within one time; what comes before the creating call takes at
//! most half of what is left, so that there is always something left for it.

use std::time::Duration;

use url::Url;

use super::super::answer::Verdict;
use super::super::buchungen::{Buchung, buchungen, not_sent};
use super::super::client::{Deadline, Said, Soap};
use super::super::profile::{LookUp, MitBlp, Profile};
use super::super::requests;
use super::super::told::{KUNDENNUMMER, existing};
use super::find::Found;
use crate::app::ports::{Calls, OpenOrder, Opened, Refusal};
use crate::domain::case::{TransferTo, Way};
use crate::domain::ids::Kassenzeichen;
use crate::provider::http::no_answer;

impl Soap {
    /// Opens an order that was never sent, or that surely is not there.
    pub(in super::super) async fn open_within(
        &self,
        order: &OpenOrder,
        profile: &Profile,
        deadline: Deadline,
        calls: &Calls,
    ) -> Opened {
        match self.prepare(order, profile, deadline, calls).await {
            Err(refusal) => {
                tracing::warn!(nummer = %order.nummer, mandant = %order.mandant, code = refusal.code,
                    why = refusal.text, "nothing was opened");
                Opened::Refused(refusal)
            }
            Ok((buchungen, account)) => {
                let said = self.create(order, profile, &buchungen, deadline, calls).await;
                let opened = self.opened(said, order, profile, account);
                if !matches!(opened, Opened::Unclear(_) | Opened::Unknowable(_)) {
                    self.delete_kunde(order, profile, deadline, calls).await;
                }
                opened
            }
        }
    }

    /// Opens an order again after a lost answer: finds out first, and sends it again only where it surely is not there.
    pub(in super::super) async fn reopen_within(
        &self,
        order: &OpenOrder,
        profile: &Profile,
        deadline: Deadline,
        calls: &Calls,
    ) -> Opened {
        match self.find(order, profile, deadline, calls).await {
            Found::There(kassenzeichen) => {
                tracing::info!(nummer = %order.nummer, %kassenzeichen, "an earlier call had arrived");
                let account = match self.account_of(order, profile, deadline, calls).await {
                    Ok(account) => account,
                    Err(refusal) => {
                        return Opened::Unclear(format!(
                            "it is there, but not its account: {}",
                            refusal.text
                        ));
                    }
                };
                self.delete_kunde(order, profile, deadline, calls).await;
                self.open_as(kassenzeichen, order, account)
            }
            Found::NotThere => self.open_within(order, profile, deadline, calls).await,
            Found::Taken(refusal) => Opened::Refused(refusal),
            Found::Unclear(why) => Opened::Unclear(why),
            Found::NoWay(why) => Opened::Unknowable(why),
        }
    }

    /// Everything before the creating call: a refusal here leaves nothing behind but perhaps a Kunde, who harms nobody.
    async fn prepare<'a>(
        &self,
        order: &'a OpenOrder,
        profile: &'a Profile,
        deadline: Deadline,
        calls: &Calls,
    ) -> Result<(Vec<Buchung<'a>>, Option<TransferTo>), Refusal> {
        let buchungen = buchungen(order, profile)?;
        if !order.flow.by_transfer() && order.methods.is_empty() {
            return Err(not_sent(
                "no method is allowed for this amount; mend the route".to_owned(),
            ));
        }
        if profile.check_alive {
            let request = requests::is_alive(&order.mandant);
            let within = self.step(deadline);
            self.call(request, &order.mandant, within, calls).await.done()?;
        }
        let account = self.account_of(order, profile, deadline, calls).await?;
        self.kunde(order, deadline, calls).await?;
        if deadline.left() < self.timeouts.open / 10 {
            return Err(no_answer(
                "the calls before took all the time of open_timeout_seconds".to_owned(),
            ));
        }
        Ok((buchungen, account))
    }

    /// How long a call may take that comes before the creating one.
    pub(super) fn step(&self, deadline: Deadline) -> Duration {
        self.timeouts.ask.min(deadline.left() / 2)
    }

    /// Makes the Kunde. One that exists under our number, which nobody can guess, is ours from a call whose answer was
    /// lost.
    async fn kunde(&self, order: &OpenOrder, deadline: Deadline, calls: &Calls) -> Result<(), Refusal> {
        let request = requests::anlegen_kunde(order);
        let within = self.step(deadline);
        let Err(refusal) = self.call(request, &order.mandant, within, calls).await.done() else {
            return Ok(());
        };
        let request = requests::lesen_kunde(&order.mandant, &order.kundennummer);
        let within = self.step(deadline);
        let Ok(found) = self.call(request, &order.mandant, within, calls).await.done() else {
            return Err(refusal);
        };
        let result = found.result();
        let Some(kunde) = result.within(&["kunde"]) else {
            return Err(refusal);
        };
        let named = kunde.word(KUNDENNUMMER);
        let status = kunde.child(&["status"]).and_then(|status| status.word(&["code"]));
        let active = status.is_none_or(|status| status.eq_ignore_ascii_case("AKTIV"));
        if named == Some(order.kundennummer.as_str()) && active {
            return Ok(());
        }
        Err(refusal)
    }

    /// The one call after which a payment may exist.
    async fn create(
        &self,
        order: &OpenOrder,
        profile: &Profile,
        buchungen: &[Buchung<'_>],
        deadline: Deadline,
        calls: &Calls,
    ) -> Said {
        let mandant = &order.mandant;
        let first = match profile.mit_blp {
            MitBlp::Yes => true,
            MitBlp::No => false,
            MitBlp::Auto => !self.knows_no_blp(mandant),
        };
        let request = requests::open(order, profile, buchungen, first);
        let said = self.call(request, mandant, deadline.left(), calls).await;
        let unknown = matches!(said, Said::NoSuchMethod(_));
        if !(unknown && first && profile.mit_blp == MitBlp::Auto && requests::has_blp(order, profile)) {
            return said;
        }
        self.remember_no_blp(mandant);
        let request = requests::open(order, profile, buchungen, false);
        self.call(request, mandant, deadline.left(), calls).await
    }

    fn opened(
        &self,
        said: Said,
        order: &OpenOrder,
        profile: &Profile,
        account: Option<TransferTo>,
    ) -> Opened {
        let lost = |why: String| {
            if profile.look_up == LookUp::LesenTransaktion || order.kassenzeichen.is_some() {
                Opened::Unclear(why)
            } else {
                Opened::Unknowable(why)
            }
        };
        match said {
            Said::Answered(answered, Verdict::Done) => {
                match existing(answered.result(), &order.nummer, order.total) {
                    Ok(named) => match named.or_else(|| order.kassenzeichen.clone()) {
                        Some(kassenzeichen) => self.open_as(kassenzeichen, order, account),
                        None => lost("accepted, but without a Kassenzeichen".to_owned()),
                    },
                    Err(why) => lost(format!("accepted, but {why}")),
                }
            }
            Said::Answered(_, Verdict::Refused(refusal)) | Said::Refused(refusal) => Opened::Refused(refusal),
            Said::Answered(_, Verdict::NumberUsed) => Opened::AlreadyUsed,
            Said::Answered(_, Verdict::Unsaid) => lost("the answer has no ergebnis".to_owned()),
            Said::Answered(_, Verdict::Unclear(why)) | Said::Lost(why) => lost(why),
            Said::NoSuchMethod(operation) => Opened::Refused(not_sent(format!(
                "the service does not know {operation}; set operation and mit_blp as its version has them"
            ))),
        }
    }

    fn open_as(
        &self,
        kassenzeichen: Kassenzeichen,
        order: &OpenOrder,
        account: Option<TransferTo>,
    ) -> Opened {
        let way = match account {
            Some(account) => Way::Transfer(account),
            None => Way::Paypage(self.paypage(&kassenzeichen, order)),
        };
        Opened::Open {
            kassenzeichen: Some(kassenzeichen),
            remote: None,
            way,
        }
    }

    /// The payer's page. Its links back lead through our own address, and are believed in nothing.
    fn paypage(&self, kassenzeichen: &Kassenzeichen, order: &OpenOrder) -> String {
        let mut page = self.config.paypage_url.clone();
        page.query_pairs_mut()
            .append_pair("mandant", order.mandant.as_str())
            .append_pair("EShopKundenNr", &order.kundennummer)
            .append_pair("kassenzeichen", kassenzeichen.as_str())
            .append_pair("backlinkSuccess", &returning(&order.return_url, "success"))
            .append_pair("backlinkAbort", &returning(&order.return_url, "cancel"));
        page.into()
    }

    /// Deletes the Kunde: its payment stays, and the paypage works without it. A failure harms nothing.
    async fn delete_kunde(&self, order: &OpenOrder, profile: &Profile, deadline: Deadline, calls: &Calls) {
        if !profile.customer_deleted {
            return;
        }
        let request = requests::loeschen_kunde(&order.mandant, &order.bewirtschafter, &order.kundennummer);
        let within = self.timeouts.ask.min(deadline.left());
        if let Err(refusal) = self.call(request, &order.mandant, within, calls).await.done() {
            tracing::info!(nummer = %order.nummer, code = refusal.code, why = refusal.text,
                "the Kunde was not deleted; the payment stands");
        }
    }
}

/// The browser's address with `r=…` appended to its query.
fn returning(address: &str, how: &str) -> String {
    Url::parse(address).map_or_else(
        |_| address.to_owned(),
        |mut url| {
            url.query_pairs_mut().append_pair("r", how);
            url.into()
        },
    )
}
