//! The desk's door to mobilisations: start, what people answered on the telephone, stop, look.

use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use fushan_grid_core::model::fault::Fault as Rule;
use fushan_grid_core::model::ids::RecordId;
use fushan_grid_core::model::record::Record;
use fushan_grid_core::model::time::UtcMillis;

use super::admin::operator;
use super::call::{Call, run};
use super::organisation::refused;
use super::reply::{Fault, message};
use crate::Platform;
use crate::books::Books;
use crate::mobilise::{self, Answering, Starting, Stopping};
use crate::store::{self, Stored, Tx};

pub(super) fn routes() -> Router<std::sync::Arc<Platform>> {
    Router::new()
        .route("/admin/v1/mobilise", post(run(start)))
        .route("/admin/v1/mobilise/answer", post(run(answer)))
        .route("/admin/v1/mobilise/stop", post(run(stop)))
        .route("/admin/v1/mobilise/{incident}", get(run(show)))
}

fn start(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let asked: Starting = call.message()?;
    done(platform, |tx, books, now| {
        mobilise::start(tx, &platform.judge, books, &asked, now)
    })
}

fn answer(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let asked: Answering = call.message()?;
    done(platform, |tx, books, now| {
        mobilise::answer(tx, &platform.judge, books, &asked, now)
    })
}

fn stop(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let asked: Stopping = call.message()?;
    done(platform, |tx, _, now| mobilise::stop(tx, &platform.judge, &asked, now))
}

/// The mobilisation of an incident.
fn show(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let missing = || Fault::of(StatusCode::NOT_FOUND, "not_found");
    let incident: RecordId = call.id.parse().map_err(|_| missing())?;
    let found = store::read(&*platform.store, |tx| tx.record(mobilise::id_of(incident)))?;
    Ok(message(&found.ok_or_else(missing)?.record))
}

fn done(
    platform: &Platform,
    mut act: impl FnMut(&mut Tx<'_>, &Books, UtcMillis) -> Stored<Result<Record, Rule>>,
) -> Result<Response, Fault> {
    let books = platform.shelf.books(&*platform.store)?;
    let now = platform.now();
    let done = store::write(&*platform.store, |tx| act(tx, &books, now))?;
    platform.changed.send_replace(());
    done.map(|record| message(&record)).map_err(|rule| refused(&rule))
}
