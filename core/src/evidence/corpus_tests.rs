//! Real camera files from outside the project, when they are at hand: `FUSHAN_CORPORA` names their folder, or they lie
//! in `shared/corpora` beside the checkout.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::derive::{MEASURED, THUMBNAIL, thumbnail};
use super::testing::{Seeded, nothing_known, vault};
use super::{Limits, decode, intake_file, open};
use crate::model::fault::Coded;

pub(super) fn corpus() -> Option<PathBuf> {
    let named = std::env::var_os("FUSHAN_CORPORA").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora");
    let folder = named.unwrap_or(beside).join("photos");
    if !folder.is_dir() {
        // past the test runner, which keeps what passing tests print to itself
        let _ = std::io::Write::write_all(&mut std::io::stderr(), b"SKIPPED: no corpus of camera files at hand\n");
        return None;
    }
    Some(folder)
}

pub(super) fn files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, into);
        } else {
            into.push(path);
        }
    }
}

#[test]
fn every_camera_file_ends_in_a_typed_result_and_comes_out_exactly() {
    let Some(folder) = corpus() else {
        return;
    };
    let mut paths = Vec::new();
    files(&folder, &mut paths);
    let (_keep, media) = vault();
    let random = Seeded::new(22);
    let mut outcomes: BTreeMap<&str, u32> = BTreeMap::new();
    for path in &paths {
        let outcome = match intake_file(&media, &random, path, &Limits::default(), &nothing_known) {
            Ok(taken) => {
                let mut bytes = Vec::new();
                std::io::copy(&mut open(&media, &taken.hash, &taken.key).unwrap(), &mut bytes).unwrap();
                assert_eq!(bytes, fs::read(path).unwrap(), "{}", path.display());
                let made = decode(&|| Ok(Box::new(&bytes[..])), MEASURED).and_then(|d| thumbnail(&d, THUMBNAIL));
                made.map_or_else(|e| e.fault().code, |_| "taken")
            }
            Err(e) => e.fault().code,
        };
        if outcome != "taken" {
            eprintln!("{outcome}: {}", path.display());
        }
        *outcomes.entry(outcome).or_default() += 1;
    }
    eprintln!("{} files: {outcomes:?}", paths.len());
    assert!(outcomes.get("taken").copied().unwrap_or(0) > 0);
}
