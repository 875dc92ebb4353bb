//! One payment: what may happen to it, and what a read then says. No I/O.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Cents, SandboxError, fault::Fault, list::Buchungsliste, notify::Delivery};

/// A created payment.
#[derive(Debug)]
pub(super) struct Payment {
    pub(super) kassenzeichen: String,
    /// Place of its account in the world.
    pub(super) account: usize,
    pub(super) list: Buchungsliste,
    /// Names its paypage.
    pub(super) token: String,
    /// Names its session at the payment service provider.
    pub(super) zvgid: String,
    pub(super) created_at: Timestamp,
    pub(super) faults: Vec<Fault>,
    pub(super) standing: Standing,
    /// All money that came.
    pub(super) received: Cents,
    /// All money that went back.
    pub(super) returned: Cents,
    pub(super) deliveries: Vec<Delivery>,
}

/// Where the payer stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Open,
    Paid {
        method: String,
        tan: String,
        at: Timestamp,
        lagging_reads: u32,
    },
    Aborted {
        at: Timestamp,
    },
}

impl Payment {
    pub(super) fn has(&self, fault: &Fault) -> bool {
        self.faults.contains(fault)
    }

    /// What is still owed; negative when more came.
    pub(super) fn saldo(&self) -> Cents {
        self.list.betrag.minus(self.received).plus(self.returned)
    }

    /// `open`, `paid` or `aborted`.
    pub(super) fn state(&self) -> &'static str {
        match self.standing {
            Standing::Open => "open",
            Standing::Paid { .. } => "paid",
            Standing::Aborted { .. } => "aborted",
        }
    }

    fn not_now(&self, what: &'static str) -> SandboxError {
        SandboxError::NotNow {
            kassenzeichen: self.kassenzeichen.clone(),
            what,
            state: self.state(),
        }
    }

    /// The payer pays: the whole amount, unless a fault says otherwise. An aborted paypage that is still
    /// AKTIV can be paid later.
    pub(super) fn pay(&mut self, method: &str, tan: String, at: Timestamp) -> Result<(), SandboxError> {
        let payable = match self.standing {
            Standing::Open => true,
            Standing::Aborted { .. } => !self.has(&Fault::InaktivAfterAbort),
            Standing::Paid { .. } => false,
        };
        if !payable {
            return Err(self.not_now("be paid"));
        }
        if !self.list.methods.iter().any(|allowed| allowed == method) {
            return Err(SandboxError::Method {
                kassenzeichen: self.kassenzeichen.clone(),
                method: method.to_owned(),
            });
        }
        let (mut paid, mut lagging_reads) = (self.list.betrag, 0);
        for fault in &self.faults {
            match fault {
                Fault::WrongAmount { short } => paid = paid.minus(*short).max(Cents::ZERO),
                Fault::Overpaid { over } => paid = paid.plus(*over),
                Fault::StatusLags { reads } => lagging_reads = *reads,
                _ => {}
            }
        }
        self.received = self.received.plus(paid);
        self.standing = Standing::Paid {
            method: method.to_owned(),
            tan,
            at,
            lagging_reads,
        };
        Ok(())
    }

    /// The payer aborts.
    pub(super) fn abort(&mut self, at: Timestamp) -> Result<(), SandboxError> {
        if self.standing != Standing::Open {
            return Err(self.not_now("be aborted"));
        }
        self.standing = Standing::Aborted { at };
        Ok(())
    }

    /// Money comes without the paypage.
    pub(super) fn receive(&mut self, cents: Cents) -> Result<(), SandboxError> {
        if cents <= Cents::ZERO {
            return Err(SandboxError::Amount(cents));
        }
        self.received = self.received.plus(cents);
        Ok(())
    }

    /// Money goes back (Rücklastschrift): all that is there, or so much of it. The saldo rises again.
    pub(super) fn return_money(&mut self, cents: Option<Cents>) -> Result<(), SandboxError> {
        let there = self.received.minus(self.returned);
        if there <= Cents::ZERO {
            return Err(self.not_now("be returned"));
        }
        let cents = cents.unwrap_or(there);
        if cents <= Cents::ZERO || cents > there {
            return Err(SandboxError::Amount(cents));
        }
        self.returned = self.returned.plus(cents);
        Ok(())
    }

    /// The `kassenzeichen` object of a read. A lagging status wears off with every read.
    pub(super) fn read(&mut self) -> Value {
        let mut saldo = self.saldo();
        let inaktiv_after_abort = self.has(&Fault::InaktivAfterAbort);
        let (status, method) = match &mut self.standing {
            Standing::Paid {
                lagging_reads: lag @ 1..,
                ..
            } => {
                *lag -= 1;
                saldo = self.list.betrag;
                ("AKTIV", None)
            }
            Standing::Paid { method, .. } => ("INAKTIV", Some(method.clone())),
            Standing::Aborted { .. } if inaktiv_after_abort => ("INAKTIV", None),
            Standing::Open | Standing::Aborted { .. } => ("AKTIV", None),
        };
        let mut data = json!({ "paypagestatus": status });
        if let Some(method) = method {
            data["bezahlverfahren"] = method.into();
        }
        if !self.has(&Fault::MissingSaldo) {
            data["saldo"] = json!(saldo);
        }
        json!({ "kassenzeichennummer": self.kassenzeichen, "zusatzdaten": data })
    }
}

/// What the sandbox tells of a payment.
#[derive(Clone, Debug, Serialize)]
pub struct PaymentInfo {
    /// Its Kassenzeichen.
    pub kassenzeichen: String,
    /// Its Mandant.
    pub mandant: String,
    /// Its Bewirtschafter.
    pub bewirtschafter: String,
    /// The client's number for it; empty when it sent none.
    pub transaktionsnummer: String,
    /// The amount asked for.
    pub betrag: Cents,
    /// What is still owed.
    pub saldo: Cents,
    /// `open`, `paid` or `aborted`.
    pub state: &'static str,
    /// The method it was paid with.
    pub method: Option<String>,
    /// What the client says it is for.
    pub beschreibung: String,
    /// The texts of its Buchungen.
    pub buchungstexte: Vec<String>,
    /// Who pays.
    pub payer: String,
    /// Where the payer pays.
    pub paypage: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// What goes wrong with it on request.
    pub faults: Vec<Fault>,
    /// The notifies that were sent, in order of their end.
    pub deliveries: Vec<Delivery>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payment(faults: Vec<Fault>) -> Payment {
        let list = Buchungsliste {
            betrag: Cents::new(5000),
            methods: vec!["KREDITKARTE".to_owned()],
            ..Buchungsliste::default()
        };
        Payment {
            kassenzeichen: "4200000000001".to_owned(),
            account: 0,
            list,
            token: String::new(),
            zvgid: String::new(),
            created_at: Timestamp::UNIX_EPOCH,
            faults,
            standing: Standing::Open,
            received: Cents::ZERO,
            returned: Cents::ZERO,
            deliveries: Vec::new(),
        }
    }

    fn paid(faults: Vec<Fault>) -> Payment {
        let mut payment = payment(faults);
        payment
            .pay("KREDITKARTE", "T".to_owned(), Timestamp::UNIX_EPOCH)
            .expect("payable");
        payment
    }

    fn data(payment: &mut Payment) -> String {
        payment.read()["zusatzdaten"].to_string()
    }

    const OPEN: &str = r#"{"paypagestatus":"AKTIV","saldo":50.00}"#;
    const PAID: &str = r#"{"paypagestatus":"INAKTIV","bezahlverfahren":"KREDITKARTE","saldo":0.00}"#;

    #[test]
    fn a_payment_is_active_until_it_is_paid() {
        assert_eq!(data(&mut payment(vec![])), OPEN);
        assert_eq!(data(&mut paid(vec![])), PAID);
        let twice = paid(vec![]).pay("KREDITKARTE", "T".to_owned(), Timestamp::UNIX_EPOCH);
        assert!(matches!(twice, Err(SandboxError::NotNow { .. })));
        let other = payment(vec![]).pay("PAYPAL", "T".to_owned(), Timestamp::UNIX_EPOCH);
        assert!(matches!(other, Err(SandboxError::Method { .. })));
    }

    #[test]
    fn the_status_lags_for_as_many_reads_as_asked() {
        let mut payment = paid(vec![Fault::StatusLags { reads: 2 }]);
        assert_eq!([(); 4].map(|()| data(&mut payment)), [OPEN, OPEN, PAID, PAID]);
    }

    #[test]
    fn an_aborted_payment_stays_active_and_can_be_paid_late() {
        let mut payment = payment(vec![]);
        payment.abort(Timestamp::UNIX_EPOCH).expect("open");
        assert_eq!(data(&mut payment), OPEN);
        payment
            .pay("KREDITKARTE", "T".to_owned(), Timestamp::UNIX_EPOCH)
            .expect("still payable");
        assert_eq!(data(&mut payment), PAID);
        assert!(payment.abort(Timestamp::UNIX_EPOCH).is_err());
    }

    #[test]
    fn an_aborted_payment_may_be_inactive_without_a_method() {
        let mut payment = payment(vec![Fault::InaktivAfterAbort]);
        payment.abort(Timestamp::UNIX_EPOCH).expect("open");
        assert_eq!(data(&mut payment), r#"{"paypagestatus":"INAKTIV","saldo":50.00}"#);
        assert!(
            payment
                .pay("KREDITKARTE", "T".to_owned(), Timestamp::UNIX_EPOCH)
                .is_err()
        );
    }

    #[test]
    fn the_payer_may_pay_too_little_or_too_much() {
        assert_eq!(
            paid(vec![Fault::WrongAmount {
                short: Cents::new(150)
            }])
            .saldo(),
            Cents::new(150)
        );
        assert_eq!(
            paid(vec![Fault::WrongAmount {
                short: Cents::new(9900)
            }])
            .saldo(),
            Cents::new(5000)
        );
        assert_eq!(
            paid(vec![Fault::Overpaid {
                over: Cents::new(150)
            }])
            .saldo(),
            Cents::new(-150)
        );
    }

    #[test]
    fn money_comes_and_goes_back() {
        let mut payment = paid(vec![]);
        payment.return_money(None).expect("money is there");
        assert_eq!(payment.saldo(), Cents::new(5000));
        assert!(payment.return_money(None).is_err());
        payment.receive(Cents::new(2000)).expect("an amount");
        assert_eq!(payment.saldo(), Cents::new(3000));
        assert!(payment.return_money(Some(Cents::new(2001))).is_err());
        assert!(payment.receive(Cents::ZERO).is_err());
    }

    #[test]
    fn a_read_may_miss_the_saldo() {
        let expected = r#"{"paypagestatus":"INAKTIV","bezahlverfahren":"KREDITKARTE"}"#;
        assert_eq!(data(&mut paid(vec![Fault::MissingSaldo])), expected);
    }
}
