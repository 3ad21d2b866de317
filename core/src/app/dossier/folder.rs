//! The folder's files. Everything that is signed or hashed is written as its exact bytes.

use std::fs;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::json;

use super::gather::{Case, Exhibit};
use crate::app::error::AppError;
use crate::wire::evidence::{Receipt, StampState};
use crate::wire::log::LogKey;
use crate::wire::log::leaf::Place;
use crate::wire::log::merkle::left_siblings;
use crate::wire::manifest::Entry;

/// The folder of one entry.
pub(super) fn entry_dir(dir: &Path, number: usize) -> PathBuf {
    dir.join("entries").join(format!("{number:04}"))
}

/// Makes the folder; one that holds something already is refused.
pub(super) fn prepare(dir: &Path) -> Result<(), AppError> {
    fs::create_dir_all(dir)?;
    match fs::read_dir(dir)?.next() {
        None => Ok(fs::create_dir(dir.join("entries"))?),
        Some(_) => Err(Error::from(ErrorKind::AlreadyExists).into()),
    }
}

/// Writes all but photos, README and page.
pub(super) fn write(
    dir: &Path,
    case: &Case,
    log: Option<&LogKey>,
    certificates: Option<&[u8]>,
) -> Result<(), AppError> {
    for (number, exhibit) in (1..).zip(&case.exhibits) {
        let at = entry_dir(dir, number);
        fs::create_dir(&at)?;
        write_entry(&at, exhibit)?;
    }
    if let Some(key) = log {
        fs::write(dir.join("log.pem"), key.pem())?;
        fs::write(dir.join("log.key"), format!("{}\n", String::from(key.clone())))?;
    }
    if let Some(certificates) = certificates {
        fs::write(dir.join("tsa.pem"), certificates)?;
    }
    let ranges: Vec<_> = case
        .ranges
        .iter()
        .map(|(chain, (from, to))| json!({"chain": chain, "from": from, "to": to}))
        .collect();
    fs::write(
        dir.join("case.json"),
        format!("{:#}\n", json!({"case": case.id, "chains": ranges})),
    )?;
    fs::write(dir.join("custody.json"), format!("{:#}\n", custody(case)))?;
    Ok(())
}

fn write_entry(at: &Path, exhibit: &Exhibit) -> Result<(), AppError> {
    let signed = &exhibit.kept.signed;
    fs::write(at.join("manifest.json"), &signed.manifest)?;
    if !signed.signature.is_empty() {
        fs::write(
            at.join("manifest.sig"),
            BASE64.decode(&signed.signature).unwrap_or_default(),
        )?;
    }
    let pem = format!(
        "-----BEGIN PUBLIC KEY-----\n{}-----END PUBLIC KEY-----\n",
        wrapped(&signed.public_key)
    );
    fs::write(at.join("device.spki.pem"), pem)?;
    let attestation = match &exhibit.entry {
        Entry::Start(start) => start.attestation.as_slice(),
        Entry::Rotation(rotation) => rotation.attestation.as_slice(),
        _ => &[],
    };
    if !attestation.is_empty() {
        fs::create_dir(at.join("enrol"))?;
        for (number, certificate) in attestation.iter().enumerate() {
            let der = BASE64.decode(certificate).unwrap_or_default();
            fs::write(at.join("enrol").join(format!("{number}.der")), der)?;
        }
    }
    match &exhibit.receipt {
        Some(receipt) => write_receipt(at, receipt),
        None => Ok(()),
    }
}

fn write_receipt(at: &Path, receipt: &Receipt) -> Result<(), AppError> {
    fs::write(at.join("receipt.json"), format!("{:#}\n", json!(receipt)))?;
    write_place(at, &receipt.place)?;
    if receipt.stamp.state == StampState::Stamped {
        fs::write(
            at.join("checkpoint.tsr"),
            BASE64.decode(&receipt.stamp.token).unwrap_or_default(),
        )?;
    }
    if let Some(stored) = &receipt.stored {
        fs::create_dir(at.join("stored"))?;
        write_place(&at.join("stored"), stored)?;
        fs::write(at.join("stored/place.json"), format!("{:#}\n", json!(stored)))?;
    }
    Ok(())
}

/// A leaf with its proof: each sibling a file of 32 bytes whose name says its turn and its side.
fn write_place(at: &Path, place: &Place) -> Result<(), AppError> {
    fs::write(at.join("leaf.json"), &place.leaf)?;
    fs::write(at.join("checkpoint.txt"), &place.checkpoint)?;
    fs::create_dir(at.join("inclusion"))?;
    let size = place
        .checkpoint
        .lines()
        .nth(1)
        .and_then(|line| line.parse().ok())
        .unwrap_or(0);
    let sides = left_siblings(place.index, size, place.inclusion.len());
    for (turn, (hash, left)) in place.inclusion.iter().zip(sides).enumerate() {
        let side = if left { "left" } else { "right" };
        fs::write(at.join("inclusion").join(format!("{turn:02}.{side}")), hash.0)?;
    }
    Ok(())
}

/// Base64 in lines of 64, as PEM wants it.
fn wrapped(base64: &str) -> String {
    let chars: Vec<char> = base64.chars().collect();
    chars
        .chunks(64)
        .map(|line| line.iter().collect::<String>() + "\n")
        .collect()
}

/// The custody log for reading; what is signed are the entries.
fn custody(case: &Case) -> serde_json::Value {
    let photos: Vec<_> = case
        .exhibits
        .iter()
        .filter_map(Exhibit::photo)
        .map(|(photo, _)| photo.0)
        .collect();
    let mut events = Vec::new();
    for (number, exhibit) in (1..).zip(&case.exhibits) {
        let number: usize = number;
        if let Entry::Custody(custody) = &exhibit.entry {
            let own = custody.events.iter().filter(|event| photos.contains(&event.media.0));
            events.extend(own.map(|event| json!({"entry": format!("{number:04}"), "event": event})));
        }
    }
    json!({"events": events})
}
