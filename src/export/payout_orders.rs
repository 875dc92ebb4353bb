//! Orders to pay money out, as the Kasse gets them: a numbered list. Whom to pay, and on which account, the Kasse adds; the
//! connector knows neither.

use super::sheet::{Cell, Sheet};
use crate::app::ports::ListedOrder;

/// The list as CSV; beside each order the reason, where it is still there.
pub fn csv(orders: &[(ListedOrder, Option<String>)]) -> Vec<u8> {
    let head = [
        "nummer",
        "datum",
        "art",
        "weg",
        "verwendungszweck",
        "betrag",
        "offen",
        "behoerde",
        "kassenzeichen",
        "feststeller",
        "anordner",
        "kasse",
        "grund",
        "empfaenger",
        "iban",
    ];
    let mut sheet = Sheet::new(&head);
    for (of, reason) in orders {
        let by = |role: &str| {
            let step = of.steps.iter().find(|step| step.role == role);
            Cell::maybe(step.map(|step| step.person.clone()))
        };
        sheet.row(&[
            Cell::Number(of.order.number),
            Cell::Day(of.ordered_at.berlin_day()),
            Cell::Text(of.order.how.clone()),
            Cell::from(of.order.way.as_str()),
            Cell::Text(of.order.reference.clone()),
            Cell::Amount(of.order.cents),
            Cell::Amount(of.open),
            Cell::maybe(of.authority.as_ref()),
            Cell::maybe(of.kassenzeichen.as_ref()),
            by("feststeller"),
            by("anordner"),
            by("kasse"),
            Cell::maybe(reason.as_ref()),
            Cell::Empty,
            Cell::Empty,
        ]);
    }
    sheet.into_bytes()
}
