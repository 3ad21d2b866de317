//! Figures of inspections: answers committed, resuming a long sheet, simplifying a track.

use std::process::ExitCode;
use std::time::Instant;

use fushan_grid_core::app::inspect::{Arrival, NewSheet, Stamp};
use fushan_grid_core::app::{Engine, EngineConfig};
use fushan_grid_core::model::geo::Point;
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::rules::patrol::{Fix, clean, encode, simplify};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::host::{FileKeys, env_at};
use crate::input;
use crate::show::Screen;

/// Answers given one by one.
const ANSWERS: usize = 300;
/// Readings of a long day: eight hours, one every ten seconds.
const READINGS: u32 = 2_880;

/// Measures on this machine, with real files.
pub fn run(screen: &Screen, items: usize) -> Result<ExitCode, Failure> {
    let scratch = tempfile::tempdir()?;
    FileKeys::at(&scratch.path().join("harness.key")).ensure()?;
    let open = || -> Result<Engine, Failure> {
        let config = EngineConfig {
            dir: scratch.path().join("db"),
            recovery_key: None,
            full_check: false,
        };
        Ok(Engine::open(config, env_at(scratch.path())?)?.0)
    };
    let engine = open()?;
    engine.form_install(&long_form(items).to_string())?;
    let grid = "370611001901001".parse()?;
    let fields = json!({"place_kind": "SMALL_SHOP", "name": "测试店", "risk": "BLUE", "point": input::demo_point()?,
                        "no_uscc_reason": "个体"});
    let place = engine
        .registry_add("place", &grid, fields.as_object().cloned().unwrap_or_default())?
        .id;
    let sheet = engine.inspect_start(&NewSheet {
        form: "BENCH".into(),
        place: Some(place),
        arrival: Arrival {
            reason: Some("bench".into()),
            ..Arrival::default()
        },
        ..NewSheet::default()
    })?;
    let path = |n: usize| format!("/data/page/q{}", n % items);
    let mut times = Vec::with_capacity(ANSWERS);
    for n in 0..ANSWERS {
        let started = Instant::now();
        engine.inspect_answer(sheet, &path(n), "yes", Stamp::default())?;
        times.push(started.elapsed().as_secs_f64() * 1000.0);
    }
    let each_ms = times.iter().sum::<f64>() / times.len() as f64;
    times.sort_by(f64::total_cmp);
    let at = |share: usize| times.get((times.len() * share / 100).min(times.len() - 1)).copied();
    let (median, p99, worst) = (at(50), at(99), at(100));
    drop(engine);
    let engine = open()?;
    let started = Instant::now();
    engine.inspect_answer(sheet, &path(0), "no", Stamp::default())?;
    let cold_ms = started.elapsed().as_secs_f64() * 1000.0;
    // the form is compiled now: what is left is reading the sheet
    for n in 1..6 {
        let other = engine.inspect_start(&NewSheet {
            form: "BENCH".into(),
            place: Some(place),
            arrival: Arrival {
                reason: Some("bench".into()),
                ..Arrival::default()
            },
            ..NewSheet::default()
        })?;
        engine.inspect_answer(other, &path(n), "yes", Stamp::default())?;
    }
    let started = Instant::now();
    engine.inspect_answer(sheet, &path(0), "yes", Stamp::default())?;
    let resumed_ms = started.elapsed().as_secs_f64() * 1000.0;
    let (raw, kept, bytes, per_second) = track()?;
    let document = json!({
        "items": items, "answer_ms": each_ms, "answer_median_ms": median, "answer_p99_ms": p99, "answer_worst_ms": worst, "answers_per_second": 1000.0 / each_ms, "first_answer_after_start_ms": cold_ms,
        "resume_and_answer_ms": resumed_ms, "track_readings": raw, "track_kept": kept, "track_bytes": bytes,
        "readings_per_second": per_second
    });
    screen.show(&document, || {
        format!(
            "{items} items: {each_ms:.2} ms an answer ({:.0}/s), first answer after a start {cold_ms:.1} ms, resumed \
             and answered {resumed_ms:.1} ms\ntrack: {raw} readings, {kept} kept, {bytes} bytes, {per_second:.0} readings/s",
            1000.0 / each_ms
        )
    });
    Ok(ExitCode::SUCCESS)
}

/// A form with so many items on one page.
fn long_form(items: usize) -> Value {
    let names: Vec<String> = (0..items).map(|n| format!("q{n}")).collect();
    let words = |text: &str| json!({"words": [{"plain": text}]});
    let nodes: Vec<Value> = names.iter().map(|name| json!({"name": name})).collect();
    let binds: Vec<Value> = names
        .iter()
        .map(|name| {
            let rules = json!({"item": name, "fail_when": ". = 'no'", "severity": 2, "score": 1.0});
            json!({"nodeset": format!("/data/page/{name}"), "type": "select1", "grid": rules})
        })
        .collect();
    let choices: Vec<Value> = ["yes", "no"]
        .map(|value| json!({"value": value, "label": words(value)}))
        .to_vec();
    let questions: Vec<Value> = names
        .iter()
        .map(|name| {
            json!({"kind": "question", "control": "select_one", "nodeset": format!("/data/page/{name}"),
                   "label": words(name), "choices": choices})
        })
        .collect();
    json!({"format": "GF/1", "id": "BENCH", "title": "BENCH",
           "model": {"name": "data", "children": [{"name": "page", "children": nodes}]}, "binds": binds,
           "body": [{"kind": "group", "nodeset": "/data/page", "children": questions}]})
}

/// Cleans, simplifies and encodes a day's walk: readings, points kept, bytes, readings a second.
fn track() -> Result<(usize, usize, usize, f64), Failure> {
    let start = input::demo_point()?;
    let fixes: Vec<Fix> = (0..READINGS)
        .map(|n| {
            let turn = f64::from(n) / 40.0;
            let wobble = f64::from(n * 7919 % 97) - 48.0;
            #[allow(clippy::cast_possible_truncation)] // some hundred metres
            let offset = |metres: f64| (metres * 90.0) as i32;
            Fix {
                point: Point {
                    lon_e7: start.lon_e7 + offset(turn.cos() * 300.0 + f64::from(n) * 0.3 + wobble * 0.1),
                    lat_e7: start.lat_e7 + offset(turn.sin() * 300.0 + wobble * 0.1),
                },
                accuracy_m: 8,
                boot: 0,
                mono_ms: u64::from(n) * 10_000,
                wall: UtcMillis(1_790_000_000_000 + i64::from(n) * 10_000),
                mock: false,
            }
        })
        .collect();
    let rounds = 50;
    let started = Instant::now();
    let mut kept = Vec::new();
    for _ in 0..rounds {
        kept = simplify(&clean(&fixes).kept, 5.0);
    }
    let seconds = started.elapsed().as_secs_f64();
    let per_second = f64::from(READINGS) * f64::from(rounds) / seconds;
    Ok((fixes.len(), kept.len(), encode(&kept).len(), per_second))
}
