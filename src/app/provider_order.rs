//! What the provider needs to open a payment: the order, put together from what is stored, with as many Buchungen as the
//! route wants.

use super::open_payment::PaymentTexts;
use super::ports::{OpenLine, OpenOrder, Scope, Snapshot};
use super::vault::VaultError;
use super::{App, ChangeError};
use crate::domain::case::{Attempt, Payment, Standing};
use crate::domain::decide::own_key;
use crate::domain::ids::{AttemptId, CaseId};
use crate::domain::money::Cents;
use crate::domain::tenant::Granularity;
use crate::domain::time::berlin_noon;

impl App {
    /// What the provider needs to open an attempt; `None` where it is no longer to be called.
    pub(super) async fn order(
        &self,
        case: CaseId,
        attempt: AttemptId,
    ) -> Result<Option<OpenOrder>, ChangeError> {
        let snapshot = self
            .store
            .case(&Scope::Program, case)
            .await?
            .ok_or(ChangeError::NotFound)?;
        let Some(payment) = snapshot.case.payment_of(attempt) else {
            return Ok(None);
        };
        let Some(of) = payment.attempt(attempt) else {
            return Ok(None);
        };
        if !matches!(of.standing, Standing::Calling { .. }) {
            return Ok(None);
        }
        let texts = self.texts(&snapshot, payment).await?;
        let mut order = self.build(payment, of, &texts);
        if let Some(known) = of.kassenzeichen.known() {
            // One that the provider gave may have been learnt from a callback; only what we gave is sent (−0522).
            let given = self.owner(&own_key(of, known)).await? == Some(of.id);
            order.kassenzeichen = given.then(|| known.clone());
        }
        Ok(Some(order))
    }

    /// The free text of a payment.
    pub(super) async fn texts(
        &self,
        snapshot: &Snapshot,
        payment: &Payment,
    ) -> Result<PaymentTexts, ChangeError> {
        let wrapped = snapshot.key.as_deref().ok_or(VaultError::Broken)?;
        let (sealed, _) = self
            .store
            .personal(payment.personal)
            .await?
            .ok_or(ChangeError::NotFound)?;
        let plain = self.vault.unwrap_key(wrapped)?.open(payment.personal, &sealed)?;
        serde_json::from_slice(&plain).map_err(|_| ChangeError::Vault(VaultError::Broken))
    }

    fn build(&self, payment: &Payment, attempt: &Attempt, texts: &PaymentTexts) -> OpenOrder {
        let route = &payment.route.value;
        let common = texts
            .purpose
            .clone()
            .unwrap_or_else(|| route.buchungstext.clone());
        let payer = texts.payer.as_ref();
        OpenOrder {
            mandant: attempt.mandant.clone(),
            bewirtschafter: attempt.bewirtschafter.clone(),
            nummer: attempt.nummer.clone(),
            kundennummer: attempt.kundennummer().to_owned(),
            kassenzeichen: None,
            flow: route.flow,
            total: payment.total,
            lines: lines(payment, texts, &common),
            due: berlin_noon(payment.due),
            kennzeichen_mahnverfahren: route.kennzeichen_mahnverfahren.clone(),
            methods: route
                .methods_for(payment.total.get())
                .map(|method| method.code.clone())
                .collect(),
            description: texts.description.clone().unwrap_or(common),
            payer_name: payer.map_or_else(|| route.fallback_name.clone(), |payer| payer.name.clone()),
            payer_first_name: payer.and_then(|payer| payer.first_name.clone()),
            organisation: payer.is_some_and(|payer| payer.organisation),
            notify_url: self.link(&format!("/callbacks/{}/{}", attempt.provider, attempt.token)),
            return_url: self.link(&format!("/return/{}", payment.token)),
        }
    }
}

/// The Buchungen of a payment, as fine as its route wants them. The text: item description, purpose, route's text.
fn lines(payment: &Payment, texts: &PaymentTexts, common: &str) -> Vec<OpenLine> {
    let route = &payment.route.value;
    let mut lines: Vec<OpenLine> = Vec::new();
    for (index, item) in payment.items.iter().enumerate() {
        let title = &item.kontierung;
        let rule = title
            .tax_key
            .as_ref()
            .and_then(|key| route.tax.iter().find(|rule| rule.key == *key));
        let own = texts.items.get(index).and_then(|item| item.description.clone());
        let line = OpenLine {
            net: item.net,
            tax: item.tax,
            tax_rate: texts
                .items
                .get(index)
                .map(|item| item.tax_rate)
                .unwrap_or_default(),
            text: own
                .filter(|_| route.granularity == Granularity::Item)
                .unwrap_or_else(|| common.to_owned()),
            haushaltsstelle: title.haushaltsstelle.clone(),
            objektnummer: rule
                .and_then(|rule| rule.objektnummer.clone())
                .or_else(|| title.objektnummer.clone()),
            href: rule
                .and_then(|rule| rule.href.clone())
                .or_else(|| title.href.clone()),
        };
        let same = match route.granularity {
            Granularity::Item => None,
            // What has another rate stays a line of its own: the tax of a line must follow from its rate.
            Granularity::Title => lines.iter_mut().find(|other| {
                (&other.haushaltsstelle, &other.objektnummer, &other.href)
                    == (&line.haushaltsstelle, &line.objektnummer, &line.href)
                    && other.tax_rate == line.tax_rate
            }),
            // One Buchung was asked for, whatever the rates: it has the first one's title and rate.
            Granularity::Total => lines.first_mut(),
        };
        match same {
            Some(same) => {
                same.net += line.net;
                same.tax += line.tax;
            }
            None => lines.push(line),
        }
    }
    debug_assert_eq!(
        lines.iter().map(|line| line.net + line.tax).sum::<Cents>(),
        payment.total
    );
    lines
}

#[cfg(test)]
#[path = "provider_order_tests.rs"]
mod tests;
