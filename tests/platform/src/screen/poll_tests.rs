//! What a poll of the screen costs beside a whole year: 24,703 incidents with 200,000 steps, 436,000 other records.
//!
//! `cargo test --release -p fushan-platform --lib poll -- --ignored --nocapture`

use std::time::Instant;

use fushan_grid_core::model::ids::RecordId;
use fushan_grid_core::model::time::UtcMillis;

use crate::hall_tests::{GRID, Hall, at};
use crate::scratch::{Cluster, INSTALL};
use crate::store::{self, Stored, Tx};
use crate::{screen, values};

const INCIDENTS: u32 = 24_703;
const STEPS: u32 = 8;
const OTHERS: u32 = 436_000;
const PART: u32 = 5_000;
const POLLS: u32 = 50;

fn number(n: u32, of: u8) -> RecordId {
    let mut tail = [of; 10];
    tail[..4].copy_from_slice(&n.to_be_bytes());
    RecordId::v7(UtcMillis(i64::from(n)), tail)
}

/// Nineteen of twenty are over, as after a year; half of the open ones are overdue.
fn incident(tx: &mut Tx<'_>, n: u32) -> Stored<()> {
    let state = match n % 40 {
        0 => "DISPATCHED",
        1 => "DISPOSING",
        2 => "CLOSED",
        _ => "EVALUATED",
    };
    let open = n % 40 < 2;
    let reported = at("2026-09-01 09:00").0 - i64::from(INCIDENTS - n) * 1_276_000;
    let due = open.then_some(reported + 5 * 86_400_000);
    tx.later(
        "INSERT INTO incident (record, case_no, grid, state, level, category, channel, urgency, main, person, lon, lat,
             reported_at, changed_at, wake_at, due_at)
         VALUES (?, ?, ?, ?, ?, 'E03.02', 'HOTLINE_12345', 'NORMAL', 'heating', '', NULL, NULL, ?, ?, NULL, ?)",
        values![
            number(n, 1).bytes(),
            format!("{n:019}"),
            format!("{}{:03}", GRID.split_at(12).0, n % 900 + 1),
            state,
            i64::from(n % 3 + 1),
            reported,
            reported,
            due
        ],
    )?;
    for step in 0..STEPS {
        tx.later(
            "INSERT INTO history (op, record, rev, actor, device, hlc, at, doc) VALUES (?, ?, ?, 's', NULL, 0, ?, '{}')",
            values![
                number(n * STEPS + step, 2).bytes(),
                number(n, 1).bytes(),
                i64::from(step + 1),
                reported + i64::from(step) * 3_600_000
            ],
        )?;
    }
    Ok(())
}

fn fill(hall: &Hall) {
    let parts = |many: u32| {
        (0..many)
            .step_by(PART as usize)
            .map(move |from| from..(from + PART).min(many))
    };
    for part in parts(INCIDENTS) {
        store::write(&*hall.platform.store, |tx| {
            part.clone().try_for_each(|n| incident(tx, n))
        })
        .unwrap();
    }
    for part in parts(OTHERS) {
        store::write(&*hall.platform.store, |tx| {
            part.clone().try_for_each(|n| {
                tx.later(
                    "INSERT INTO record (id, kind, grid, rev, state, deleted, body, field_rev) VALUES (?, 'person', ?, 1, '', 0, ?, '{}')",
                    values![number(n, 3).bytes(), GRID, format!("{{\"name\": \"测试{n}\", \"note\": \"{:0200}\"}}", n)],
                )
            })
        })
        .unwrap();
    }
}

fn measured(hall: &Hall, tidy: impl FnOnce()) {
    fill(hall);
    tidy();
    screen::now(&hall.platform).unwrap();
    let mut times: Vec<f64> = (0..POLLS)
        .map(|_| {
            let begun = Instant::now();
            screen::now(&hall.platform).unwrap();
            begun.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!(
        "{}: a poll beside {INCIDENTS} incidents and {OTHERS} records: median {:.2} ms, worst {:.2} ms",
        hall.platform.store.name(),
        times[times.len() / 2],
        times[times.len() - 1]
    );
}

#[test]
#[ignore = "a figure, not a rule"]
fn a_poll_beside_a_year() {
    measured(&Hall::open(None), || ());
    match Cluster::start().unwrap() {
        Some(cluster) => {
            let hall = Hall::open(Some(cluster.database().unwrap()));
            // as its own housekeeping does in a district
            let vacuum = || {
                let mut command = cluster.client("vacuumdb");
                assert!(command.args(["--analyze", "--quiet", "d0"]).status().unwrap().success());
            };
            measured(&hall, vacuum);
        }
        None => crate::scratch::skipped(&format!("no PostgreSQL 15 or later is installed: {INSTALL}")),
    }
}
