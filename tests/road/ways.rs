//! More ways to resolve a difference, and the way back: what is decided is booked, what is taken back is reversed, and the
//! gateway hears how the case stands.

use epaybl_connector::app::exceptions::{Decided, Decision, DecisionError, Raising, TakingBack};
use epaybl_connector::app::ports::ListedException;
use epaybl_connector::domain::ids::{AttemptId, ClientId, ExceptionId, LedgerId};
use epaybl_connector::domain::money;
use epaybl_connector::domain::resolution::{How, Role, Terms};
use epaybl_connector::domain::told::{Corrected, Title};
use epaybl_connector::sandbox::{Cents, StatementFormat};

use crate::exceptions::{with_persons, with_persons_and};
use crate::kit::{CAR, World, with_each_provider};
use crate::providers::soap3;
use crate::requests::car;
use crate::statements::{KASSE, WEEKEND, iban, import};

const DAY: i64 = 86_400;

fn ledger() -> LedgerId {
    LedgerId::parse(KASSE).expect("an id")
}

pub async fn open(world: &World) -> Vec<ListedException> {
    let app = &world.stage().connector.app;
    let list = app.worklist(&ledger(), false, None, 100).await;
    list.expect("the worklist")
}

pub async fn decide(
    world: &World,
    of: &ListedException,
    how: How,
    person: &str,
    attempt: Option<AttemptId>,
    terms: Terms,
) -> Result<Decided, DecisionError> {
    let decision = Decision {
        ledger: ledger(),
        exception: of.id,
        how,
        attempt,
        cents: None,
        terms,
        person: ClientId::parse(person).expect("an id"),
        reason: "Geprüft".to_owned(),
    };
    world.stage().connector.app.decide_exception(&decision).await
}

/// All steps of a way, each by a person with its role.
pub async fn resolved(world: &World, of: &ListedException, how: How, terms: Terms) {
    for role in how.steps() {
        let step = decide(world, of, how, role.as_str(), None, terms.clone()).await;
        step.expect("a step by whoever may take it");
    }
}

pub async fn back(world: &World, id: ExceptionId, person: &str) -> Result<Decided, DecisionError> {
    let back = TakingBack {
        ledger: ledger(),
        exception: id,
        person: ClientId::parse(person).expect("an id"),
        reason: "Irrtum".to_owned(),
    };
    world.stage().connector.app.take_back(&back).await
}

/// All steps back.
async fn taken_back(world: &World, of: &ListedException, how: How) {
    for role in how.steps() {
        let step = back(world, of.id, role.as_str()).await;
        step.expect("a step by whoever may take it");
    }
}

async fn raise(world: &World, attempt: AttemptId, person: &str) -> Result<ExceptionId, DecisionError> {
    let raising = Raising {
        ledger: ledger(),
        attempt,
        person: ClientId::parse(person).expect("an id"),
        reason: "Am Schalter bezahlt".to_owned(),
    };
    let raised = world.stage().connector.app.raise_exception(&raising).await;
    raised.map(|(id, _)| id)
}

/// Opens a car's payment by transfer.
pub async fn opened(world: &World, request: &str) -> (AttemptId, String) {
    world.open(CAR, &car(request)).await;
    let app = &world.stage().connector.app;
    let found = app.find(request).await.expect("it is found");
    let mut payments = found[0].case.payments.iter();
    let asked = payments.find(|payment| payment.request_id.as_str() == request);
    let attempt = asked.expect("the payment").current();
    let kassenzeichen = attempt.kassenzeichen.known().expect("it is open").to_string();
    (attempt.id, kassenzeichen)
}

/// Money comes in by transfer, and yesterday's statement is read.
pub async fn transferred(world: &World, cents: i64, purpose: &str) {
    let transfer = world.sandbox().transfer(&iban(world), Cents::new(cents), purpose);
    transfer.expect("a transfer");
    world.forward(WEEKEND);
    import(world, StatementFormat::Camt08).await;
}

/// What lies on an account, credit less debit.
pub async fn lies(world: &World, account: &str) -> i64 {
    let query = format!(
        "SELECT CAST(coalesce(sum(credit_cents - debit_cents), 0) AS BIGINT) FROM balance \
         WHERE ledger_id = '{KASSE}' AND account = '{account}'"
    );
    world.number(&query).await
}

fn receipt(text: &str) -> Terms {
    Terms {
        receipt: Some(text.to_owned()),
        ..Terms::default()
    }
}

fn parts(cents: &[i64]) -> Terms {
    Terms {
        parts: cents.iter().map(|cents| money::Cents::new(*cents)).collect(),
        ..Terms::default()
    }
}

#[tokio::test]
async fn an_assignment_is_taken_back_and_the_case_reopens_until_the_money_is_assigned_again() {
    with_each_provider(&[soap3()], async |world| {
        with_persons(world, "holds = \"exclusive\"").await;
        let (attempt, _) = opened(world, "w-1").await;
        transferred(world, 3060, "Viele Gruesse vom Amt").await;
        let of = &open(world).await[0];
        let nothing = back(world, of.id, "kasse").await;
        assert!(matches!(nothing, Err(DecisionError::Invalid(_))), "{nothing:?}");
        let assigned = decide(world, of, How::Assign, "kasse", Some(attempt), Terms::default()).await;
        assert!(assigned.expect("it is assigned").resolved);
        for nobody in ["auditor", "anordner"] {
            let refused = back(world, of.id, nobody).await;
            assert!(matches!(refused, Err(DecisionError::Step(_))), "{refused:?}");
        }
        taken_back(world, of, How::Assign).await;
        let again = open(world).await;
        assert_eq!((again.len(), again[0].id, again[0].steps.len()), (1, of.id, 0));
        assert_eq!(lies(world, "verwahrung").await, 3060);
        assert_eq!(
            world.status(CAR, "w-1").await,
            "PAYED",
            "the portal's answer stays"
        );
        assert_eq!(
            world.heard().await.last().map(String::as_str),
            Some("case.reopened.v1")
        );
        let assigned = decide(world, of, How::Assign, "kasse", Some(attempt), Terms::default()).await;
        assert!(assigned.expect("it is assigned again").resolved);
        assert_eq!(
            world.heard().await.last().map(String::as_str),
            Some("case.paid.v1")
        );
        assert_eq!(lies(world, "verwahrung").await, 0);
    })
    .await;
}

#[tokio::test]
async fn what_the_provider_has_borne_out_since_is_not_taken_back() {
    with_each_provider(&[soap3()], async |world| {
        with_persons(world, "holds = \"exclusive\"").await;
        let (attempt, kassenzeichen) = opened(world, "w-2").await;
        transferred(world, 3060, "ohne Angabe").await;
        let of = &open(world).await[0];
        let assigned = decide(world, of, How::Assign, "kasse", Some(attempt), Terms::default()).await;
        assert!(assigned.expect("it is assigned").resolved);
        // The provider books it by hand under the Kassenzeichen.
        let transfer = world
            .sandbox()
            .transfer(&iban(world), Cents::new(3060), &kassenzeichen);
        transfer.expect("a transfer");
        world.live(3 * DAY, DAY).await;
        let refused = back(world, of.id, "kasse").await;
        assert!(matches!(refused, Err(DecisionError::Books(_))), "{refused:?}");
        assert!(open(world).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_deposit_is_divided_and_each_part_goes_its_own_way() {
    with_each_provider(&[soap3()], async |world| {
        with_persons(world, "holds = \"exclusive\"").await;
        let (one, _) = opened(world, "w-3").await;
        let (two, _) = opened(world, "w-4").await;
        transferred(world, 7000, "zwei Autos und zu viel").await;
        let whole = open(world).await.remove(0);
        let wrong = decide(world, &whole, How::Divide, "kasse", None, parts(&[3060, 3060])).await;
        let why = wrong.expect_err("they are not the whole").to_string();
        assert_eq!(why, "70.00 lie in deposit, the parts are 61.20 together");
        resolved(world, &whole, How::Divide, parts(&[3060, 3060, 880])).await;
        taken_back(world, &whole, How::Divide).await;
        assert_eq!(
            open(world).await.len(),
            1,
            "the parts are gone, the whole is open again"
        );
        resolved(world, &whole, How::Divide, parts(&[3060, 3060, 880])).await;
        let list = open(world).await;
        assert_eq!(list.len(), 3);
        assert!(list.iter().all(|part| part.code.as_str() == "teilbetrag"));
        for (part, attempt) in list.iter().zip([one, two]) {
            let done = decide(world, part, How::Assign, "kasse", Some(attempt), Terms::default()).await;
            assert!(done.expect("it is assigned").resolved);
        }
        let refused = back(world, whole.id, "kasse").await;
        assert!(matches!(refused, Err(DecisionError::Books(_))), "{refused:?}");
        assert_eq!(world.status(CAR, "w-3").await, "PAYED");
        assert_eq!(world.status(CAR, "w-4").await, "PAYED");
        assert_eq!(lies(world, "verwahrung").await, 880);
        resolved(world, &list[2], How::PassOn, Terms::default()).await;
        assert_eq!(
            (lies(world, "verwahrung").await, lies(world, "erstattung").await),
            (0, 880)
        );
        taken_back(world, &list[2], How::PassOn).await;
        assert_eq!(
            (lies(world, "verwahrung").await, lies(world, "erstattung").await),
            (880, 0)
        );
    })
    .await;
}

#[tokio::test]
async fn who_paid_at_the_counter_is_paid_and_what_comes_later_is_paid_back() {
    with_each_provider(&[soap3()], async |world| {
        with_persons(world, "").await;
        let (attempt, kassenzeichen) = opened(world, "w-5").await;
        let refused = raise(world, attempt, "auditor").await;
        assert!(matches!(refused, Err(DecisionError::Step(_))), "{refused:?}");
        let id = raise(world, attempt, "feststeller").await.expect("it is asked");
        let twice = raise(world, attempt, "kasse").await;
        assert!(matches!(twice, Err(DecisionError::Invalid(_))), "{twice:?}");
        let asked = open(world).await.remove(0);
        assert_eq!((asked.id, asked.code.as_str()), (id, "klaerungsbedarf"));
        let without = decide(
            world,
            &asked,
            How::Elsewhere,
            "feststeller",
            None,
            Terms::default(),
        )
        .await;
        assert!(matches!(without, Err(DecisionError::Invalid(_))), "{without:?}");
        resolved(world, &asked, How::Elsewhere, receipt("Q-2026/17")).await;
        assert_eq!(
            world.status(CAR, "w-5").await,
            "INITIAL",
            "the portal's answer stays"
        );
        assert_eq!(world.heard().await, ["case.paid.v1"]);
        transferred(world, 3060, &kassenzeichen).await;
        world.live(2 * DAY, DAY).await;
        let list = open(world).await;
        assert_eq!(list.len(), 1);
        assert_eq!(list[0].code.as_str(), "doppelzahlung");
        resolved(world, &list[0], How::Refund, Terms::default()).await;
        assert_eq!(
            (lies(world, "verwahrung").await, lies(world, "erstattung").await),
            (0, 3060)
        );
        // One step back is no way back: the three persons of the refund have to agree.
        let step = back(world, list[0].id, "feststeller").await.expect("a step");
        assert_eq!(
            (step.resolved, step.missing),
            (true, vec![Role::Anordner, Role::Kasse])
        );
        assert!(
            open(world).await.is_empty(),
            "it stays resolved until the last step"
        );
        let same = back(world, list[0].id, "alles").await.expect("orders");
        assert_eq!(same.missing, [Role::Kasse]);
        back(world, list[0].id, "kasse").await.expect("the last step");
        assert_eq!(
            (lies(world, "verwahrung").await, lies(world, "erstattung").await),
            (3060, 0)
        );
        taken_back(world, &asked, How::Elsewhere).await;
        assert_eq!(
            world.heard().await.last().map(String::as_str),
            Some("case.reopened.v1")
        );
    })
    .await;
}

/// 30.00 of 30.60 come in, and are assigned.
async fn part_paid(world: &World, attempt: AttemptId, kassenzeichen: &str) {
    transferred(world, 3000, kassenzeichen).await;
    let of = open(world).await.remove(0);
    assert_eq!(of.code.as_str(), "betrag_weicht_ab");
    let done = decide(world, &of, How::Assign, "kasse", Some(attempt), Terms::default()).await;
    assert!(done.expect("it is a part").resolved);
}

#[tokio::test]
async fn a_shortfall_within_the_limit_is_written_off_and_steps_are_withdrawn() {
    with_each_provider(&[soap3()], async |world| {
        let limits = "\n[authority.limits]\nshortfall_cents = 60\n";
        with_persons_and(world, "", limits).await;
        let (attempt, kassenzeichen) = opened(world, "w-6").await;
        part_paid(world, attempt, &kassenzeichen).await;
        let id = raise(world, attempt, "kasse").await.expect("it is asked");
        let asked = open(world).await.remove(0);
        let step = decide(world, &asked, How::Elsewhere, "feststeller", None, receipt("Q1")).await;
        assert!(!step.expect("a step").resolved);
        let other = decide(
            world,
            &asked,
            How::WriteOff,
            "feststeller",
            None,
            Terms::default(),
        )
        .await;
        assert!(matches!(other, Err(DecisionError::Step(_))), "{other:?}");
        let nobody = back(world, id, "kasse").await;
        assert!(matches!(nobody, Err(DecisionError::Step(_))), "{nobody:?}");
        let withdrawn = back(world, id, "anordner").await.expect("it is withdrawn");
        assert!(!withdrawn.resolved && withdrawn.missing.is_empty());
        resolved(world, &asked, How::WriteOff, Terms::default()).await;
        assert_eq!(world.status(CAR, "w-6").await, "PAYED");
        assert_eq!(
            world.heard().await.last().map(String::as_str),
            Some("case.paid.v1")
        );
        assert_eq!(lies(world, "forderung").await, 0);
        taken_back(world, &asked, How::WriteOff).await;
        assert_eq!(lies(world, "forderung").await, -60);
        assert_eq!(
            world.heard().await.last().map(String::as_str),
            Some("case.reopened.v1")
        );
    })
    .await;
}

#[tokio::test]
async fn without_a_limit_nothing_is_written_off_and_the_first_person_hears_it() {
    with_each_provider(&[soap3()], async |world| {
        with_persons(world, "").await;
        let (attempt, kassenzeichen) = opened(world, "w-8").await;
        part_paid(world, attempt, &kassenzeichen).await;
        raise(world, attempt, "kasse").await.expect("it is asked");
        let asked = open(world).await.remove(0);
        let refused = decide(
            world,
            &asked,
            How::WriteOff,
            "feststeller",
            None,
            Terms::default(),
        )
        .await;
        let why = refused.expect_err("no limit is set").to_string();
        assert_eq!(
            why,
            "0.60 are more than the authority's limit shortfall_cents of 0.00"
        );
        assert!(open(world).await[0].steps.is_empty());
    })
    .await;
}

#[tokio::test]
async fn income_on_a_wrong_title_is_corrected_and_what_follows_stands_there_too() {
    with_each_provider(&[soap3()], async |world| {
        with_persons(world, "").await;
        let (attempt, kassenzeichen) = opened(world, "w-7").await;
        transferred(world, 3060, &kassenzeichen).await;
        raise(world, attempt, "kasse").await.expect("it is asked");
        let asked = open(world).await.remove(0);
        let title = |haushaltsstelle: &str| Title {
            haushaltsstelle: haushaltsstelle.to_owned(),
            objektnummer: None,
        };
        let titles = |from: &str, to: &str| Terms {
            titles: Some(Corrected {
                from: title(from),
                to: title(to),
            }),
            ..Terms::default()
        };
        let none = decide(
            world,
            &asked,
            How::Correct,
            "feststeller",
            None,
            titles("9999", "1220"),
        )
        .await;
        assert!(matches!(none, Err(DecisionError::Books(_))), "{none:?}");
        let terms = titles("1220.4311", "1220.4312");
        resolved(world, &asked, How::Correct, terms.clone()).await;
        let booked = world.bookings().await;
        assert_eq!(
            booked.last().map(String::as_str),
            Some("umbuchung: erloes/1220.4311 an erloes/1220.4312 30.60")
        );
        taken_back(world, &asked, How::Correct).await;
        assert_eq!(
            (
                lies(world, "erloes/1220.4311").await,
                lies(world, "erloes/1220.4312").await
            ),
            (3060, 0)
        );
        resolved(world, &asked, How::Correct, terms).await;
        assert_eq!(lies(world, "erloes/1220.4312").await, 3060);
    })
    .await;
}
