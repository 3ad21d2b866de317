//! The operators' door to checklists: a version is published to all phones of the district as data packs.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use fushan_grid_core::forms::{
    Cycles, Definition, NoResources, Refused, Trouble, compile_named, digest_of, with_files,
};
use fushan_grid_core::merge::Versioned;
use fushan_grid_core::model::record::Record;
use fushan_grid_core::wire::forms::{FormHead, head_name, part_name, split};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::admin::operator;
use super::call::{Call, run};
use super::reply::{Fault, message};
use crate::Platform;
use crate::district::pack;
use crate::operation::scopes_of;
use crate::store;

/// The routes of this module.
pub(super) fn routes() -> Router<Arc<Platform>> {
    Router::new().route("/admin/v1/forms", post(run(publish)))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PublishRequest {
    /// The checklist as GF/1, with the files that it reads inside it.
    #[schemars(with = "serde_json::Map<String, serde_json::Value>")]
    form: Definition,
}

/// Publishes a version. What a phone could not use is refused with everything that is wrong, and nothing changes.
fn publish(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let request: PublishRequest = call.message()?;
    let (document, digest) = match whole(&request.form) {
        Ok(whole) => whole,
        Err(refused) => return Ok(refusal(&refused)),
    };
    let parts = split(&document);
    let version = request.form.version.clone().unwrap_or_default();
    let head = FormHead {
        digest: digest.clone(),
        parts: u32::try_from(parts.len()).unwrap_or(u32::MAX),
    };
    let mut records: Vec<Record> = (0..)
        .zip(&parts)
        .map(|(n, part)| pack(&part_name(&digest, n), &version, json!(part)))
        .collect();
    records.push(pack(&head_name(&request.form.id), &version, json!(head)));
    store::write(&*platform.store, |tx| {
        for record in &records {
            let mut record = record.clone();
            let known = tx.record(record.id)?.map(|known| known.record);
            if known.as_ref().is_some_and(|known| known.body == record.body) {
                continue;
            }
            record.rev = known.map_or(1, |known| known.rev + 1);
            let scopes = scopes_of(&record);
            let field_rev = BTreeMap::new();
            tx.put(&Versioned { record, field_rev }, &scopes)?;
        }
        Ok(())
    })?;
    platform.changed.send_replace(());
    Ok(message(
        &json!({"form": request.form.id, "version": version, "digest": digest, "parts": parts.len()}),
    ))
}

/// The canonical document and its digest, when a phone can use it.
fn whole(form: &Definition) -> Result<(String, String), Refused> {
    let form = with_files(form, &NoResources)?;
    let document = form
        .canonical()
        .map_err(|error| Refused::because("form_not_json", error.to_string()))?;
    let digest = digest_of(&document);
    compile_named(&form, &NoResources, Cycles::Strict, &digest)?;
    Ok((document, digest))
}

fn refusal(refused: &Refused) -> Response {
    let of = |trouble: &Trouble| json!({"code": trouble.code, "subject": trouble.subject});
    let troubles: Vec<_> = refused.0.iter().map(of).collect();
    let told = json!({"error": {"code": "form_refused"}, "troubles": troubles});
    (StatusCode::UNPROCESSABLE_ENTITY, message(&told)).into_response()
}
