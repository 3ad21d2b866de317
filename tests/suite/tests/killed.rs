//! A phone that dies inside a transaction of a verb finds everything as before it or as after it, never half.
//!
//! What dies is imitated and done. Imitated: the log that SQLite writes ahead is cut behind every frame of a verb, and inside
//! the last ones, and each cut is opened as a phone. Done: a process of its own answers and takes photos in until it is killed.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use fushan_grid_core::model::ids::RecordId;
use fushan_suite::checklist::{SHOP, answer, copy, picture, place, start};
use fushan_suite::field::Phone;
use serde_json::{Value, json};

const NOWHERE: &str = "http://127.0.0.1:9";
/// A frame of the write-ahead log: 24 bytes and a page.
const FRAME: usize = 24 + 4096;

fn at(dir: &Path, number: u64) -> Phone {
    Phone::at(dir, NOWHERE, number).unwrap()
}

/// A sheet begun at a shop, on a phone that was closed again.
fn begun(dir: &Path) -> RecordId {
    let phone = at(dir, 1);
    phone.engine.form_install(SHOP).unwrap();
    let place = place(&phone, "测试小店").unwrap();
    start(&phone, place).unwrap()
}

/// Everything that a verb of an inspection may change.
fn state(phone: &Phone, sheet: RecordId) -> Value {
    let engine = &phone.engine;
    let shown = engine.inspect_show(sheet).ok().map(|view| json!(view));
    let ops = engine.sync_status().unwrap().ops;
    json!({
        "shown": shown,
        "log": engine.inspect_log(sheet).unwrap(),
        "record": engine.record(sheet).unwrap().record.body,
        "photos": engine.evidence_verify(Some(sheet)).unwrap(),
        "chain": engine.evidence_chain().unwrap(),
        "ops": [ops.unsent(), ops.draft],
    })
}

/// Carries a verb out on the phone in `dir`, then opens it as it would be found after a death at each point of the writing.
fn die_everywhere(dir: &Path, sheet: RecordId, name: &str, verb: impl FnOnce(&Phone)) {
    let wal = dir.join("db/fushan.db-wal");
    let phone = at(dir, 100);
    let before = state(&phone, sheet);
    let from = std::fs::metadata(&wal).map_or(0, |m| m.len());
    let file = std::fs::read(dir.join("db/fushan.db")).unwrap();
    verb(&phone);
    let after = state(&phone, sheet);
    assert!(before != after, "{name} changes something");
    let written = std::fs::read(&wal).unwrap();
    assert!(
        file == std::fs::read(dir.join("db/fushan.db")).unwrap(),
        "{name}: nothing may pass from the log to the file meanwhile"
    );
    let from = usize::try_from(from).unwrap();
    let mut cuts: Vec<usize> = (from..written.len()).step_by(FRAME).collect();
    cuts.extend([FRAME / 2, FRAME + FRAME / 2, 1].map(|back| written.len().saturating_sub(back).max(from)));
    cuts.push(written.len());
    let (mut as_before, mut as_after) = (0, 0);
    let dead = dir.with_extension("dead");
    for cut in cuts {
        let _ = std::fs::remove_dir_all(&dead);
        for part in ["db", "media"] {
            copy(&dir.join(part), &dead.join(part)).unwrap();
        }
        let _ = std::fs::remove_file(dead.join("db/fushan.db-shm"));
        std::fs::write(dead.join("db/fushan.db-wal"), &written[..cut]).unwrap();
        let found = state(&at(&dead, 101), sheet);
        if found == before {
            as_before += 1;
        } else {
            assert_eq!(
                found,
                after,
                "{name}, dead after {cut} bytes of {from}..{}",
                written.len()
            );
            as_after += 1;
        }
    }
    println!("{name}: {as_before} deaths before, {as_after} after");
    assert!(as_before > 0 && as_after > 0, "{name}: both are met");
}

#[test]
fn a_death_inside_a_transaction_leaves_all_of_it_or_nothing() {
    let top = tempfile::tempdir().unwrap();
    let dir = top.path().join("phone");
    let sheet = begun(&dir);
    let attach = |phone: &Phone, path: &str, tail| {
        let taken = phone
            .engine
            .inspect_attach_from(sheet, path, picture(tail).as_slice(), "near");
        taken.unwrap();
    };
    let die = |name: &str, verb: &dyn Fn(&Phone)| die_everywhere(&dir, sheet, name, verb);
    die("answer", &|phone| {
        answer(phone, sheet, &[("/data/exits", "no")]).unwrap()
    });
    die("attach", &|phone| attach(phone, "/data/exits", 1));
    for (name, tail) in [("first room", 2), ("second room", 3)] {
        die(name, &|phone| {
            phone.engine.inspect_add_repeat(sheet, "/data/room").unwrap()
        });
        let path = format!("/data/room[{}]/sockets", tail - 1);
        die("attach in a room", &|phone| attach(phone, &path, tail));
    }
    die("remove a room", &|phone| {
        phone.engine.inspect_remove_repeat(sheet, "/data/room[1]").unwrap();
    });
    {
        let phone = at(&dir, 50);
        answer(&phone, sheet, &[("/data/count", "1"), ("/data/notices", "yes")]).unwrap();
        let photos = phone.engine.inspect_show(sheet).unwrap().lines;
        let moved = photos.iter().find(|line| line.path == "/data/room[1]/sockets").unwrap();
        assert_eq!(moved.photos.len(), 1, "the photo of the second room moved up with it");
    }
    die("fixed", &|phone| {
        phone.engine.inspect_fixed(sheet, "/data/count", "补齐").unwrap()
    });
    die("fixed no more", &|phone| {
        phone.engine.inspect_fixed(sheet, "/data/count", "").unwrap()
    });
    die("finish", &|phone| {
        let finished = phone.engine.inspect_finish(sheet).unwrap();
        assert_eq!((finished.hazards.len(), finished.incidents.len()), (2, 2));
    });
}

/// Works until it is killed, and says what it has done; started by the test below.
#[test]
#[ignore = "is started, and killed, by the test below"]
fn works_until_killed() {
    let Ok(dir) = std::env::var("FUSHAN_KILLED_DIR") else {
        return;
    };
    let sheet: RecordId = std::env::var("FUSHAN_KILLED_SHEET").unwrap().parse().unwrap();
    let first: u32 = std::env::var("FUSHAN_KILLED_FROM").unwrap().parse().unwrap();
    let phone = at(Path::new(&dir), u64::from(first) + 1_000);
    for number in first.. {
        answer(&phone, sheet, &[("/data/staff", &number.to_string())]).unwrap();
        println!("answered {number}");
        let mut photo = picture(0);
        photo.extend(number.to_be_bytes());
        let taken = phone
            .engine
            .inspect_attach_from(sheet, "/data/exits", photo.as_slice(), "near");
        taken.unwrap();
        println!("attached {number}");
    }
}

#[test]
fn a_killed_process_loses_no_answer_and_misplaces_no_photo() {
    let top = tempfile::tempdir().unwrap();
    let dir = top.path().join("phone");
    let sheet = begun(&dir);
    answer(&at(&dir, 3), sheet, &[("/data/exits", "no")]).unwrap();
    let mut next = 10;
    let mut photos = 0;
    for kill in 0_u64..6 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["works_until_killed", "--exact", "--ignored", "--nocapture"])
            .env("FUSHAN_KILLED_DIR", &dir)
            .env("FUSHAN_KILLED_SHEET", sheet.to_string())
            .env("FUSHAN_KILLED_FROM", next.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
        // wherever it is then: the moments differ from run to run, and each must do
        let worked = |line: &String| line.starts_with("answered") || line.starts_with("attached");
        let steps = 1 + usize::try_from(kill).unwrap();
        let begun: Vec<String> = said.by_ref().map_while(Result::ok).filter(worked).take(steps).collect();
        assert_eq!(begun.len(), steps, "the worker came to work");
        std::thread::sleep(Duration::from_millis(3 + 5 * kill));
        child.kill().unwrap();
        child.wait().unwrap();
        let lines: Vec<String> = begun.into_iter().chain(said.map_while(Result::ok)).collect();
        let told = |word: &str| {
            lines
                .iter()
                .rev()
                .find_map(|line| line.strip_prefix(word)?.trim().parse::<u32>().ok())
        };
        let answered = told("answered").unwrap();
        let attached = u32::try_from(lines.iter().filter(|line| line.starts_with("attached")).count()).unwrap();
        let phone = at(&dir, 2);
        let shown = phone.engine.inspect_show(sheet).unwrap();
        let line = |path: &str| shown.lines.iter().find(|line| line.path == path).unwrap();
        let now: u32 = line("/data/staff").answer.as_deref().unwrap().parse().unwrap();
        assert!((answered..=answered + 1).contains(&now), "said {answered}, found {now}");
        assert!(shown.loose.is_empty(), "a photo that was kept has its place");
        let placed = u32::try_from(line("/data/exits").photos.len()).unwrap();
        assert!((photos + attached..=photos + attached + 1).contains(&placed));
        let verified = phone.engine.evidence_verify(Some(sheet)).unwrap();
        assert!(verified.iter().all(|checked| json!(checked.verdict) == "intact"));
        (next, photos) = (now + 1, placed);
    }
    println!("{photos} photos, {} answers over six kills", next - 10);
}
