//! `exception show`: what a person may look at first; and what `exception list` is narrowed to.

use std::process::ExitCode;

use clap::Args;

use super::exception::show as show_exception;
use super::statement::one_kasse;
use super::{open, say};
use crate::app::suggestions::{Wanted, ready};
use crate::config::Config;
use crate::domain::exception::ExceptionCode;
use crate::domain::ids::AuthorityId;
use crate::domain::money::Cents;

/// Which exceptions are listed.
#[derive(Debug, Args)]
pub(super) struct Only {
    /// Only those of this authority.
    #[arg(long)]
    authority: Option<String>,
    /// Only those with this code, such as `mehrdeutig`.
    #[arg(long)]
    code: Option<String>,
    /// Only those that were found so many days ago, or earlier.
    #[arg(long, value_name = "DAYS")]
    min_age: Option<u32>,
    /// Only those of this amount or more, such as 12.50.
    #[arg(long, value_name = "AMOUNT")]
    min_amount: Option<String>,
    /// Only those of this amount or less.
    #[arg(long, value_name = "AMOUNT")]
    max_amount: Option<String>,
}

impl Only {
    pub(super) fn wanted(&self) -> anyhow::Result<Wanted> {
        let code = self.code.as_deref().map(str::parse::<ExceptionCode>);
        Ok(Wanted {
            authority: self.authority.as_deref().map(AuthorityId::parse).transpose()?,
            code: code.transpose().map_err(anyhow::Error::msg)?,
            min_age_days: self.min_age.map(i64::from),
            min: self.min_amount.as_deref().map(Cents::parse).transpose()?,
            max: self.max_amount.as_deref().map(Cents::parse).transpose()?,
        })
    }
}

pub(super) async fn show(config: &Config, kasse: &str, id: &str) -> anyhow::Result<ExitCode> {
    let id = super::exception::id(id)?;
    let connector = open(config).await?;
    let app = &connector.app;
    let ledger = one_kasse(app, kasse).await?;
    let Some(listed) = app.one_exception(&ledger, id).await? else {
        anyhow::bail!("there is no exception {id} in the books of {ledger}");
    };
    show_exception(&listed, app.now().since(listed.opened_at).as_hours() / 24)?;
    let suggested = app.suggestions(&listed).await?;
    for one in &suggested {
        let candidates: Vec<String> = one
            .candidates
            .iter()
            .map(|candidate| {
                let kz = candidate.kassenzeichen.as_ref().map(ToString::to_string);
                let (kz, cents) = (kz.unwrap_or_default(), candidate.cents.german());
                format!("attempt {} ({kz}, {cents})", candidate.attempt)
            })
            .collect();
        say(format_args!(
            "    may be ({}): {}",
            one.hint,
            candidates.join(" + ")
        ))?;
    }
    if !listed.resolved {
        let ready = ready(&listed, &suggested);
        let attempt = ready.attempt.map(|attempt| format!(" --attempt {attempt}"));
        say(format_args!(
            "    proposal: exception resolve {ledger} {id} {}{} --person … --reason …",
            ready.how.as_str(),
            attempt.unwrap_or_default()
        ))?;
    }
    connector.close().await;
    Ok(ExitCode::SUCCESS)
}
