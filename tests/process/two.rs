//! Two connectors on one PostgreSQL: they share the work without doing it twice, and one takes over from the other.

use std::collections::BTreeMap;

use epaybl_connector::sandbox::Fault;
use tokio::task::{JoinSet, LocalSet};

use crate::balancer::Balancer;
use crate::child::Process;
use crate::killed::{stubborn, told_once, whole};
use crate::patience;
use crate::portal::{Order, Portal};
use crate::scene::{Scene, free_port, listener};
use crate::support::{self, Database};

/// A scene on PostgreSQL, where there is one.
async fn on_postgres() -> Option<(Database, Scene)> {
    let database = support::postgres(&support::server()?).await;
    let mut scene = Scene::set(&database, stubborn()).await;
    scene.setting("worker.sweep_interval_ms", 20);
    scene.setting("worker.delivery_interval_ms", 10);
    Some((database, scene))
}

/// Sends so many orders the whole way at once.
async fn many(portal: &Portal, numbers: std::ops::Range<usize>) -> BTreeMap<String, Order> {
    let mut ways = JoinSet::new();
    for n in numbers {
        let (portal, order) = (portal.clone(), Order::nth(n));
        ways.spawn_local(async move { (portal.whole_way(&order).await, order) });
    }
    patience::within(120, "all payments", ways.join_all())
        .await
        .into_iter()
        .collect()
}

async fn all_end(processes: impl IntoIterator<Item = Process>) {
    for process in processes {
        process.terminate();
        process.end(30).await.exits(0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_connectors_share_the_work_and_do_nothing_twice() {
    let Some((_database, mut scene)) = on_postgres().await else {
        return;
    };
    let front = listener().await;
    let address = format!("http://{}", front.local_addr().expect("an address"));
    scene.setting("server.public_url", address.clone());
    let other = free_port().await;
    let processes = [
        scene.serve_on(scene.port, "one").await,
        scene.serve_on(other, "two").await,
    ];
    let _balancer = Balancer::start(front, [scene.port, other]);
    let portal = Portal::new(address, &scene.secret);
    let paid = LocalSet::new().run_until(many(&portal, 0..60)).await;
    assert_eq!(paid.len(), 60);
    let events = patience::within(60, "all events", scene.gateway.wait_for(120)).await;
    all_end(processes).await;
    whole(&scene, &paid, &events).await;
    // Nobody was killed, so the gateway was told everything once, not only at least once.
    let twice: Vec<_> = events.iter().filter(|event| event.arrivals != 1).collect();
    assert!(twice.is_empty(), "{twice:?}");
    assert_eq!(scene.gateway.arrivals().len(), 120);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_connector_had_taken_is_finished_by_the_other_within_seconds() {
    let Some((_database, scene)) = on_postgres().await else {
        return;
    };
    let first = scene.serve().await;
    // The gateway takes events but does not answer: whoever delivers holds its leases.
    scene.gateway.hold_answers(true);
    let portal = scene.portal();
    let paid = LocalSet::new().run_until(many(&portal, 0..8)).await;
    patience::within(30, "deliveries under way", scene.gateway.wait_for_arrivals(8)).await;
    // And ePayBL is slow to answer: whoever asks holds those of the sweeper.
    let waiting = Order::nth(100);
    portal.create(&waiting).await;
    scene.sandbox.fail_all(vec![Fault::Slow]);
    let before = scene.sandbox.counts().reads;
    patience::until(30, "a question under way", async || {
        (scene.sandbox.counts().reads > before).then_some(())
    })
    .await;
    first.kill_9();
    let port = free_port().await;
    let second = scene.serve_on(port, "second").await;
    scene.gateway.hold_answers(false);
    scene.sandbox.clear_faults();
    // Leases last five seconds, but always longer than a try, which may take four.
    let events = patience::within(12, "what the other one had taken", scene.gateway.wait_for(16)).await;
    told_once(8, &events);
    let asked = scene.sandbox.counts().reads;
    patience::until(10, "the next question", async || {
        (scene.sandbox.counts().reads > asked).then_some(())
    })
    .await;
    // A payment begun at the first is paid at the second. The notify goes to the address of the first, to nobody.
    let kassenzeichen = scene
        .sandbox
        .payments()
        .last()
        .expect("it is there")
        .kassenzeichen
        .clone();
    drop(scene.sandbox.pay(&kassenzeichen, None).expect("it can be paid"));
    let portal = Portal::new(format!("http://127.0.0.1:{port}"), &scene.secret);
    portal
        .hears(&waiting, "PAYED", |state| state["status"] == "PAYED")
        .await;
    let events = patience::within(30, "all events", scene.gateway.wait_for(18)).await;
    all_end([second]).await;
    let mut paid = paid;
    paid.insert(kassenzeichen, waiting);
    whole(&scene, &paid, &events).await;
}
