use super::*;
use crate::sandbox::Maintenance;

const V: Version = Version::V1_2_0;

fn window(start: &str, end: &str, down: &[&str]) -> Maintenance {
    Maintenance {
        start: Some(start.parse().expect("a time")),
        end: Some(end.parse().expect("a time")),
        description: Some("Wartung".to_owned()),
        down: down.iter().map(|code| (*code).to_owned()).collect(),
    }
}

#[tokio::test]
async fn a_healthy_service_says_so_in_every_version() {
    let desk = Desk::new().await;
    for version in Version::ALL {
        for path in ["status", "status/BW100001/TH000001"] {
            let told = desk.open(version, path).await;
            conform::problem(&told);
            assert_eq!((told.status, &told.body["title"]), (200, &json!("OK")));
            assert!(told.body.get("functionalCode").is_none());
            assert!(told.body["type"].as_str().expect("text").ends_with("#200healthy"));
        }
        let unknown = desk.open(version, "status/BW100001/TH000009").await;
        assert_eq!(unknown.refusal(), (403, "NO_VALID_ORIGINATOR_OR_ENDPOINT"));
    }
}

#[tokio::test]
async fn methods_and_maintenance_come_with_1_2_0() {
    let desk = Desk::with(Port {
        maintenance: vec![
            window(
                "2026-01-15T11:00:00Z",
                "2026-01-15T13:00:00Z",
                &["PAYPAL", "SEPASDD"],
            ),
            window("2026-01-20T00:00:00Z", "2026-01-21T00:00:00Z", &[]),
            window("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", &[]),
        ],
        ..Port::default()
    })
    .await;
    let methods = desk.open(V, "payment-methods/BW100001/TH000001").await;
    let grouped = json!({ "up": ["CREDITCARD"], "down": ["PAYPAL", "OTHER"] });
    assert_eq!((methods.status, methods.kind.as_str()), (200, "application/json"));
    assert_eq!(methods.body, json!({ "paymentMethods": grouped }));
    let windows = desk.open(V, "maintenance/BW100001/TH000001").await.body;
    let windows = windows["maintenanceWindows"].as_array().expect("a list").clone();
    assert_eq!(windows.len(), 2, "{windows:?}");
    let first = json!({ "startTime": "2026-01-15T11:00:00Z", "endTime": "2026-01-15T13:00:00Z",
        "description": "Wartung", "paymentMethods": { "down": ["PAYPAL", "OTHER"] } });
    assert_eq!(windows[0], first);
    assert!(windows[1].get("paymentMethods").is_none());
    for path in ["payment-methods", "maintenance"] {
        let path = format!("{path}/BW100001/TH000001");
        for version in [Version::V1_0_0, Version::V1_1_0] {
            assert_eq!(desk.open(version, &path).await.refusal(), (404, "UNSPECIFIED"));
        }
    }
    // The payer is not offered what is down.
    desk.created(V).await;
    assert!(desk.sandbox.pay(&desk.kassenzeichen(), Some("PAYPAL")).is_err());
}

#[tokio::test]
async fn while_the_whole_service_is_down_nothing_is_created_but_states_are_told() {
    let desk = Desk::with(Port {
        maintenance: vec![window("2026-01-15T13:00:00Z", "2026-01-15T14:00:00Z", &[])],
        ..Port::default()
    })
    .await;
    let id = desk.created(V).await;
    desk.set_clock("2026-01-15T13:00:00Z");
    let refused = (503, "UNSPECIFIED");
    assert_eq!(desk.post(V, &request(V, "R2", 4150)).await.refusal(), refused);
    assert_eq!(desk.open(V, "status/BW100001/TH000001").await.refusal(), refused);
    assert_eq!(desk.get(V, &id).await.status, 200);
    desk.set_clock("2026-01-15T14:00:00Z");
    assert_eq!(desk.post(V, &request(V, "R2", 4150)).await.status, 200);
}
