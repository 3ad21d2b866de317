//! A made year: incidents with histories over a district of the real size, seeded, through intake, dispatch, deadlines, all seven
//! steps and both reports, on both stores.
//!
//! By default a small one. `FUSHAN_YEAR=1 cargo test --release -p fushan-platform --test year -- --nocapture --test-threads 1` makes
//! the whole: 24,703 incidents, 972 grids, 436,000 records of the registry, and prints its figures.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout
)]
#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    unreachable_pub
)]

#[path = "year/desk.rs"]
mod desk;
#[path = "year/district.rs"]
mod district;
#[path = "year/random.rs"]
mod random;
#[path = "year/story.rs"]
mod story;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::path::Path;
use std::time::Instant;

use fushan_grid_core::model::time::UtcMillis;
use fushan_platform::scratch::{Cluster, INSTALL};
use fushan_platform::store::{PostgresStore, SqliteStore};
use serde_json::{Value, json};

use desk::Desk;
use district::Grid;
use random::Random;
use story::{Book, DAY, HOUR};

/// How large a year is.
#[derive(Debug, Clone, Copy)]
struct Size {
    incidents: usize,
    grids: usize,
    registry: usize,
    days: i64,
}

fn size() -> Size {
    match std::env::var_os("FUSHAN_YEAR") {
        Some(_) => Size {
            incidents: 24_703,
            grids: district::GRIDS,
            registry: 436_000,
            days: 330,
        },
        None => Size {
            incidents: 150,
            grids: 27,
            registry: 400,
            days: 60,
        },
    }
}

/// The year begins so that September and October lie in it.
fn begin(size: Size) -> UtcMillis {
    let end = UtcMillis::parse_rfc3339("2026-11-01T00:00:00+08:00").unwrap();
    end.plus(-size.days * DAY)
}

fn peak_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap_or_default()
        .to_owned();
    line.split_whitespace()
        .nth(1)
        .and_then(|kb| kb.parse::<u64>().ok())
        .unwrap_or(0)
        / 1024
}

/// Lets the peak begin again at what is used now.
fn forget_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

struct Place {
    folder: tempfile::TempDir,
    grids: Vec<Grid>,
}

fn place(size: Size) -> Place {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("district")).unwrap();
    let grids = district::write_folder(&folder.path().join("district"), size.grids);
    assert_eq!(grids.len(), size.grids);
    Place { folder, grids }
}

fn open(place: &Place, database: Option<&Path>, url: Option<String>, now: UtcMillis) -> Desk {
    Desk::open(
        &place.folder.path().join("district"),
        &place.folder.path().join("blobs"),
        database,
        url,
        now,
    )
}

fn per_second(many: usize, begun: Instant) -> f64 {
    many as f64 / begun.elapsed().as_secs_f64()
}

#[test]
fn all_reports_are_dispatched_in_one_run() {
    let size = size();
    let place = place(size);
    let now = UtcMillis::parse_rfc3339("2026-09-01T10:00:00+08:00").unwrap();
    let mut desk = open(&place, None, None, now);
    let mut random = Random(311);
    let begun = Instant::now();
    for n in 0..size.incidents {
        let grid = random.of(&place.grids).clone();
        // a class that is mapped, a place of its own: intake has its own tests
        let mut order = story::order(&grid, n, &mut random);
        order["place"]["lon"] = (grid.lon - 0.0025 + 0.00001 * (n % 500) as f64).into();
        desk.order("HOTLINE_12345", &order);
    }
    println!(
        "intake: {} orders, {:.0}/s",
        size.incidents,
        per_second(size.incidents, begun)
    );
    let begun = Instant::now();
    let ticked = desk.post("/admin/v1/tick", &json!({}));
    let took = begun.elapsed();
    let decided = ticked["dispatched"].as_u64().unwrap() + ticked["waiting"].as_u64().unwrap();
    println!(
        "one run: {decided} decisions committed in {took:.2?}, {:.0}/s with acceptance, index and history",
        per_second(decided as usize, begun)
    );
    let table = desk.get("/admin/v1/dispatch/table");
    let mut sum = 0;
    for row in table["table"].as_array().unwrap() {
        let many = row["incidents"].as_u64().unwrap();
        sum += many;
        println!(
            "{many:>7}  {:<20} {}",
            row["outcome"].as_str().unwrap(),
            row["main"].as_str().unwrap()
        );
    }
    assert_eq!(sum, decided);
    let rest = size.incidents as u64 - decided;
    println!("{rest:>7}  not accepted by rule: unmapped, or perhaps a duplicate");
    let human: u64 = ticked["waiting"].as_u64().unwrap();
    assert!(
        human * 20 < decided,
        "no more than one in twenty waits for a person: {human} of {decided}"
    );
    pure(size.incidents);
}

/// The engine alone.
fn pure(many: usize) {
    use fushan_grid_core::rules::dispatch::{Case, Roster};
    use fushan_grid_core::rules::packs;
    let (dispatch, taxonomy) = (packs::dispatch().unwrap(), packs::taxonomy().unwrap());
    let cases: Vec<Case> = (0..many)
        .map(|n| Case {
            category: taxonomy.categories[n % taxonomy.categories.len()].code.clone(),
            grid: "370611001901001".parse().ok(),
            managed_estate: Some(n % 3 == 0),
            ..Case::default()
        })
        .collect();
    let begun = Instant::now();
    let sure = cases
        .iter()
        .filter(|case| dispatch.decide(case, &Roster::default(), UtcMillis(0)).confidence >= 70)
        .count();
    println!("pure: {many} decisions, {:.0}/s, {sure} sure", per_second(many, begun));
}

#[test]
fn a_year_passes_on_sqlite() {
    let size = size();
    let place = place(size);
    let file = place.folder.path().join("year.db");
    let begun = Instant::now();
    let store = SqliteStore::open(Some(&file)).unwrap();
    district::fill_registry(&store, &place.grids, size.registry, begin(size));
    drop(store);
    println!("SQLite: registry of {} rows in {:.1?}", size.registry, begun.elapsed());
    let mut desk = open(&place, Some(&file), None, begin(size));
    year(&mut desk, &place.grids, size, "SQLite");
}

#[test]
fn a_year_passes_on_postgres() {
    let Some(cluster) = Cluster::start().unwrap() else {
        fushan_platform::scratch::skipped(&format!("no PostgreSQL 15 or later is installed: {INSTALL}"));
        return;
    };
    let size = size();
    let place = place(size);
    let url = cluster.database().unwrap();
    let begun = Instant::now();
    let store = PostgresStore::open(&url).unwrap();
    district::fill_registry(&store, &place.grids, size.registry, begin(size));
    drop(store);
    println!(
        "PostgreSQL: registry of {} rows in {:.1?}",
        size.registry,
        begun.elapsed()
    );
    let mut desk = open(&place, None, Some(url), begin(size));
    year(&mut desk, &place.grids, size, "PostgreSQL");
}

/// Lets the year pass: incidents begin over it evenly, their stories go on, the timers tick every four hours.
fn year(desk: &mut Desk, grids: &[Grid], size: Size, store: &str) {
    let begun = Instant::now();
    let (mut random, mut book) = (Random(2026), Book::new());
    let start = begin(size);
    let end = start.plus(size.days * DAY);
    let mut stories = Vec::new();
    let mut agenda: BinaryHeap<Reverse<(i64, usize)>> = BinaryHeap::new();
    let gap = (size.days - 14) * DAY / size.incidents as i64;
    let (mut next_begin, mut made, mut next_tick) = (start.0, 0, start.0);
    let mut rungs = Book::new();
    loop {
        let story_at = agenda.peek().map_or(i64::MAX, |Reverse((at, _))| *at);
        let begin_at = if made < size.incidents { next_begin } else { i64::MAX };
        let at = story_at.min(begin_at).min(next_tick);
        if at >= end.0 {
            break;
        }
        desk.set_clock(UtcMillis(at));
        if at == next_tick {
            next_tick += 4 * HOUR;
            let ticked = desk.post("/admin/v1/tick", &json!({}));
            for (kind, many) in ticked["rungs"].as_object().unwrap() {
                *rungs.entry(kind.clone()).or_default() += many.as_u64().unwrap();
            }
            for what in ["accepted", "dispatched", "waiting", "resumed", "evaluated"] {
                *book.entry(format!("by the platform: {what}")).or_default() += ticked[what].as_u64().unwrap();
            }
            story::decide_queue(desk, &mut book);
        } else if at == begin_at {
            next_begin += gap;
            made += 1;
            if let Some(story) = story::begin(desk, grids, made, 50, &mut random, &mut book) {
                agenda.push(Reverse((at + 5 * HOUR, stories.len())));
                stories.push(story);
            }
        } else {
            let Some(Reverse((_, index))) = agenda.pop() else { break };
            if let Some(later) = story::go_on(desk, &mut stories[index], &mut random, &mut book) {
                agenda.push(Reverse((at + later, index)));
            }
        }
    }
    println!(
        "{store}: {made} incidents, {} requests in {:.1?}, {:.0}/s",
        desk.asked,
        begun.elapsed(),
        per_second(desk.asked as usize, begun)
    );
    for (what, many) in book.iter().chain(&rungs) {
        println!("{many:>8}  {what}");
    }
    all_steps(&book);
    reports(desk, size, end, store);
}

/// Every step of the seven was taken, and by more than luck.
fn all_steps(book: &Book) {
    for step in [
        "closed on the spot (T04)",
        "by the platform: accepted",
        "by the platform: dispatched",
        "signed for (T17)",
        "feedback (T24)",
        "checked (T26)",
        "closed (T28)",
        "evaluated (T30)",
    ] {
        assert!(book.get(step).copied().unwrap_or(0) > 5, "{step}: {book:?}");
    }
    let refused: u64 = book
        .iter()
        .filter(|(what, _)| what.starts_with("refused: "))
        .map(|(_, many)| many)
        .sum();
    let taken: u64 = book.values().sum();
    assert!(
        refused * 20 < taken,
        "more than one step in twenty was refused: {book:?}"
    );
}

fn figure(report: &Value, code: &str) -> Value {
    let rows = report["report"]["rows"].as_array().unwrap();
    rows.iter().find(|row| row["code"] == code).unwrap()["now"].clone()
}

fn reports(desk: &mut Desk, size: Size, end: UtcMillis, store: &str) {
    desk.set_clock(end.plus(2 * DAY));
    forget_peak();
    let (before, begun) = (peak_mb(), Instant::now());
    let month = desk.get("/admin/v1/reports/monthly-2026-10-15-370611.json");
    println!(
        "{store}: monthly report of the district in {:.2?}, {} MB more than the {before} MB before",
        begun.elapsed(),
        peak_mb().saturating_sub(before)
    );
    let begun = Instant::now();
    let week = desk.get("/admin/v1/reports/weekly-2026-10-15-370611.json");
    println!("{store}: weekly report of the district in {:.2?}", begun.elapsed());
    assert_eq!(month["left_out"], 0, "every incident is counted");
    assert_eq!(figure(&month, "K27n"), json!({"count": size.registry}));
    let reported = |report: &Value| figure(report, "K01")["count"].as_u64().unwrap();
    assert!(reported(&month) > 0 && reported(&week) > 0 && reported(&week) <= reported(&month));
    // the towns' reports add up to the district's
    let towns = ["001", "002", "006", "007", "102", "103", "104", "105", "401"];
    let sum: u64 = towns
        .iter()
        .map(|town| reported(&desk.get(&format!("/admin/v1/reports/monthly-2026-10-15-370611{town}.json"))))
        .sum();
    assert_eq!(sum, reported(&month));
    for code in [
        "K01", "K03", "K04n", "K05", "K06", "K07", "K09", "K12", "K13", "K14", "K15", "K16", "K17y", "K17r", "K18d",
        "K19", "K20c", "K20s", "K35",
    ] {
        println!("   {code:<5} {}", figure(&month, code));
    }
    if let Some(folder) = std::env::var_os("FUSHAN_YEAR_PAGES") {
        for form in ["html", "xlsx", "csv"] {
            let (status, bytes) = desk.raw(
                "GET",
                &format!("/admin/v1/reports/monthly-2026-10-15-370611.{form}"),
                "operator",
                b"",
            );
            assert_eq!(status, 200);
            std::fs::write(Path::new(&folder).join(format!("month.{form}")), bytes).unwrap();
        }
    }
}
