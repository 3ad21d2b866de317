//! Reports of the district and the areas below it, in the form that is asked for.

use axum::Router;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chrono::NaiveDate;
use fushan_grid_core::rules::report::{PeriodKind, csv, page};
use serde_json::json;

use super::admin::operator;
use super::call::{Call, run};
use super::reply::{Fault, message};
use crate::Platform;
use crate::reports::{self, Made};

pub(super) fn routes() -> Router<std::sync::Arc<Platform>> {
    Router::new().route("/admin/v1/reports/{what}", get(run(report)))
}

/// `weekly|monthly`, a day of the period, the area's code and the form, as in `monthly-2026-09-01-370611.html`.
struct What {
    kind: PeriodKind,
    day: NaiveDate,
    area: String,
    form: String,
}

impl What {
    fn of(text: &str) -> Option<Self> {
        let (rest, form) = text.rsplit_once('.')?;
        let (rest, area) = rest.rsplit_once('-')?;
        let (kind, day) = rest.split_once('-')?;
        Some(Self {
            kind: match kind {
                "weekly" => PeriodKind::Week,
                "monthly" => PeriodKind::Month,
                _ => return None,
            },
            day: day.parse().ok()?,
            area: area.to_owned(),
            form: form.to_owned(),
        })
    }

    fn title(&self, made: &Made) -> String {
        let name = match self.kind {
            PeriodKind::Week => "网格化治理周报 Weekly report",
            PeriodKind::Month => "网格化治理月报 Monthly report",
        };
        format!("{} {name}", made.name)
    }
}

/// A report as JSON, CSV, XLSX or a page for A4.
fn report(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let missing = || Fault::of(StatusCode::NOT_FOUND, "no_such_report");
    let what = What::of(&call.id).ok_or_else(missing)?;
    if !["json", "csv", "html", "xlsx"].contains(&what.form.as_str()) {
        return Err(missing());
    }
    let made = reports::make(platform, what.kind, what.day, &what.area)?.ok_or_else(missing)?;
    let title = what.title(&made);
    Ok(match what.form.as_str() {
        "json" => message(&json!({"report": made.report, "left_out": made.left_out, "name": made.name})),
        "csv" => file(csv(&made.report).into_bytes(), "text/csv; charset=utf-8", &call.id),
        "html" => file(
            page(&made.report, &title, &made.grids, &made.names).into_bytes(),
            "text/html; charset=utf-8",
            "",
        ),
        _ => {
            let book = reports::workbook(&made, &title).map_err(|error| {
                tracing::error!(%error, "workbook");
                Fault::of(StatusCode::INTERNAL_SERVER_ERROR, "internal")
            })?;
            file(
                book,
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                &call.id,
            )
        }
    })
}

fn file(bytes: Vec<u8>, media: &'static str, name: &str) -> Response {
    let mut reply = bytes.into_response();
    reply
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(media));
    if let (false, Ok(named)) = (
        name.is_empty(),
        HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")),
    ) {
        reply.headers_mut().insert(CONTENT_DISPOSITION, named);
    }
    reply
}
