//! kill -9, again and again, in the middle of a hundred payments.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use epaybl_connector::receiver::ReceivedEvent;
use epaybl_connector::sandbox::{Delays, Options};
use tokio::task::{JoinSet, LocalSet};

use crate::portal::Order;
use crate::scene::Scene;
use crate::support::databases;
use crate::{books, patience};

const PAYMENTS: usize = 100;

/// When the connector is killed: as soon as so much more has happened since it started.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// Payments exist at ePayBL; the answers to some are on their way.
    Created(usize),
    /// Paid; their notifies are on their way.
    Paid(usize),
    /// Notifies were taken; what follows from them is under way.
    Taken(usize),
    /// Requests came to the gateway; their answers may not be stored.
    Told(usize),
}

const MOMENTS: [Moment; 9] = [
    Moment::Created(3),
    Moment::Created(29),
    Moment::Created(11),
    Moment::Paid(7),
    Moment::Taken(23),
    Moment::Told(5),
    Moment::Paid(13),
    Moment::Taken(31),
    Moment::Told(17),
];

/// A sandbox that sends what was not taken again soon.
pub(crate) fn stubborn() -> Options {
    let pauses = [50, 100, 200, 400, 800, 1_600, 3_200];
    let delays = Delays {
        notify_pauses: pauses.map(Duration::from_millis).to_vec(),
        patience: Duration::from_millis(300),
        ..Delays::default()
    };
    Options {
        delays,
        ..Options::default()
    }
}

/// How much has happened.
fn happened(scene: &Scene, moment: Moment) -> usize {
    let payments = scene.sandbox.payments();
    match moment {
        Moment::Created(_) => payments.len(),
        Moment::Paid(_) => payments.iter().filter(|payment| payment.state == "paid").count(),
        Moment::Taken(_) => {
            let notifies = payments.iter().flat_map(|payment| &payment.deliveries);
            notifies.filter(|notify| notify.answer == Some(200)).count()
        }
        Moment::Told(_) => scene.gateway.arrivals().len(),
    }
}

/// Waits for a moment; not for more than there can be.
async fn comes(scene: &Scene, moment: Moment) {
    let (more, most) = match moment {
        Moment::Created(n) | Moment::Paid(n) => (n, PAYMENTS),
        Moment::Taken(n) | Moment::Told(n) => (n, 2 * PAYMENTS),
    };
    let enough = (happened(scene, moment) + more).min(most);
    match moment {
        Moment::Told(_) => drop(scene.gateway.wait_for_arrivals(enough).await),
        _ => scene.sandbox.until(|_| happened(scene, moment) >= enough).await,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_in_the_middle_of_a_hundred_payments_loses_nothing_and_books_nothing_twice() {
    for database in databases().await {
        let scene = Scene::set(&database, stubborn()).await;
        LocalSet::new().run_until(a_hundred(&scene)).await;
    }
}

async fn a_hundred(scene: &Scene) {
    let mut process = scene.serve().await;
    let mut ways = JoinSet::new();
    for n in 0..PAYMENTS {
        let (portal, order) = (scene.portal(), Order::nth(n));
        ways.spawn_local(async move { (portal.whole_way(&order).await, order) });
    }
    for moment in MOMENTS {
        patience::within(90, &format!("{moment:?}"), comes(scene, moment)).await;
        process.kill_9();
        process = scene.serve().await;
    }
    let paid = patience::within(120, "all payments", ways.join_all()).await;
    let paid: BTreeMap<String, Order> = paid.into_iter().collect();
    assert_eq!(paid.len(), PAYMENTS, "every payment has its own Kassenzeichen");
    let events = patience::within(60, "all events", scene.gateway.wait_for(2 * PAYMENTS)).await;
    process.terminate();
    process.end(15).await.exits(0);
    whole(scene, &paid, &events).await;
}

/// What must be true after every story in which each of these was paid once.
pub(crate) async fn whole(scene: &Scene, paid: &BTreeMap<String, Order>, events: &[ReceivedEvent]) {
    // What ePayBL has, the portals heard.
    let at_epaybl = scene.sandbox.payments();
    let (there, unpaid): (Vec<_>, Vec<_>) = at_epaybl.iter().partition(|payment| payment.state == "paid");
    let there: BTreeSet<&str> = there
        .iter()
        .map(|payment| payment.kassenzeichen.as_str())
        .collect();
    assert_eq!(there, paid.keys().map(String::as_str).collect::<BTreeSet<_>>());
    // Each was booked once, with its amount, and nothing else was paid.
    let booked = books::payments(&scene.database_url).await;
    let wanted = paid
        .iter()
        .map(|(kassenzeichen, order)| (kassenzeichen.clone(), (1, order.cents)));
    assert_eq!(booked, wanted.collect::<BTreeMap<_, _>>());
    // An answer that was lost for good leaves an orphan at ePayBL: named as an exception, and never paid.
    let exceptions = books::exceptions(&scene.database_url).await;
    let orphans = unpaid.len().to_string();
    let explained = if unpaid.is_empty() {
        Vec::new()
    } else {
        vec![("verwaist".to_owned(), orphans)]
    };
    assert_eq!(exceptions, explained.into_iter().collect(), "{unpaid:?}");
    // The gateway heard of every case that it is paid, once.
    told_once(paid.len(), events);
    let said = scene.command(&["audit", "verify"]).await.exits(0);
    assert_eq!(said.out.matches(": whole").count(), 3, "{}", said.out);
}

/// Two events of each case, each once, in their order.
pub(crate) fn told_once(cases: usize, events: &[ReceivedEvent]) {
    let mut by_case: BTreeMap<&str, Vec<(&str, i64)>> = BTreeMap::new();
    for event in events {
        let number = event.body["data"]["status_seq"].as_i64().expect("a number");
        by_case
            .entry(&event.subject)
            .or_default()
            .push((&event.kind, number));
    }
    assert_eq!(by_case.len(), cases);
    for (case, told) in by_case {
        let wanted = [
            ("de.epaybl_connector.payment.paid.v1", 1),
            ("de.epaybl_connector.case.paid.v1", 2),
        ];
        assert_eq!(told, wanted, "{case}");
    }
}
