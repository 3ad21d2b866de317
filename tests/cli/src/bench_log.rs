//! `bench-log`: the platform as a witness, measured in one run: appends, receipts, proofs. Not a test: nothing here fails.

use std::process::ExitCode;
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use fushan_grid_core::evidence::SoftwareKey;
use fushan_grid_core::model::env::SecretKey;
use fushan_grid_core::model::ids::{DeviceId, Incarnation};
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::platform::{Cancel, HttpConfig, HttpTransport, Method, Request, Transport as _};
use fushan_grid_core::rules::proof::key_digest;
use fushan_grid_core::wire::evidence::{CheckpointReply, CheckpointRequest, EntriesReply, EntriesRequest, Receipt};
use fushan_grid_core::wire::limits::ENTRIES_PER_MESSAGE;
use fushan_grid_core::wire::log::leaf::verify_receipt;
use fushan_grid_core::wire::log::merkle::verify_consistency;
use fushan_grid_core::wire::manifest::{Named256, SignedEntry, canonical};
use fushan_platform::Config;
use fushan_platform::store::{self, SqliteStore};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::demo::write_district;
use crate::failure::Failure;
use crate::show::Screen;

const ADMIN: &str = "bench";
const STAFF: &str = "s_370611001901001";

/// Measures, and prints a table.
pub fn run(screen: &Screen, entries: u32) -> Result<ExitCode, Failure> {
    let scratch = tempfile::tempdir()?;
    let mut figures = Map::new();
    let mut note = |name: &str, value: String| {
        eprintln!("{name}: {value}");
        figures.insert(name.to_owned(), Value::from(value));
    };
    let per_second = |count: u32, begun: Instant| format!("{:.0}", f64::from(count) / begun.elapsed().as_secs_f64());
    let log = SqliteStore::open(Some(&scratch.path().join("log.db"))).map_err(broken)?;
    let leaves: Vec<String> = (0..100)
        .map(|n| json!({"leaf": n, "text": "x".repeat(300)}).to_string())
        .collect();
    let begun = Instant::now();
    for _ in 0..entries / 100 {
        store::write(&log, |tx| tx.append_to_log(&leaves)).map_err(broken)?;
    }
    note(
        "log: appended leaves/s, 100 a transaction, synchronous",
        per_second(entries / 100 * 100, begun),
    );
    let begun = Instant::now();
    for _ in 0..entries.min(500) {
        store::write(&log, |tx| tx.append_to_log(leaves.get(..1).unwrap_or_default())).map_err(broken)?;
    }
    note(
        "log: appended leaves/s, one a transaction, synchronous",
        per_second(entries.min(500), begun),
    );

    let bench = Bench::start(scratch.path())?;
    let signed = bench.entries(entries)?;
    let begun = Instant::now();
    let mut receipts: Vec<Receipt> = Vec::new();
    for message in signed.chunks(ENTRIES_PER_MESSAGE) {
        let request = EntriesRequest {
            device: bench.device,
            entries: message.to_vec(),
        };
        let reply: EntriesReply = bench.ask("/v1/evidence", &request)?;
        receipts.extend(reply.results.into_iter().filter_map(|r| r.receipt));
    }
    note(
        "platform: entries checked, kept and receipted/s, over HTTP",
        per_second(entries, begun),
    );
    let head: CheckpointReply = bench.ask("/v1/evidence/checkpoint", &CheckpointRequest { from: 1 })?;
    let begun = Instant::now();
    let good = receipts
        .iter()
        .filter(|r| verify_receipt(r, r.entry, &head.key).is_ok())
        .count();
    note(
        "phone: receipts verified/s (signature, inclusion, leaf)",
        per_second(entries, begun),
    );
    note("of them good", format!("{good} of {}", receipts.len()));
    consistency(&bench, &head, receipts.first(), &mut note)?;
    let figures = Value::Object(figures);
    screen.show(&figures, || {
        let lines = figures.as_object().into_iter().flatten();
        let lines = lines.map(|(name, value)| format!("{name:<64} {}", value.as_str().unwrap_or_default()));
        lines.collect::<Vec<_>>().join("\n")
    });
    Ok(ExitCode::SUCCESS)
}

/// How fast a phone sees that the log merely grew from the first message's head to the last.
fn consistency(
    bench: &Bench,
    head: &CheckpointReply,
    first: Option<&Receipt>,
    note: &mut dyn FnMut(&str, String),
) -> Result<(), Failure> {
    let Some(first) = first else { return Ok(()) };
    let old = head.key.open(&first.place.checkpoint).map_err(broken)?;
    let reply: CheckpointReply = bench.ask("/v1/evidence/checkpoint", &CheckpointRequest { from: old.size })?;
    let new = head.key.open(&reply.checkpoint).map_err(broken)?;
    let times = 10_000;
    let begun = Instant::now();
    let holds =
        (0..times).all(|_| verify_consistency((old.size, old.root), (new.size, new.root), &reply.consistency).is_ok());
    let rate = f64::from(times) / begun.elapsed().as_secs_f64();
    note(
        "phone: consistency proofs verified/s",
        format!("{rate:.0} ({} to {} leaves, hold: {holds})", old.size, new.size),
    );
    Ok(())
}

fn broken(error: impl std::fmt::Display) -> Failure {
    Failure::Check(error.to_string())
}

/// A platform with one phone that speaks by hand.
struct Bench {
    /// Keeps the platform going.
    _runtime: tokio::runtime::Runtime,
    _platform: fushan_platform::Running,
    transport: HttpTransport,
    device: DeviceId,
    token: String,
    key: SoftwareKey,
}

impl Bench {
    fn start(dir: &std::path::Path) -> Result<Self, Failure> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        write_district(&dir.join("district"))?;
        let config = Config {
            database: Some(dir.join("platform.db")),
            ..Config::new(dir.join("district"), dir.join("blobs"), ADMIN)
        };
        let platform = runtime.block_on(fushan_platform::start(config)).map_err(broken)?;
        let transport = HttpTransport::new(&platform.url(), HttpConfig::default()).map_err(broken)?;
        let now = UtcMillis(1_790_000_000_000);
        let mut bench = Self {
            _runtime: runtime,
            _platform: platform,
            transport,
            device: DeviceId::v7(now, [1; 10]),
            token: ADMIN.to_owned(),
            key: SoftwareKey::from_secret(&SecretKey::new([1; 32])).map_err(broken)?,
        };
        let code: Value = bench.ask("/admin/v1/codes", &json!({"staff": STAFF}))?;
        let code = code.get("code").cloned().unwrap_or_default();
        let incarnation = Incarnation::v7(now, [1; 10]);
        let request = json!({"code": code, "device": bench.device, "incarnation": incarnation, "app": "bench"});
        let reply: Value = bench.ask("/v1/enrol", &request)?;
        bench.token = reply
            .get("token")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        Ok(bench)
    }

    fn ask<T: DeserializeOwned>(&self, path: &str, message: &impl Serialize) -> Result<T, Failure> {
        let request = Request {
            method: Method::Post,
            path: path.to_owned(),
            headers: vec![("authorization", format!("Bearer {}", self.token))],
            body: serde_json::to_vec(message).map_err(broken)?,
        };
        let reply = self.transport.send(&request, &Cancel::new()).map_err(broken)?;
        serde_json::from_slice(&reply.body).map_err(broken)
    }

    /// A chain of captures as a phone would write it.
    fn entries(&self, count: u32) -> Result<Vec<SignedEntry>, Failure> {
        let spki = self.key.public_key().map_err(broken)?;
        let mut prev: Option<Named256> = None;
        let mut signed = Vec::new();
        for seq in 1..=count {
            let actor =
                json!({"staff": STAFF, "grid": "370611001901001", "device_key": key_digest(&spki), "attest": "c"});
            let link = match prev {
                None => json!({"of": "c", "seq": seq}),
                Some(prev) => json!({"of": "c", "seq": seq, "prev": prev}),
            };
            let at = "2026-09-01T00:00:00.000Z";
            let entry = if seq == 1 {
                json!({"typ": "grid.start", "v": 1, "id": "c", "reason": "first", "actor": actor, "at": at,
                    "key_kind": "software", "attestation": [], "chain": link})
            } else {
                let digest = format!("{seq:064x}");
                json!({"typ": "grid.capture", "v": 1, "id": format!("c{seq}"), "derived": [], "checks": [],
                    "media": {"sha256": digest, "sm3": digest, "bytes": 1000, "mime": "image/jpeg", "source": "app-camera"},
                    "subject": {"case": format!("case-{seq}"), "role": "near"}, "actor": actor, "env": {"app": "bench"},
                    "time": {"wall": at, "mono_ms": seq, "boot_id": "b"}, "chain": link,
                    "ph": {"dhash256": scattered(seq), "crops": [], "algo": "grid-dhash/1"}})
            };
            let manifest = canonical::text(&entry).map_err(broken)?;
            let digest = canonical::digest(&manifest);
            prev = Some(digest);
            signed.push(SignedEntry {
                signature: BASE64.encode(self.key.sign(&digest.0).map_err(broken)?),
                public_key: BASE64.encode(&spki),
                manifest,
            });
        }
        Ok(signed)
    }
}

/// Hashes far from each other, as different pictures have.
fn scattered(seq: u32) -> String {
    let mut word = u64::from(seq);
    let words = (0..4).map(|_| {
        word = (word ^ (word >> 30))
            .wrapping_add(0x9E37_79B9_7F4A_7C15)
            .wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word ^= word >> 27;
        format!("{word:016x}")
    });
    words.collect()
}
