//! The citizen's way to the paypage and back. What a browser brings proves nothing; coming back is a reason to ask.

use super::ports::Scope;
use super::{App, ChangeError};
use jiff::civil::Date;

use crate::domain::case::{Payment, Standing, TransferTo, Way};
use crate::domain::ids::{AttemptId, CaseId, Kassenzeichen, PaymentId, Token};
use crate::domain::money::Cents;
use crate::domain::tenant::Environment;

/// Where `/pay/<token>` leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ToPay {
    /// To the provider's page.
    Paypage(String),
    /// Back to the portal: there is nothing to pay (any more).
    Portal(String),
    /// To no page: the payer transfers the money, and gets told how.
    Transfer(Transfer),
    /// The page is not known yet: a moment's patience.
    Wait {
        /// Whether no real money is moved.
        test: bool,
    },
}

/// What a payer needs to transfer the money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// The account.
    pub to: TransferTo,
    /// What the transfer must name.
    pub kassenzeichen: Kassenzeichen,
    /// What is still owed.
    pub open: Cents,
    /// What came already.
    pub received: Cents,
    /// When it is due.
    pub due: Date,
    /// Whose money it is.
    pub authority: String,
    /// The way on to the portal.
    pub portal: String,
    /// Whether no real money is moved.
    pub test: bool,
}

impl App {
    /// Where a citizen with a pay token goes. Waits a bounded time for the paypage's address.
    ///
    /// # Errors
    /// [`ChangeError::NotFound`] where no payment has the token.
    #[expect(
        clippy::disallowed_methods,
        reason = "how long a citizen waits, not what time it is"
    )]
    pub async fn to_pay(&self, token: &str) -> Result<ToPay, ChangeError> {
        let (case, payment) = self.by_token(token).await?;
        let mut news = self.listen();
        let deadline = tokio::time::Instant::now() + self.settings.pay_wait;
        loop {
            let snapshot = self
                .store
                .case(&Scope::Program, case)
                .await?
                .ok_or(ChangeError::NotFound)?;
            let of = snapshot.case.payment(payment).ok_or(ChangeError::NotFound)?;
            if !of.is_under_way() {
                return Ok(ToPay::Portal(self.texts(&snapshot, of).await?.redirect_url));
            }
            let test = snapshot.case.kasse.environment == Environment::Test;
            let current = of.current();
            match (&current.standing, &current.way) {
                (Standing::Open, Some(Way::Paypage(page))) => return Ok(ToPay::Paypage(page.clone())),
                (Standing::Open, Some(Way::Transfer(to))) => {
                    let portal = self.texts(&snapshot, of).await?.redirect_url;
                    let Some(kassenzeichen) = current.kassenzeichen.known().cloned() else {
                        return Ok(ToPay::Wait { test });
                    };
                    let received = current.books.credited;
                    return Ok(ToPay::Transfer(Transfer {
                        to: to.clone(),
                        kassenzeichen,
                        open: (of.total - received).or_zero(),
                        received,
                        due: of.due,
                        authority: snapshot.case.authority.name.clone(),
                        portal,
                        test,
                    }));
                }
                // An unclear outcome is cleared up by the sweeper, not by a citizen's reload.
                (Standing::Unclear { .. }, _) => return Ok(ToPay::Wait { test }),
                _ if tokio::time::Instant::now() >= deadline => return Ok(ToPay::Wait { test }),
                _ => self.news(&mut news).await,
            }
        }
    }

    /// Where a citizen who comes back from the paypage goes: to the portal, unchanged. Settles first, for a bounded
    /// time, because a portal asks at once and takes the first answer for good.
    ///
    /// # Errors
    /// [`ChangeError::NotFound`] where no payment has the token.
    pub async fn come_back(&self, token: &str) -> Result<String, ChangeError> {
        let (case, payment) = self.by_token(token).await?;
        let settled = self.settle(case, payment);
        if tokio::time::timeout(self.settings.return_wait, settled)
            .await
            .is_err()
        {
            tracing::info!(%case, %payment, "the citizen goes on before the outcome is certain");
        }
        let snapshot = self
            .store
            .case(&Scope::Program, case)
            .await?
            .ok_or(ChangeError::NotFound)?;
        let of = snapshot.case.payment(payment).ok_or(ChangeError::NotFound)?;
        Ok(self.texts(&snapshot, of).await?.redirect_url)
    }

    /// Asks until the payment is no longer under way: at once, and again whenever there is news or a moment has passed.
    async fn settle(&self, case: CaseId, payment: PaymentId) {
        let mut news = self.listen();
        let mut pause = 1_u32;
        loop {
            let under_way = match self.under_way(case, payment).await {
                Ok(under_way) => under_way,
                Err(error) => {
                    tracing::warn!(%case, %payment, %error, "a payment could not be settled on return");
                    return;
                }
            };
            let Some((attempt, can_ask)) = under_way else {
                return;
            };
            if can_ask && let Err(error) = self.look_at(case, attempt, 0, None).await {
                tracing::warn!(%case, %attempt, %error, "the question on return failed");
            }
            if !matches!(self.under_way(case, payment).await, Ok(Some(_))) {
                return;
            }
            // A little longer each time: the provider is not to be asked four times a second.
            for _ in 0..pause {
                self.news(&mut news).await;
            }
            pause = (pause * 2).min(8);
        }
    }

    async fn under_way(
        &self,
        case: CaseId,
        payment: PaymentId,
    ) -> Result<Option<(AttemptId, bool)>, ChangeError> {
        let snapshot = self
            .store
            .case(&Scope::Program, case)
            .await?
            .ok_or(ChangeError::NotFound)?;
        let of = snapshot
            .case
            .payment(payment)
            .filter(|payment: &&Payment| payment.is_under_way());
        Ok(of.map(|payment| {
            let current = payment.current();
            (
                current.id,
                current.standing == Standing::Open && current.can_be_asked_for(),
            )
        }))
    }

    async fn by_token(&self, token: &str) -> Result<(CaseId, PaymentId), ChangeError> {
        let token = Token::parse(token).map_err(|_| ChangeError::NotFound)?;
        self.store
            .by_pay_token(&token)
            .await?
            .ok_or(ChangeError::NotFound)
    }
}
