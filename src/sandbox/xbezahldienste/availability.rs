//! Whether the service is there: status, methods, maintenance.

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde_json::{Value, json};

use super::{
    Call, Ids, No, json_answer, login::Scope, port::Quirk, problem::Problem, transaction, version::Version,
};
use crate::sandbox::{gate, server::Connection, shared::Shared};

pub(super) async fn status(
    State(shared): State<Arc<Shared>>,
    Extension(connection): Extension<Connection>,
) -> Result<Response, No> {
    shared.book().counts.status += 1;
    gate::enter(&shared, &connection).await?;
    Ok(gate::leave(&shared, &[], Problem::healthy().answer(false)).await)
}

pub(super) async fn status_of(
    State(shared): State<Arc<Shared>>,
    connection: Extension<Connection>,
    version: Extension<Version>,
    headers: HeaderMap,
    Path(ids): Ids,
) -> Result<Response, No> {
    shared.book().counts.status += 1;
    gate::enter(&shared, &connection).await?;
    let here = (State(Arc::clone(&shared)), connection, version, headers);
    // The contract has no 404 here.
    let call = Call::admit(&here, &ids, Scope::Read, StatusCode::FORBIDDEN)?;
    call.up()?;
    let as_json = call.port().has(Quirk::PlainProblems);
    Ok(gate::leave(&shared, &[], Problem::healthy().answer(as_json)).await)
}

pub(super) async fn methods(
    State(shared): State<Arc<Shared>>,
    connection: Extension<Connection>,
    version: Extension<Version>,
    headers: HeaderMap,
    Path(ids): Ids,
) -> Result<Response, No> {
    shared.book().counts.methods += 1;
    gate::enter(&shared, &connection).await?;
    let here = (State(Arc::clone(&shared)), connection, version, headers);
    let call = Call::admit(&here, &ids, Scope::Read, StatusCode::FORBIDDEN)?;
    let now = shared.now();
    let grouped = |down: bool| {
        let codes = call.account().methods.iter().map(|method| method.code.as_str());
        coarse_of(codes.filter(|code| call.port().method_is_down(code, now) == down))
    };
    let body = json!({ "paymentMethods": { "up": grouped(false), "down": grouped(true) } });
    Ok(gate::leave(&shared, &[], json_answer(StatusCode::OK, &body)).await)
}

/// The coarse names, each once; one may be both up and down, of different methods.
fn coarse_of<'a>(codes: impl Iterator<Item = &'a str>) -> Vec<&'static str> {
    let mut names = Vec::new();
    for name in codes.map(transaction::coarse) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

pub(super) async fn maintenance(
    State(shared): State<Arc<Shared>>,
    connection: Extension<Connection>,
    version: Extension<Version>,
    headers: HeaderMap,
    Path(ids): Ids,
) -> Result<Response, No> {
    shared.book().counts.status += 1;
    gate::enter(&shared, &connection).await?;
    let here = (State(Arc::clone(&shared)), connection, version, headers);
    let call = Call::admit(&here, &ids, Scope::Read, StatusCode::FORBIDDEN)?;
    let windows: Vec<Value> = (call.port().windows(shared.now()))
        .map(|window| {
            let mut told = json!({});
            if let Some(start) = window.start {
                told["startTime"] = start.to_string().into();
            }
            if let Some(end) = window.end {
                told["endTime"] = end.to_string().into();
            }
            if let Some(description) = &window.description {
                told["description"] = description.chars().take(250).collect::<String>().into();
            }
            if !window.down.is_empty() {
                told["paymentMethods"] = json!({ "down": coarse_of(window.down.iter().map(String::as_str)) });
            }
            told
        })
        .collect();
    let body = json!({ "maintenanceWindows": windows });
    Ok(gate::leave(&shared, &[], json_answer(StatusCode::OK, &body)).await)
}
