//! The end of the day: phones and platform agree, every operation is accounted for, every photo's bytes are the same.

use std::io::Read;
use std::path::Path;

use fushan_grid_core::app::evidence::Verdict;
use fushan_grid_core::model::blob::BlobHash;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::day::Day;
use super::kit::Phone;
use crate::failure::Failure;

fn require(holds: bool, what: &str) -> Result<String, Failure> {
    if holds {
        Ok(what.to_owned())
    } else {
        Err(Failure::Check(format!("not true: {what}")))
    }
}

/// All checks; the first that fails ends the day badly.
pub fn check(day: &mut Day) -> Result<Vec<String>, Failure> {
    let mut passed = Vec::new();
    let (mut ops, mut photos) = (0, 0);
    for phone in [&day.worker, &day.leader].into_iter().chain(&day.crew) {
        let status = phone.engine.sync_status()?;
        let name = phone.name();
        let settled = status.ops.unsent() == 0 && status.ops.draft == 0 && status.ops.dead == 0;
        passed.push(require(
            settled,
            &format!("{name}: all {} operations are answered, none refused", status.ops.all()),
        )?);
        passed.push(agrees(day, phone)?);
        passed.push(require(
            status.photos.due == 0 && status.photos.problems == 0,
            &format!("{name}: every photo is stored"),
        )?);
        ops += status.ops.all();
        photos += status.photos.stored;
    }
    let receipts = receipts(&day.ask("/admin/v1/ledger")?);
    passed.push(require(
        receipts == ops,
        &format!("the platform has exactly one receipt for each of {ops} operations"),
    )?);
    passed.push(same_bytes(&day.worker)?);
    passed.push(arrived(&day.worker, &day.stored)?);
    day.count("操作 / operations in all", ops);
    day.count("照片(含缩略图) / photos with thumbnails", photos);
    Ok(passed)
}

/// Every record of the phone's scopes is at the platform's revision, with the same content, and none is missing.
fn agrees(day: &Day, phone: &Phone) -> Result<String, Failure> {
    let mut compared = 0;
    for scope in phone.engine.sync_status()?.scopes {
        let records = day.ask(&format!("/admin/v1/scopes/{scope}"))?;
        for theirs in records.as_array().into_iter().flatten() {
            let id = theirs["id"].as_str().unwrap_or_default().parse()?;
            let ours = phone.engine.record(id)?;
            let equal = serde_json::to_value(&ours.record).ok().as_ref() == Some(theirs) && ours.pending == 0;
            require(equal, &format!("{}: record {id} is as on the platform", phone.name()))?;
            compared += 1;
        }
    }
    require(
        compared > 0,
        &format!("{}: all {compared} records are as on the platform", phone.name()),
    )
}

fn receipts(ledger: &Value) -> u64 {
    let devices = ledger.as_object().into_iter().flatten();
    devices
        .flat_map(|(_, statuses)| statuses.as_object().into_iter().flatten())
        .filter_map(|(_, n)| n.as_u64())
        .sum()
}

/// The vault gives back what the camera gave, by the demo's own reckoning.
fn same_bytes(phone: &Phone) -> Result<String, Failure> {
    for (_, hash, bytes) in &phone.photos {
        let mut original = Vec::new();
        phone.engine.evidence_open(*hash)?.read_to_end(&mut original)?;
        let again = BlobHash(Sha256::digest(&original).into());
        require(
            again == *hash && original.len() == *bytes,
            "a photo came out as it went in",
        )?;
    }
    let intact = phone
        .engine
        .evidence_verify(None)?
        .iter()
        .all(|c| c.verdict == Verdict::Intact);
    require(
        intact,
        &format!(
            "{} photos came out of the vault exactly as they went in",
            phone.photos.len()
        ),
    )
}

/// The platform's own files hash to what the camera gave.
fn arrived(phone: &Phone, stored: &Path) -> Result<String, Failure> {
    for (_, hash, _) in &phone.photos {
        let bytes = std::fs::read(stored.join(hash.hex()))?;
        let same = BlobHash(Sha256::digest(&bytes).into()) == *hash;
        require(same, "a photo arrived as it was taken")?;
    }
    require(
        !phone.photos.is_empty(),
        &format!(
            "{} photos arrived on the platform exactly as they were taken",
            phone.photos.len()
        ),
    )
}
