//! What exists at this ePayBL: Mandanten with their Bewirtschafter, titles, methods, and secrets.
//!
//! One more authority is one more [`Account`]; [`World::from_toml`] reads them from a file.

use serde::Deserialize;

use super::{
    BankAccount, Cents, CustomerNumber, KundeWithOpen, SandboxError, SoapVersion, xbezahldienste::Port,
};

/// All accounts of the sandbox.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct World {
    /// One for each pair of Mandant and Bewirtschafter.
    pub accounts: Vec<Account>,
}

/// A Bewirtschafter of a Mandant.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Mandant, such as `1610000000` or `TH000001`.
    pub mandant: String,
    /// Bewirtschafter, such as `42` or `BW100001`.
    pub bewirtschafter: String,
    /// The authority's name, shown to the payer.
    pub name: String,
    /// Every title is released.
    #[serde(default)]
    pub release_all: bool,
    /// The released titles; any other is refused with -0611.
    #[serde(default)]
    pub titles: Vec<Title>,
    /// The methods that are offered.
    #[serde(default = "Method::usual")]
    pub methods: Vec<Method>,
    /// Ends the text that a notify's hash is made from.
    #[serde(default = "usual_secret")]
    pub notify_secret: String,
    /// How notifies are sent.
    #[serde(default)]
    pub notify_shape: NotifyShape,
    /// First digits of the Kassenzeichen of this account; without it `1001`, `1002`, … by place.
    #[serde(default)]
    pub kassenzeichen_prefix: Option<String>,
    /// The client brings its own Kassenzeichen: without one -0521. Otherwise one is refused with -0522.
    #[serde(default)]
    pub kassenzeichen_by_client: bool,
    /// How many Buchungen a list may have (-0505).
    #[serde(default = "usual_max_buchungen")]
    pub max_buchungen: usize,
    /// How long a Buchungstext may be (-0609).
    #[serde(default = "usual_buchungstext_max")]
    pub buchungstext_max: usize,
    /// How long the paypage of a payment can be paid; after that it is INAKTIV and nothing was paid. 0 is
    /// without end.
    #[serde(default = "usual_session_minutes")]
    pub session_minutes: u32,
    /// Its account at the bank; without one it is made from its place.
    #[serde(default)]
    pub bank: Option<BankAccount>,
    /// SHA-256 of the client certificates (lower-case hex) that may use this account over TLS; any when
    /// empty. Others get 403.
    #[serde(default)]
    pub certificates: Vec<String>,
    /// Which shapes the SOAP service has.
    #[serde(default)]
    pub soap_version: SoapVersion,
    /// The SOAP service knows the operations `…MitBLP`.
    #[serde(default = "yes")]
    pub mit_blp: bool,
    /// How a read of the SOAP service spells the number of the Kunde.
    #[serde(default)]
    pub customer_number: CustomerNumber,
    /// Reads of the SOAP service have a paypageStatus.
    #[serde(default = "yes")]
    pub paypage_status: bool,
    /// A Kassenzeichen of the SOAP service is temporary until it is paid: its betragHauptforderungen is 0.
    #[serde(default = "yes")]
    pub temporary_until_paid: bool,
    /// A Kassenzeichen ends with an HKR check digit (-0502).
    #[serde(default)]
    pub check_digit: bool,
    /// What becomes of a Kunde with open payments that is to be deleted.
    #[serde(default)]
    pub kunde_with_open: KundeWithOpen,
    /// How it is reached over XBezahldienste.
    #[serde(default)]
    pub xbezahldienste: Port,
}

/// A title: Haushaltsstelle and Objektnummer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Title {
    /// Up to 10 characters, such as `1100.1000`.
    pub haushaltstelle: String,
    /// Up to 10 characters; a title may have none.
    #[serde(default)]
    pub objektnummer: Option<String>,
}

/// A payment method (Zahlverfahren) with its limits.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Method {
    /// `KREDITKARTE`, `PAYPAL`, …: an open set.
    pub code: String,
    /// Smallest amount; less is -0510.
    pub min: Cents,
    /// Largest amount; more is -0511.
    pub max: Cents,
    /// The payment service provider that runs it; empty when the Kasse does so herself.
    #[serde(default)]
    pub zvp: String,
    /// What the provider keeps of a payment, in hundredths of a percent.
    #[serde(default)]
    pub fee_basis_points: u32,
    /// What the provider keeps of each payment besides.
    #[serde(default)]
    pub fee_fixed: Cents,
}

/// The form of a notify. Public clients accept all of these; which one a real Konnektor uses is unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NotifyShape {
    /// POST, JSON, the fields at the top.
    #[default]
    PostJson,
    /// POST, JSON, the fields under `data`.
    PostNested,
    /// POST, `application/x-www-form-urlencoded`.
    PostForm,
    /// GET, the fields in the query.
    Get,
}

fn usual_secret() -> String {
    "sandbox-secret".to_owned()
}

const fn yes() -> bool {
    true
}

const fn usual_max_buchungen() -> usize {
    99
}

const fn usual_buchungstext_max() -> usize {
    120
}

const fn usual_session_minutes() -> u32 {
    30
}

impl Method {
    fn new(code: &str, min: i64, max: i64, zvp: &str) -> Self {
        Self {
            code: code.to_owned(),
            min: Cents::new(min),
            max: Cents::new(max),
            zvp: zvp.to_owned(),
            fee_basis_points: 0,
            fee_fixed: Cents::ZERO,
        }
    }

    fn for_a_fee(mut self, basis_points: u32, fixed: i64) -> Self {
        self.fee_basis_points = basis_points;
        self.fee_fixed = Cents::new(fixed);
        self
    }

    /// Credit card and PayPal through a provider, direct debit without one. Giropay has ended.
    pub fn usual() -> Vec<Self> {
        vec![
            Self::new("KREDITKARTE", 1, 1_000_000, "SANDBOX-ZVP").for_a_fee(120, 8),
            Self::new("PAYPAL", 1, 200_000, "SANDBOX-ZVP").for_a_fee(249, 35),
            Self::new("SEPASDD", 100, 500_000, ""),
        ]
    }

    /// Its name for the payer: German, and English where that differs.
    pub fn label(code: &str) -> (&str, &str) {
        match code {
            "KREDITKARTE" => ("Kreditkarte", "Credit card"),
            "PAYPAL" => ("PayPal", "PayPal"),
            "SEPASDD" => ("SEPA-Lastschrift", "SEPA direct debit"),
            "GIROPAY" => ("giropay", "giropay"),
            "UEBERWEISUNGVOR" => ("Überweisung (Vorkasse)", "Bank transfer in advance"),
            "UEBERWEISUNGNACH" => ("Überweisung (Rechnung)", "Bank transfer by invoice"),
            other => (other, other),
        }
    }
}

impl Account {
    /// An account with the usual methods and secret and no title released.
    pub fn new(mandant: &str, bewirtschafter: &str, name: &str) -> Self {
        Self {
            mandant: mandant.to_owned(),
            bewirtschafter: bewirtschafter.to_owned(),
            name: name.to_owned(),
            release_all: false,
            titles: Vec::new(),
            methods: Method::usual(),
            notify_secret: usual_secret(),
            notify_shape: NotifyShape::default(),
            kassenzeichen_prefix: None,
            kassenzeichen_by_client: false,
            max_buchungen: usual_max_buchungen(),
            buchungstext_max: usual_buchungstext_max(),
            session_minutes: usual_session_minutes(),
            bank: None,
            certificates: Vec::new(),
            soap_version: SoapVersion::default(),
            mit_blp: true,
            customer_number: CustomerNumber::default(),
            paypage_status: true,
            temporary_until_paid: true,
            check_digit: false,
            kunde_with_open: KundeWithOpen::default(),
            xbezahldienste: Port::default(),
        }
    }

    /// The same account with every title released.
    #[must_use]
    pub fn releasing_all(mut self) -> Self {
        self.release_all = true;
        self
    }

    /// The same account with one more title released.
    #[must_use]
    pub fn releasing(mut self, haushaltstelle: &str, objektnummer: &str) -> Self {
        self.titles.push(Title {
            haushaltstelle: haushaltstelle.to_owned(),
            objektnummer: Some(objektnummer.to_owned()),
        });
        self
    }

    /// Whether the title may be booked on.
    pub fn releases(&self, haushaltstelle: &str, objektnummer: Option<&str>) -> bool {
        self.release_all
            || self.titles.iter().any(|title| {
                title.haushaltstelle == haushaltstelle && title.objektnummer.as_deref() == objektnummer
            })
    }

    /// The offered method of this code.
    pub fn method(&self, code: &str) -> Option<&Method> {
        self.methods.iter().find(|method| method.code == code)
    }
}

/// Why a pair of Mandant and Bewirtschafter is no account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoAccount {
    UnknownMandant,
    /// The Bewirtschafter exists, but under another Mandant.
    OfAnotherMandant,
    UnknownBewirtschafter,
}

impl World {
    /// The built-in world: Mandant 1610000000 with Bewirtschafter 42, and two authorities for the demo.
    pub fn demo() -> Self {
        let mut library = Account::new("1610000000", "42", "Stadtbibliothek Musterstadt")
            .releasing("1100.1000", "0000000001")
            .releasing("1100.10000", "0000000001");
        library.kassenzeichen_prefix = Some("42".to_owned());
        Self {
            accounts: vec![
                library,
                Account::new("TH000001", "BW100001", "Stadt Bad Langensalza").releasing_all(),
                Account::new("TH000002", "BW200001", "Landratsamt Unstrut-Hainich-Kreis").releasing_all(),
            ],
        }
    }

    /// The same world, in which a paypage can be paid without end, for stories whose clock makes leaps.
    #[must_use]
    pub fn with_endless_sessions(mut self) -> Self {
        for account in &mut self.accounts {
            account.session_minutes = 0;
        }
        self
    }

    /// Reads a world from a TOML file's text: `[[accounts]]` with the fields of [`Account`].
    ///
    /// # Errors
    /// [`SandboxError::World`] naming the field that is wrong.
    pub fn from_toml(text: &str) -> Result<Self, SandboxError> {
        toml::from_str(text).map_err(|error| SandboxError::World(error.to_string()))
    }

    pub(super) fn find(&self, mandant: &str, bewirtschafter: &str) -> Result<usize, NoAccount> {
        let is = |account: &Account| account.mandant == mandant && account.bewirtschafter == bewirtschafter;
        if let Some(place) = self.accounts.iter().position(is) {
            Ok(place)
        } else if !self.accounts.iter().any(|account| account.mandant == mandant) {
            Err(NoAccount::UnknownMandant)
        } else if self
            .accounts
            .iter()
            .any(|account| account.bewirtschafter == bewirtschafter)
        {
            Err(NoAccount::OfAnotherMandant)
        } else {
            Err(NoAccount::UnknownBewirtschafter)
        }
    }

    /// The first digits of each account's Kassenzeichen. None may begin another, so that a Kassenzeichen
    /// is never given twice.
    pub(super) fn prefixes(&self) -> Result<Vec<String>, SandboxError> {
        let prefixes: Vec<String> = (self.accounts.iter().enumerate())
            .map(|(place, account)| {
                account
                    .kassenzeichen_prefix
                    .clone()
                    .unwrap_or_else(|| format!("{}", 1000 + place))
            })
            .collect();
        for (place, prefix) in prefixes.iter().enumerate() {
            if !(1..=6).contains(&prefix.len()) || !prefix.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(SandboxError::World(format!(
                    "kassenzeichen_prefix {prefix} is not 1 to 6 digits"
                )));
            }
            let overlaps = |other: &String| other.starts_with(prefix) || prefix.starts_with(other.as_str());
            if let Some(other) = prefixes[..place].iter().find(|other| overlaps(other)) {
                return Err(SandboxError::World(format!(
                    "kassenzeichen_prefix {prefix} and {other} overlap: the same Kassenzeichen could be given twice"
                )));
            }
        }
        for (place, account) in self.accounts.iter().enumerate() {
            if self.find(&account.mandant, &account.bewirtschafter) != Ok(place) {
                return Err(SandboxError::World(format!(
                    "Mandant {} with Bewirtschafter {} is there twice",
                    account.mandant, account.bewirtschafter
                )));
            }
        }
        Ok(prefixes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_world_is_read_from_toml() {
        let world = World::from_toml(
            r#"
            [[accounts]]
            mandant = "TH000009"
            bewirtschafter = "BW9"
            name = "Gemeinde Neun"
            notify_shape = "post-form"
            titles = [{ haushaltstelle = "1100.1000", objektnummer = "0000000001" }]
            methods = [{ code = "WERO", min = "0.50", max = "99.99" }]
            "#,
        )
        .expect("a world");
        let account = &world.accounts[0];
        assert!(account.releases("1100.1000", Some("0000000001")) && !account.releases("1100.1000", None));
        assert_eq!(account.method("WERO").expect("WERO").max, Cents::new(9999));
        assert_eq!(account.notify_shape, NotifyShape::PostForm);
        assert_eq!(account.notify_secret, "sandbox-secret");
        assert!(World::from_toml("[[accounts]]\nmandat = \"typo\"").is_err());
    }

    #[test]
    fn accounts_that_would_share_kassenzeichen_are_refused() {
        let mut world = World::demo();
        assert_eq!(world.prefixes().expect("prefixes"), ["42", "1001", "1002"]);
        world.accounts[1].kassenzeichen_prefix = Some("420".to_owned());
        assert!(
            world
                .prefixes()
                .expect_err("overlap")
                .to_string()
                .contains("420 and 42 overlap")
        );
        let mut twice = World::demo();
        twice.accounts.push(twice.accounts[0].clone());
        twice.accounts[3].kassenzeichen_prefix = None;
        assert!(
            twice
                .prefixes()
                .expect_err("twice")
                .to_string()
                .contains("there twice")
        );
    }
}
