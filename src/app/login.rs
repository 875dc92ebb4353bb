//! Clients log in: secrets are issued by the program, stored as keyed hashes, and two are valid at a time.

use std::sync::Arc;

use super::App;
use super::ports::{CommitError, ReadError, Sealed, Urgency};
use super::tenants::read_body;
use crate::domain::change::{Change, ClientSecret};
use crate::domain::ids::{ChangeId, ClientId, LedgerId, Mint};
use crate::domain::record::{Body, Configured};
use crate::domain::tenant::{Client, OPERATOR};

/// How long an access token is valid, in seconds.
pub const TOKEN_SECONDS: i64 = 3600;

/// Why a secret could not be issued.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// No such client.
    #[error("there is no client «{0}»: write it into the tenants file and run `tenants apply` first")]
    Unknown(ClientId),
    /// `client new` was already used.
    #[error("client «{0}» has a secret already: `client rotate` issues another one beside it")]
    HasOne(ClientId),
    /// `client rotate` came before `client new`.
    #[error("client «{0}» has no secret yet: `client new` issues the first one")]
    HasNone(ClientId),
    /// The store cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It was not stored.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

impl App {
    /// A client that is there and not closed.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn client(&self, id: &ClientId) -> Result<Option<Arc<Client>>, ReadError> {
        match self
            .store
            .tenant("client", id.as_str())
            .await?
            .filter(|object| !object.closed)
        {
            Some(object) => Ok(Some(Arc::new(read_body(&object)?))),
            None => Ok(None),
        }
    }

    /// The client whose id and secret these are.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn log_in(&self, id: &str, secret: &str) -> Result<Option<Arc<Client>>, ReadError> {
        let Ok(id) = ClientId::parse(id) else {
            return Ok(None);
        };
        let hashes = self.store.client_secrets(&id).await?;
        let client = self.client(&id).await?;
        Ok(client.filter(|_| self.vault.secret_matches(&id, secret, &hashes)))
    }

    /// An access token for a client that has logged in.
    pub fn issue_token(&self, client: &ClientId) -> String {
        self.vault.token(client, self.now().plus_seconds(TOKEN_SECONDS))
    }

    /// The client of an access token, as long as the client is there.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn by_token_of(&self, token: &str) -> Result<Option<Arc<Client>>, ReadError> {
        match self.vault.token_client(token, self.now()) {
            Some(id) => self.client(&id).await,
            None => Ok(None),
        }
    }

    /// Issues a secret of 160 random bits: the first one, or with `rotate` another one beside it. It is returned once
    /// and stored only as a keyed hash; the two newest are valid. That it was issued is recorded in the operator's log.
    ///
    /// # Errors
    /// [`IssueError`].
    pub async fn issue_secret(&self, id: &ClientId, rotate: bool) -> Result<String, IssueError> {
        if self.client(id).await?.is_none() {
            return Err(IssueError::Unknown(id.clone()));
        }
        let have = self.store.client_secrets(id).await?.len();
        match (rotate, have) {
            (false, 1..) => return Err(IssueError::HasOne(id.clone())),
            (true, 0) => return Err(IssueError::HasNone(id.clone())),
            _ => {}
        }
        let secret = String::from(self.ids.token());
        let now = self.now();
        let mut change = Change::bare(ChangeId(Mint::new(self.ids.uuid(now)).next_id()));
        change.ledger = Some(LedgerId::parse(OPERATOR).expect("the operator's log has an id"));
        change.effects.secrets.push(ClientSecret {
            client: id.clone(),
            hash: self.vault.secret_hash(id, &secret),
            at: now,
        });
        let issued = Configured {
            kind: "client_secret".to_owned(),
            id: id.as_str().to_owned(),
            version: i64::try_from(have).unwrap_or(0) + 1,
            content: String::new(),
        };
        change
            .effects
            .records
            .push((Body::Configuration(issued), Vec::new()));
        let sealed = Sealed {
            change,
            new_key: None,
            personal: Vec::new(),
        };
        self.commit(sealed, Urgency::Interactive).await?;
        Ok(secret)
    }
}
