//! `demo`: the whole main road over HTTP, as the real parties would go it: a portal, a citizen's browser, ePayBL (the
//! sandbox), a gateway, and the connector between them. One short line per step.

mod books;
mod parties;
mod portal;

use std::process::ExitCode;

use anyhow::{Context, ensure};

use super::{say, told_to_stop};
use crate::app::ports::Clock;
use crate::domain::time::Timestamp;
use crate::sandbox;
use crate::stage::{Stage, StageOptions};
use crate::system::SystemClock;
use parties::{Browser, Portal};

/// What is paid for in the demonstration.
struct Story {
    what: &'static str,
    route: &'static str,
    request_id: &'static str,
    gross: &'static str,
    method: &'static str,
    body: &'static str,
}

const STORIES: [Story; 2] = [
    Story {
        what: "Geburtsurkunde, Stadt Bad Langensalza",
        route: "thavel-geburtsurkunde/16064003",
        request_id: "antrag-2026-000815",
        gross: "22.50",
        method: "KREDITKARTE",
        body: include_str!("../../../fixtures/demo/geburtsurkunde.json"),
    },
    Story {
        what: "iKfz-Zulassung, Landratsamt Unstrut-Hainich-Kreis",
        route: "thavel-ikfz/16064",
        request_id: "ikfz-2026-004711",
        gross: "30.60",
        method: "SEPASDD",
        body: include_str!("../../../fixtures/demo/ikfz.json"),
    },
];

/// Says what happened, and how long it took since the line before.
struct Voice {
    last: Timestamp,
    begun: Timestamp,
}

impl Voice {
    fn step(&mut self, who: &str, what: impl std::fmt::Display) -> std::io::Result<()> {
        let now = SystemClock.now();
        let took = now.millis() - self.last.millis();
        self.last = now;
        say(format_args!("{took:>5} ms  {who:<10} {what}"))
    }
}

pub(super) async fn run(stay: bool) -> anyhow::Result<ExitCode> {
    let folder = tempfile::Builder::new()
        .prefix("epaybl-demo-")
        .tempdir()
        .context("no temporary folder")?;
    let now = SystemClock.now();
    let mut voice = Voice {
        last: now,
        begun: now,
    };
    super::quiet_log();
    say("The main road: from a portal's request to a paid case. TEST: no money is moved.")?;
    say("")?;
    let options = StageOptions {
        sandbox: sandbox::Options {
            magic_cents: stay,
            ..sandbox::Options::default()
        },
        ..StageOptions::default()
    };
    let stage = Stage::set(folder.path(), options).await?;
    voice.step(
        "stage",
        format_args!(
            "connector {}, SQLite in {}",
            stage.url(""),
            folder.path().display()
        ),
    )?;
    voice.step(
        "stage",
        format_args!(
            "ePayBL sandbox {}, gateway {}",
            stage.sandbox.base_url(),
            stage.gateway.base_url()
        ),
    )?;
    let secret = stage.client_secret("thavel").await?;
    voice.step(
        "operator",
        "tenants applied: 2 Kassen, 2 routes; a secret issued for portal «thavel»",
    )?;
    let page = portal::PortalPage::start(&stage.url(""), &secret).await?;
    let mut portal = Portal::new(stage.url(""), "thavel", &secret, page.base_url());
    let expires = portal.log_in().await?;
    voice.step(
        "portal",
        format_args!("POST /oauth/token: a token for {expires} s"),
    )?;
    let mut events = 0;
    for story in &STORIES {
        say("")?;
        say(format_args!("          {}", story.what))?;
        events += 2;
        play(&stage, &portal, story, events, &mut voice).await?;
    }
    say("")?;
    books::show(&stage.connector.app).await?;
    say("")?;
    let took = SystemClock.now().millis() - voice.begun.millis();
    say(format_args!(
        "Done in {took} ms: two cases paid, booked, told, and proven."
    ))?;
    if stay {
        stay_open(&stage, &secret, &page).await?;
    }
    stage.close().await;
    page.stop();
    Ok(ExitCode::SUCCESS)
}

async fn play(
    stage: &Stage,
    portal: &Portal,
    story: &Story,
    events: usize,
    voice: &mut Voice,
) -> anyhow::Result<()> {
    let created = portal.create(story.route, story.body, story.request_id).await?;
    voice.step(
        "portal",
        format_args!("POST paymenttransaction {} EUR: {}", story.gross, created.status),
    )?;
    let browser = Browser::new()?;
    let paypage = browser.follow(&created.pay_url).await?;
    voice.step(
        "citizen",
        format_args!("{} leads to ePayBL's page", shorten(&created.pay_url)),
    )?;
    let shown = browser.read(&paypage).await?;
    let amount = crate::domain::money::Cents::parse(story.gross)?.german();
    ensure!(shown.contains(&amount), "the paypage does not show {amount}");
    voice.step(
        "citizen",
        format_args!("sees {amount}, chooses {}, pays", story.method),
    )?;
    let back = browser.pay(&paypage, story.method).await?;
    let payment = stage
        .sandbox
        .payments()
        .into_iter()
        .next_back()
        .context("the sandbox has no payment")?;
    let told: Vec<String> = payment
        .deliveries
        .iter()
        .map(|delivery| format!("{} {:?}", delivery.status, delivery.answer))
        .collect();
    voice.step(
        "ePayBL",
        format_args!(
            "signed notify for Kassenzeichen {}: {}",
            payment.kassenzeichen,
            answers(&told)
        ),
    )?;
    let home = browser.follow(&back).await?;
    ensure!(
        home == created.redirect_url,
        "the browser came back to {home}, not to {}",
        created.redirect_url
    );
    voice.step(
        "citizen",
        "comes back: the connector has asked ePayBL, booked, and leads on to the portal",
    )?;
    let state = portal.ask(story.route, &created.transaction_id).await?;
    ensure!(
        state.status == "PAYED",
        "the portal hears {}, not PAYED",
        state.status
    );
    voice.step(
        "portal",
        format_args!(
            "GET paymenttransaction: {} by {}, reference {}",
            state.status, state.method, state.reference
        ),
    )?;
    let received = tokio::time::timeout(std::time::Duration::from_secs(20), stage.gateway.wait_for(events))
        .await
        .context("the gateway got no event within 20 s")?;
    for event in &received[events - 2..] {
        let kind = event.kind.trim_start_matches("de.epaybl_connector.");
        voice.step(
            "gateway",
            format_args!("signature good: {kind}, webhook-id {}", event.id),
        )?;
    }
    Ok(())
}

fn answers(told: &[String]) -> String {
    told.join(", ")
        .replace("Some(", "→ ")
        .replace("None", "→ no answer")
        .replace(')', "")
}

/// The end of an address that holds a token, for a line that a person reads.
fn shorten(url: &str) -> String {
    let path = url.splitn(4, '/').nth(3).unwrap_or(url);
    path.char_indices()
        .nth(12)
        .map_or_else(|| format!("/{path}"), |(end, _)| format!("/{}…", &path[..end]))
}

async fn stay_open(stage: &Stage, secret: &str, page: &portal::PortalPage) -> anyhow::Result<()> {
    let base = stage.url("");
    say("")?;
    say("Everything stays until Ctrl-C. In a browser:")?;
    say(format_args!(
        "  {}   a portal: begin a payment, go the whole way",
        page.base_url()
    ))?;
    say(format_args!(
        "  {}   ePayBL: its payments",
        stage.sandbox.base_url()
    ))?;
    say(format_args!(
        "  {}   the gateway: what it heard",
        stage.gateway.base_url()
    ))?;
    say("With curl:")?;
    say(format_args!(
        "  curl -s {base}/oauth/token -u thavel:{secret} -d grant_type=client_credentials"
    ))?;
    let get = format!(
        "{base}/xbezahldienste/paymenttransaction/{}/{}",
        STORIES[0].route, STORIES[0].request_id
    );
    say(format_args!("  curl -s -u thavel:{secret} {get}"))?;
    say(format_args!(
        "  curl -s -u thavel:{secret} {base}/xbezahldienste/v1.2.0/payment-methods/{}",
        STORIES[0].route
    ))?;
    say(format_args!("  curl -s {base}/metrics"))?;
    say("And with the program itself:")?;
    say(format_args!(
        "  epaybl-connector --config {} audit verify",
        stage.config_file.display()
    ))?;
    say(format_args!(
        "  epaybl-connector --config {} check",
        stage.config_file.display()
    ))?;
    told_to_stop().await
}
