//! Certificates of the sandbox, from PEM files: with them it asks its clients for theirs, as ePayBL does (−0020, −0021,
//! 401, 403), and can play that certificates have expired.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use crate::sandbox::{Tls, tls_config};

/// The files.
#[derive(Debug, clap::Args)]
pub(super) struct TlsArgs {
    /// Serves HTTPS with this certificate and the chain after it, in PEM.
    #[arg(long, value_name = "FILE", requires_all = ["tls_key", "client_ca"])]
    tls_cert: Option<PathBuf>,
    /// Its private key, in PEM.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// The authorities whose client certificates are let in, in PEM.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    client_ca: Option<PathBuf>,
    /// A certificate that has expired, for the fault `expired-certificate`, in PEM.
    #[arg(long, value_name = "FILE", requires_all = ["tls_cert", "expired_key"])]
    expired_cert: Option<PathBuf>,
    /// Its private key, in PEM.
    #[arg(long, value_name = "FILE", requires = "expired_cert")]
    expired_key: Option<PathBuf>,
}

impl TlsArgs {
    /// TLS, where files are named.
    ///
    /// # Errors
    /// Names the file that is wrong.
    pub(super) fn tls(&self) -> anyhow::Result<Option<Tls>> {
        let (Some(cert), Some(private), Some(clients)) = (&self.tls_cert, &self.tls_key, &self.client_ca)
        else {
            return Ok(None);
        };
        let tls = tls_config(
            certificates("--tls-cert", cert)?,
            key("--tls-key", private)?,
            &certificates("--client-ca", clients)?,
        );
        let tls = tls.context("--tls-cert, --tls-key and --client-ca do not fit together")?;
        let (Some(cert), Some(private)) = (&self.expired_cert, &self.expired_key) else {
            return Ok(Some(tls));
        };
        let chain = certificates("--expired-cert", cert)?;
        let tls = tls.with_expired(chain, key("--expired-key", private)?);
        Ok(Some(tls.context("--expired-cert and --expired-key do not fit")?))
    }
}

fn certificates(option: &str, path: &Path) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let told = || {
        format!(
            "{option}: {} cannot be read as certificates in PEM",
            path.display()
        )
    };
    let all = CertificateDer::pem_file_iter(path).with_context(told)?;
    let all: Vec<_> = all.collect::<Result<_, _>>().with_context(told)?;
    ensure!(
        !all.is_empty(),
        "{option}: {} holds no certificate in PEM",
        path.display()
    );
    Ok(all)
}

fn key(option: &str, path: &Path) -> anyhow::Result<PrivateKeyDer<'static>> {
    PrivateKeyDer::from_pem_file(path).with_context(|| {
        format!(
            "{option}: {} cannot be read as a private key in PEM",
            path.display()
        )
    })
}
