//! What a test lets payers, the authority and the bank do.

use jiff::civil::Date;

use super::{
    BankAccount, Cents, Receipt, Resend, Sandbox, SandboxError, Sending, StatementFormat, Transferred,
    payment::Payment,
};

impl Sandbox {
    /// The payer pays by this method, or by the first that is allowed. Notifies go out in the background;
    /// [`Sending::done`] waits for them.
    ///
    /// # Errors
    /// When there is no such payment, it is paid already, or does not allow the method.
    pub fn pay(&self, kassenzeichen: &str, method: Option<&str>) -> Result<Sending, SandboxError> {
        self.shared.pay(kassenzeichen, method)
    }

    /// The payer aborts. Notifies go out as with [`Sandbox::pay`].
    ///
    /// # Errors
    /// When there is no such payment or it is not open.
    pub fn abort(&self, kassenzeichen: &str) -> Result<Sending, SandboxError> {
        self.shared.abort(kassenzeichen)
    }

    /// Notifies go out (again).
    ///
    /// # Errors
    /// When there is no such payment, or it sends no notify.
    pub fn notify(&self, kassenzeichen: &str, how: &Resend) -> Result<Sending, SandboxError> {
        self.shared.resend(kassenzeichen, how)
    }

    /// Money goes back (Rücklastschrift), all of it or this much; the saldo rises again.
    ///
    /// # Errors
    /// When there is no such payment or not so much money.
    pub fn return_money(&self, kassenzeichen: &str, cents: Option<Cents>) -> Result<(), SandboxError> {
        self.shared.change(kassenzeichen, |payment, now| {
            payment.return_money(cents, None, now)
        })
    }

    /// Money arrives without the paypage; the saldo falls.
    ///
    /// # Errors
    /// When there is no such payment or the amount is not above zero.
    pub fn receive(&self, kassenzeichen: &str, cents: Cents) -> Result<(), SandboxError> {
        self.shared
            .change(kassenzeichen, |payment, now| payment.receive(cents, now))
    }

    /// A transfer arrives on an account of the bank; a Kassenzeichen in its Verwendungszweck tells what it
    /// pays.
    ///
    /// # Errors
    /// When no account has the IBAN or the amount is not above zero.
    pub fn transfer(&self, iban: &str, cents: Cents, purpose: &str) -> Result<Transferred, SandboxError> {
        self.shared.transfer(iban, cents, purpose, None)
    }

    /// Money for a Kassenzeichen of another procedure arrives: ePayBL lists it among the Zahlungseingänge, but
    /// no client here has asked for it.
    ///
    /// # Errors
    /// When no account has the IBAN, the amount is not above zero, or a payment here has the Kassenzeichen.
    pub fn foreign_receipt(
        &self,
        iban: &str,
        cents: Cents,
        kassenzeichen: &str,
    ) -> Result<Transferred, SandboxError> {
        self.shared.foreign_receipt(iban, cents, kassenzeichen)
    }

    /// The bank account of a Bewirtschafter.
    pub fn bank_account(&self, mandant: &str, bewirtschafter: &str) -> Option<BankAccount> {
        let place = self.shared.world.find(mandant, bewirtschafter).ok()?;
        self.shared.book().banks.get(place).cloned()
    }

    /// The days of an account that have a statement.
    pub fn statements(&self, iban: &str) -> Vec<Date> {
        let statements = self.shared.book().statements(iban, self.shared.today());
        statements.into_iter().map(|statement| statement.day).collect()
    }

    /// The statement of a day as a file; none while the day is not over, or when nothing was booked on it.
    pub fn statement(&self, iban: &str, day: Date, format: StatementFormat) -> Option<String> {
        let statements = self.shared.book().statements(iban, self.shared.today());
        let statement = statements.into_iter().find(|statement| statement.day == day)?;
        Some(format.write(&statement))
    }

    /// The day in Berlin, as the sandbox's clock has it.
    pub fn today(&self) -> Date {
        self.shared.today()
    }

    /// The authority takes the claim back (Storno): all that is left of it, or this much.
    ///
    /// # Errors
    /// When there is no such payment or nothing is left of its claim.
    pub fn storno(&self, kassenzeichen: &str, cents: Option<Cents>) -> Result<(), SandboxError> {
        self.shared
            .change(kassenzeichen, |payment, now| payment.storno(cents, now))
    }

    /// Something is claimed on top, such as the fee of a Rücklastschrift; the saldo rises.
    ///
    /// # Errors
    /// When there is no such payment or the amount is not above zero.
    pub fn charge(&self, kassenzeichen: &str, cents: Cents) -> Result<(), SandboxError> {
        self.shared
            .change(kassenzeichen, |payment, now| payment.charge(cents, now))
    }

    /// The session of the paypage ends now, without a payment and without a notify.
    ///
    /// # Errors
    /// When there is no such payment or it is not open.
    pub fn expire(&self, kassenzeichen: &str) -> Result<(), SandboxError> {
        self.shared.change(kassenzeichen, Payment::expire)
    }

    /// The payer pays on the paypage, but this much instead of the whole claim.
    ///
    /// # Errors
    /// As [`Sandbox::pay`], and when the amount is not above zero.
    pub fn pay_amount(
        &self,
        kassenzeichen: &str,
        method: Option<&str>,
        cents: Cents,
    ) -> Result<Sending, SandboxError> {
        self.shared.pay_amount(kassenzeichen, method, Some(cents))
    }

    /// The Zahlungseingänge of a Mandant, in the order of their numbers.
    pub fn receipts(&self, mandant: &str) -> Vec<Receipt> {
        self.shared.book().receipts(&self.shared.world, mandant)
    }

    /// The sandbox's clock goes on by whole days.
    pub fn forward(&self, days: u32) {
        self.shared.forward(days);
    }
}
