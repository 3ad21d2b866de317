//! The administrator's door: posts, trainings, teams, alarms, hand-over; and the operating company's, which shows counts only.

use std::collections::BTreeMap;

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use chrono::{Days, NaiveDate};
use fushan_grid_core::model::area::AreaCode;
use fushan_grid_core::model::fault::Fault as Rule;
use fushan_grid_core::model::ids::StaffId;
use fushan_grid_core::model::org::ServiceTeam;
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::rules::organisation::Training;
use serde::Deserialize;
use serde_json::json;

use super::admin::operator;
use super::call::{Call, run};
use super::reply::{Fault, message, token};
use crate::Platform;
use crate::organisation::{self, Able, Giving, HandOver};
use crate::store::{self, Door, PostRow, Stored};

/// Longest time that performance is told over, in days.
const MOST_DAYS: i64 = 400;
/// A day of the district begins so many milliseconds before that of UTC.
const AHEAD_MS: i64 = 8 * 3_600_000;

pub(super) fn routes() -> Router<std::sync::Arc<Platform>> {
    Router::new()
        .route("/org/v1/posts", get(run(posts)).post(run(give)))
        .route("/org/v1/posts/{id}/end", post(run(end)))
        .route("/org/v1/training", get(run(trainings)).post(run(train)))
        .route("/org/v1/training/marks", get(run(marks)))
        .route("/org/v1/teams", get(run(teams)).post(run(team)))
        .route("/org/v1/alarms", get(run(alarms)))
        .route("/org/v1/hand-over", post(run(hand_over)))
        .route("/company/v1/staffing", get(run(staffing)))
        .route("/company/v1/performance", get(run(performance)))
}

/// Who asks at the administrator's door: what the key was issued for, or the operator.
fn administrator(platform: &Platform, headers: &HeaderMap) -> Result<String, Fault> {
    if operator(platform, headers).is_ok() {
        return Ok("operator".to_owned());
    }
    through(platform, headers, Door::Administrator)
}

fn through(platform: &Platform, headers: &HeaderMap, door: Door) -> Result<String, Fault> {
    let refused = || Fault::of(StatusCode::UNAUTHORIZED, "token_invalid");
    let hash = token(headers).ok_or_else(refused)?;
    let now = platform.now();
    store::glance(&*platform.store, |tx| tx.key_label(&hash, door, now))?.ok_or_else(refused)
}

/// A rule as a reply: what is not there, what is in the way, what is not sound.
pub(super) fn refused(rule: &Rule) -> Fault {
    let status = match rule.code {
        "staff_unknown" | "post_unknown" | "not_found" => StatusCode::NOT_FOUND,
        "post_twice" | "post_operator_apart" => StatusCode::CONFLICT,
        code if code.starts_with("hand_over_") || code.starts_with("mobilisation_") => StatusCode::CONFLICT,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Fault::rule(status, rule)
}

fn malformed() -> Fault {
    Fault::of(StatusCode::BAD_REQUEST, "malformed")
}

/// A day of the query, or none when it is not asked for.
fn day_of(query: &BTreeMap<String, String>, name: &str) -> Result<Option<NaiveDate>, Fault> {
    query
        .get(name)
        .map(|day| day.parse())
        .transpose()
        .map_err(|_| malformed())
}

/// Posts by person, area and day; those that were ended too, without a day.
fn posts(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    administrator(platform, &call.headers)?;
    let query = call.query();
    let day = day_of(&query, "day")?;
    let area = query
        .get("area")
        .map(|area| area.parse::<AreaCode>())
        .transpose()
        .map_err(|_| malformed())?;
    let staff = query.get("staff").map(String::as_str);
    let rows = store::read(&*platform.store, |tx| {
        tx.posts(staff, area.as_ref().map(AreaCode::as_str))
    })?;
    let rows: Vec<PostRow> = rows
        .into_iter()
        .filter(|row| day.is_none_or(|day| row.post.is_in_force(day)))
        .collect();
    Ok(message(&json!({"posts": rows})))
}

/// Gives a post; tells its id, what the person may do today, and what they lack.
fn give(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    let by = administrator(platform, &call.headers)?;
    let asked: Giving = call.message()?;
    changed(platform, |tx, books, now| {
        organisation::give(tx, books, &platform.judge.roles, &asked, &by, now)
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ending {
    until: NaiveDate,
}

fn end(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    let by = administrator(platform, &call.headers)?;
    let asked: Ending = call.message()?;
    changed(platform, |tx, books, now| {
        organisation::end(tx, books, &platform.judge.roles, (&call.id, asked.until), &by, now)
    })
}

fn changed(
    platform: &Platform,
    mut change: impl FnMut(&mut store::Tx<'_>, &crate::books::Books, UtcMillis) -> Stored<Result<(PostRow, Able), Rule>>,
) -> Result<Response, Fault> {
    let books = platform.shelf.books(&*platform.store)?;
    let now = platform.now();
    let done = store::write(&*platform.store, |tx| change(tx, &books, now))?;
    platform.changed.send_replace(());
    let (row, able) = done.map_err(|rule| refused(&rule))?;
    Ok(message(&json!({"post": row, "may": able.may, "lacks": able.lacks})))
}

fn trainings(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    administrator(platform, &call.headers)?;
    let query = call.query();
    let rows = store::read(&*platform.store, |tx| {
        tx.trainings(query.get("staff").map(String::as_str))
    })?;
    Ok(message(&json!({"training": rows})))
}

/// Keeps a training; tells what the person may do with it today.
fn train(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    let by = administrator(platform, &call.headers)?;
    let training: Training = call.message()?;
    let now = platform.now();
    let done = store::write(&*platform.store, |tx| {
        organisation::note_training(tx, &platform.judge.roles, &training, &by, now)
    })?;
    let able = done.map_err(|rule| refused(&rule))?;
    Ok(message(
        &json!({"training": training, "may": able.may, "lacks": able.lacks}),
    ))
}

/// What was accepted from people without the training for it.
fn marks(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    administrator(platform, &call.headers)?;
    let marks = store::read(&*platform.store, |tx| tx.training_marks())?;
    Ok(message(&json!({"marks": marks})))
}

fn teams(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    administrator(platform, &call.headers)?;
    let teams = store::read(&*platform.store, |tx| tx.teams())?;
    Ok(message(&json!({"teams": teams})))
}

fn team(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    administrator(platform, &call.headers)?;
    let team: ServiceTeam = call.message()?;
    let books = platform.shelf.books(&*platform.store)?;
    let done = store::write(&*platform.store, |tx| organisation::note_team(tx, &books, &team))?;
    done.map_err(|rule| refused(&rule))?;
    Ok(message(&json!({"team": team})))
}

fn alarms(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    administrator(platform, &call.headers)?;
    let books = platform.shelf.books(&*platform.store)?;
    let now = platform.now();
    let told = store::read(&*platform.store, |tx| {
        organisation::alarms(tx, &books, &platform.judge.roles, now)
    })?;
    Ok(message(&told))
}

/// Gives all open work of one person to another.
fn hand_over(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    let by = administrator(platform, &call.headers)?;
    let asked: HandOver = call.message()?;
    let done = organisation::hand_over(platform, &asked, &by)?;
    platform.changed.send_replace(());
    done.map(|answer| message(&answer)).map_err(|rule| refused(&rule))
}

fn staffing(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    through(platform, &call.headers, Door::Company)?;
    let books = platform.shelf.books(&*platform.store)?;
    Ok(message(&organisation::staffing(
        platform,
        &books,
        &platform.judge.roles,
    )?))
}

/// What each person has done from one day through another, in the district or an area of it.
fn performance(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    through(platform, &call.headers, Door::Company)?;
    let query = call.query();
    let from = day_of(&query, "from")?.ok_or_else(malformed)?;
    let until = day_of(&query, "until")?.ok_or_else(malformed)?;
    if !(0..=MOST_DAYS).contains(&until.signed_duration_since(from).num_days()) {
        return Err(Fault::of(StatusCode::UNPROCESSABLE_ENTITY, "period_unknown"));
    }
    let books = platform.shelf.books(&*platform.store)?;
    let area = query.get("area").unwrap_or(&books.channels.district);
    if books.area(area).is_none() {
        return Err(refused(&Rule::of("area_unknown").with("area", area)));
    }
    let after = until.checked_add_days(Days::new(1)).unwrap_or(until);
    let (begins, ends) = (midnight(from), midnight(after));
    let done = organisation::performance(platform, area, begins, ends)?;
    let rows: Vec<_> = done
        .iter()
        .map(|(staff, done): (&StaffId, _)| json!({"staff": staff, "done": done}))
        .collect();
    Ok(message(
        &json!({"from": from, "until": until, "area": area, "people": rows}),
    ))
}

fn midnight(day: NaiveDate) -> UtcMillis {
    UtcMillis(day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_millis() - AHEAD_MS)
}
