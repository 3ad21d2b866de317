//! Figures of the phone's side, printed: first fills by file and by feed, bytes on the wire, an urgent incident over a thin link.
//! `cargo test --release -p fushan-suite --test figures_phone -- --ignored --nocapture --test-threads 1`
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    clippy::print_stdout
)]

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use fushan_grid_core::app::incident::NewIncident;
use fushan_grid_core::app::sync::{Budget, SyncOutcome, Unwatched};
use fushan_grid_core::app::{Engine, EngineConfig};
use fushan_grid_core::model::blob::BlobHash;
use fushan_grid_core::model::env::Clock;
use fushan_grid_core::model::geo::{Crs, Point};
use fushan_grid_core::model::ids::RecordId;
use fushan_grid_core::model::record::{Body, Kind, Record, Scope};
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::platform::{
    Cancel, HttpConfig, HttpTransport, Method, Request, Response, Transport, TransportError,
};
use fushan_grid_core::wire;
use fushan_grid_core::wire::digest::{Sum, canonical, hash_of};
use fushan_grid_core::wire::pull::{PullLine, PullRequest};
use fushan_grid_core::wire::scopes::SnapshotReply;
use fushan_suite::field::{Field, GRID, Phone};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

fn body(value: Value) -> Body {
    value.as_object().unwrap().clone()
}

/// A person of the usual size, about 450 bytes of JSON; ids ascend.
fn person(n: u32) -> Record {
    let mut random = [0; 10];
    random.iter_mut().zip(n.to_be_bytes()).for_each(|(r, b)| *r = b);
    let letter = char::from_u32(0x4E00 + n % 4_000).unwrap();
    Record {
        id: RecordId::v7(UtcMillis(1_790_000_000_000 + i64::from(n)), random),
        kind: Kind::of("person"),
        grid: GRID.parse().ok(),
        rev: 1,
        state: String::new(),
        body: body(json!({
            "birth_date": "1964-09-12", "grid_staff": "s_370611001901001",
            "id_number": format!("370699{:08}{:04}", 19_500_101 + n % 50_000, n % 10_000), "id_type": "111",
            "legal_basis": "法定职责", "live_addr": format!("海棠社区{}号楼{}单元{}", n % 60, n % 4, n % 30),
            "live_place": "370611001901", "name": format!("测试{letter}{:02}", n % 100), "phone": format!("169{n:08}"),
            "purpose": "实有人口登记", "reg_place": "370611", "sex": "1", "source": "COLLECTED",
            "verified_at": 1_790_000_000_000_i64
        })),
        deleted: false,
    }
}

/// A file of so many people, and what a platform would tell of it.
fn snapshot_file(folder: &std::path::Path, rows: u32) -> (PathBuf, SnapshotReply) {
    let path = folder.join(format!("{rows}.zst"));
    let file = BufWriter::new(File::create(&path).unwrap());
    let mut out = zstd::stream::write::Encoder::new(file, 3).unwrap();
    let mut digest = Sum::default();
    for record in (0..rows).map(person) {
        digest.add(hash_of(&record));
        let line = format!(
            r#"{{"id":"{}","kind":"person","grid":"{GRID}","rev":1,"body":{}}}"#,
            record.id,
            canonical(&record.body)
        );
        writeln!(out, "{line}").unwrap();
    }
    out.finish().unwrap().flush().unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let sha256 = BlobHash(Sha256::digest(&bytes).into());
    let told = SnapshotReply {
        path: format!("/v1/snapshots/{}", sha256.hex()),
        sha256,
        bytes: bytes.len() as u64,
        epoch: 1,
        seq: i64::from(rows),
        count: u64::from(rows),
        digest,
    };
    (path, told)
}

/// A real platform whose grid holds so many people, given by file or by feed; everything else it answers itself.
struct Crowded {
    real: HttpTransport,
    rows: u32,
    told: SnapshotReply,
    file: Option<PathBuf>,
}

/// Records of one reply of the feed: what fits into 8 MiB.
const PAGE: u32 = 12_000;

impl Crowded {
    fn reply(status: u16, media: &str, body: Vec<u8>) -> Response {
        Response {
            status,
            headers: BTreeMap::from([("content-type".to_owned(), media.to_owned())]),
            body,
        }
    }

    fn part(&self, path: &std::path::Path, request: &Request) -> Response {
        let range = request.headers.iter().find(|(name, _)| *name == "range").unwrap();
        let (first, last) = range.1.strip_prefix("bytes=").unwrap().split_once('-').unwrap();
        let (first, last): (u64, u64) = (first.parse().unwrap(), last.parse().unwrap());
        let mut file = File::open(path).unwrap();
        file.seek(SeekFrom::Start(first)).unwrap();
        let mut bytes = Vec::new();
        file.take(last + 1 - first).read_to_end(&mut bytes).unwrap();
        let mut reply = Self::reply(206, wire::ZSTD, bytes);
        let range = format!("bytes {first}-{last}/{}", self.told.bytes);
        reply.headers.insert("content-range".to_owned(), range);
        reply
    }

    /// The lines from the grid's cursor on; other scopes have nothing new.
    fn pull(&self, request: &Request) -> Response {
        let asked: PullRequest = serde_json::from_slice(&request.body).unwrap();
        let mut lines = Vec::new();
        let mut say = |line: &PullLine| {
            serde_json::to_writer(&mut lines, line).unwrap();
            lines.push(b'\n');
        };
        for cursor in &asked.scopes {
            let grid = cursor.scope == Scope(format!("grid:{GRID}"));
            let rows = if grid { self.rows } else { 0 };
            let since = if cursor.epoch == 1 {
                u32::try_from(cursor.since).unwrap()
            } else {
                0
            };
            let until = (since + PAGE).min(rows);
            for n in since..until {
                say(&PullLine::Put {
                    scope: cursor.scope.clone(),
                    seq: i64::from(n) + 1,
                    record: person(n),
                });
            }
            let digest = if grid { self.told.digest } else { Sum::default() };
            say(&PullLine::ScopeDone {
                scope: cursor.scope.clone(),
                epoch: 1,
                seq: i64::from(until.max(since)),
                count: i64::from(rows),
                complete: until >= rows,
                digest: Some(digest),
            });
        }
        say(&PullLine::End {
            server_time: UtcMillis(1_795_000_000_000),
        });
        Self::reply(200, wire::NDJSON, lines)
    }
}

impl Transport for Crowded {
    fn send(&self, request: &Request, cancel: &Cancel) -> Result<Response, TransportError> {
        let refused = || Self::reply(404, wire::JSON, br#"{"error":{"code":"no_snapshot"}}"#.to_vec());
        let wanted = format!("/v1/snapshot/grid:{GRID}");
        match (request.path.as_str(), &self.file) {
            ("/v1/pull", _) => Ok(self.pull(request)),
            (path, Some(_)) if path == wanted => {
                let told = serde_json::to_vec(&self.told).unwrap();
                Ok(Self::reply(200, wire::JSON, told))
            }
            (path, Some(file)) if path.starts_with("/v1/snapshots/") => Ok(self.part(file, request)),
            (path, _) if path.starts_with("/v1/snapshot") => Ok(refused()),
            _ => self.real.send(request, cancel),
        }
    }
}

/// Largest memory of this process so far, in MB; with `forget` the count begins anew.
fn peak_mb(forget: bool) -> f64 {
    if forget {
        std::fs::write("/proc/self/clear_refs", "5").unwrap();
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|l| l.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}

/// The longest that a worker who saves something meanwhile has to wait.
fn worst_save(engine: &Engine, over: &AtomicBool) -> (Duration, u32) {
    let (mut worst, mut saves) = (Duration::ZERO, 0);
    while !over.load(Ordering::SeqCst) {
        let begun = Instant::now();
        let fields = body(json!({"name": "现场新建", "phone": "16900001111"}));
        engine.registry_add("person", &GRID.parse().unwrap(), fields).unwrap();
        worst = worst.max(begun.elapsed());
        saves += 1;
        std::thread::sleep(Duration::from_millis(50));
    }
    (worst, saves)
}

fn fill(rows: u32, by_file: bool) {
    let field = Field::start().unwrap();
    let (file, told) = snapshot_file(field.dir.path(), rows);
    let phone = Phone::at(&field.dir.path().join("phone"), &field.platform.url(), 1).unwrap();
    let code = field.code(&format!("s_{GRID}")).unwrap();
    let url = field.platform.url();
    phone
        .engine
        .enrol(&phone.transport, &url, &code, &Cancel::new())
        .unwrap();
    let crowded = Crowded {
        real: HttpTransport::new(&url, HttpConfig::default()).unwrap(),
        rows,
        told,
        file: by_file.then_some(file),
    };
    let before = peak_mb(true);
    let over = AtomicBool::new(false);
    let (took, (worst, saves)) = std::thread::scope(|threads| {
        let saving = threads.spawn(|| worst_save(&phone.engine, &over));
        let begun = Instant::now();
        let report = phone
            .engine
            .sync_once(
                &crowded,
                Budget::time(Duration::from_secs(3_600)),
                &Unwatched,
                &Cancel::new(),
            )
            .unwrap();
        let took = begun.elapsed();
        over.store(true, Ordering::SeqCst);
        assert_eq!(report.outcome, SyncOutcome::Done, "{report:?}");
        (took, saving.join().unwrap())
    });
    let peak = peak_mb(false);
    let status = phone.engine.sync_status().unwrap();
    let grid = status.followed.iter().find(|s| s.scope.0.ends_with(GRID)).unwrap();
    assert!(grid.sound && grid.count == i64::from(rows), "{grid:?}");
    println!(
        "{rows} records by {}: {:.2} s, {:.0} rows/s, peak {peak:.0} MB (before {before:.0}), longest wait of {saves} saves {} ms",
        if by_file { "snapshot" } else { "feed" },
        took.as_secs_f64(),
        f64::from(rows) / took.as_secs_f64(),
        worst.as_millis()
    );
}

#[test]
#[ignore = "a measurement"]
fn first_fill_by_snapshot_and_by_feed() {
    for rows in [450, 40_000, 436_000] {
        for by_file in [true, false] {
            fill(rows, by_file);
        }
    }
}

/// A link that counts what would travel.
struct Counted {
    real: HttpTransport,
    bodies: Mutex<Vec<Vec<u8>>>,
}

impl Transport for Counted {
    fn send(&self, request: &Request, cancel: &Cancel) -> Result<Response, TransportError> {
        if request.path == "/v1/push" {
            self.bodies.lock().unwrap().push(request.body.clone());
        }
        self.real.send(request, cancel)
    }
}

#[test]
#[ignore = "a measurement"]
fn bytes_of_a_thousand_edits_of_one_field() {
    let field = Field::start_with(|config| config.requests_per_minute = 0).unwrap();
    let phone = field.phone(&format!("s_{GRID}")).unwrap();
    let grid = GRID.parse().unwrap();
    let ids: Vec<RecordId> = (0..1_000)
        .map(|n| {
            let mut fields = person(n).body;
            // made-up numbers have no check digit
            fields.retain(|name, _| !name.starts_with("id_"));
            phone.engine.registry_add("person", &grid, fields).unwrap().id
        })
        .collect();
    phone.sync().unwrap();
    for (n, id) in ids.iter().enumerate() {
        let set = body(json!({"phone": format!("168{n:08}")}));
        phone.engine.registry_change(*id, set).unwrap();
    }
    let counted = Counted {
        real: HttpTransport::new(&field.platform.url(), HttpConfig::default()).unwrap(),
        bodies: Mutex::default(),
    };
    let budget = Budget::time(Duration::from_secs(600));
    let begun = Instant::now();
    let report = phone
        .engine
        .sync_once(&counted, budget, &Unwatched, &Cancel::new())
        .unwrap();
    assert_eq!(report.taken, 1_000, "{report:?}");
    let bodies = counted.bodies.into_inner().unwrap();
    let sum = |size: &dyn Fn(&[u8]) -> usize| bodies.iter().map(|b| size(b)).sum::<usize>();
    let gzip = |bytes: &[u8]| {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        out.write_all(bytes).unwrap();
        out.finish().unwrap().len()
    };
    println!(
        "1,000 edits of one field in {} pushes: plain {} bytes, gzip {}, zstd {} up; settled in {:.2} s",
        bodies.len(),
        sum(&|b| b.len()),
        sum(&gzip),
        sum(&|b| zstd::encode_all(b, 3).unwrap().len()),
        begun.elapsed().as_secs_f64()
    );
}

/// A clock that only the link moves.
struct LinkClock(AtomicI64);

impl Clock for LinkClock {
    fn wall(&self) -> UtcMillis {
        UtcMillis(self.0.load(Ordering::SeqCst))
    }
    fn monotonic_ms(&self) -> u64 {
        u64::try_from(self.wall().0).unwrap()
    }
    fn boot_id(&self) -> String {
        "link".into()
    }
}

const LINK_BITS_A_SECOND: i64 = 20_000;
const ROUND_TRIP_MS: i64 = 600;
/// When the urgent incident happens, after the beginning of the run.
const HAPPENS_MS: i64 = 60_000;

/// A link of 20 kbit/s each way, by the phone's own clock; after a minute something urgent happens.
struct Thin<'a> {
    real: HttpTransport,
    engine: &'a Engine,
    clock: &'a LinkClock,
    begun: i64,
    /// The urgent incident and when it was submitted.
    urgent: Mutex<Option<(RecordId, i64)>>,
    accepted: AtomicI64,
    photo_bytes: AtomicU64,
}

impl Thin<'_> {
    fn happens(&self) {
        let now = self.clock.wall().0;
        let mut urgent = self.urgent.lock().unwrap();
        if urgent.is_none() && now - self.begun >= HAPPENS_MS {
            let id = submitted(self.engine, URGENT, 900);
            *urgent = Some((id, now));
        }
    }
}

impl Transport for Thin<'_> {
    fn send(&self, request: &Request, cancel: &Cancel) -> Result<Response, TransportError> {
        self.happens();
        // as the real transport packs it
        let packed = match request.method {
            Method::Patch => request.body.len(),
            _ => zstd::encode_all(request.body.as_slice(), 3).unwrap().len(),
        };
        let reply = self.real.send(request, cancel)?;
        let down = zstd::encode_all(reply.body.as_slice(), 3).unwrap().len();
        let bytes = i64::try_from(packed + down).unwrap() + 400;
        self.clock
            .0
            .fetch_add(ROUND_TRIP_MS + bytes * 8_000 / LINK_BITS_A_SECOND, Ordering::SeqCst);
        if request.method == Method::Patch {
            self.photo_bytes.fetch_add(request.body.len() as u64, Ordering::SeqCst);
        }
        let told = self.urgent.lock().unwrap().map(|(id, _)| id.to_string());
        if let (Some(id), "/v1/push") = (told, request.path.as_str())
            && String::from_utf8_lossy(&request.body).contains(&id)
        {
            self.accepted.store(self.clock.wall().0, Ordering::SeqCst);
            cancel.cancel();
        }
        Ok(reply)
    }
}

/// A category whose incidents are urgent, and an ordinary one.
const URGENT: &str = "A01.01";
const ORDINARY: &str = "A01.03";

fn submitted(engine: &Engine, category: &str, seed: u32) -> RecordId {
    let incident = NewIncident {
        category: category.into(),
        title: "楼道堆物".into(),
        description: "占用通道".into(),
        point: Point::from_degrees(121.264, 37.502, Crs::Wgs84).unwrap(),
        accuracy_m: None,
        severity: "GENERAL".into(),
        found_at: None,
    };
    let id = engine.incident_draft(incident).unwrap();
    for (n, role) in (0..).zip(["near", "far"]) {
        engine.evidence_add(id, picture(seed * 2 + n).as_slice(), role).unwrap();
    }
    engine.incident_submit(id).unwrap();
    id
}

fn picture(seed: u32) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_fn(1_280, 960, |x, y| {
        let mix = (x ^ y)
            .wrapping_mul(2_654_435_761)
            .wrapping_add(seed.wrapping_mul(40_503))
            >> 13;
        image::Rgb([(x / 5 + mix % 40) as u8, (y / 4 + seed) as u8, (mix % 60) as u8])
    })
    .write_to(&mut bytes, image::ImageFormat::Jpeg)
    .unwrap();
    bytes.into_inner()
}

#[test]
#[ignore = "a measurement"]
fn an_urgent_incident_over_a_thin_link_with_two_hundred_photos_waiting() {
    let field = Field::start_with(|config| config.requests_per_minute = 0).unwrap();
    let dir = field.dir.path().join("phone");
    let begun = 1_795_000_000_000;
    let clock = Arc::new(LinkClock(AtomicI64::new(begun)));
    let mut env = Phone::env_at(&dir, 1).unwrap();
    env.clock = Arc::clone(&clock) as Arc<dyn Clock>;
    let config = EngineConfig {
        dir: dir.join("db"),
        recovery_key: None,
        full_check: false,
    };
    let (engine, _) = Engine::open(config, env).unwrap();
    let url = field.platform.url();
    let near = HttpTransport::new(&url, HttpConfig::default()).unwrap();
    let code = field.code(&format!("s_{GRID}")).unwrap();
    engine.enrol(&near, &url, &code, &Cancel::new()).unwrap();
    let budget = Budget::time(Duration::from_secs(100 * 3_600));
    engine.sync_once(&near, budget, &Unwatched, &Cancel::new()).unwrap();
    for n in 0..100 {
        submitted(&engine, ORDINARY, n);
    }
    let waiting = engine.sync_status().unwrap().photos;
    let thin = Thin {
        real: near,
        engine: &engine,
        clock: &clock,
        begun: clock.wall().0,
        urgent: Mutex::default(),
        accepted: AtomicI64::new(0),
        photo_bytes: AtomicU64::new(0),
    };
    let report = engine.sync_once(&thin, budget, &Unwatched, &Cancel::new()).unwrap();
    let (id, at) = thin.urgent.lock().unwrap().expect("nothing urgent happened");
    let accepted = thin.accepted.load(Ordering::SeqCst);
    assert!(accepted > at, "{report:?}");
    let stored = field.operate(&format!("/admin/v1/records/{id}"), &Value::Null).unwrap();
    assert_eq!(stored["state"], "REPORTED");
    println!(
        "urgent incident over {} kbit/s with {} photos ({:.1} MB) waiting: accepted {:.1} s after it was submitted; {} kB of photos had gone before",
        LINK_BITS_A_SECOND / 1_000,
        waiting.due,
        waiting.bytes_due as f64 / 1e6,
        (accepted - at) as f64 / 1e3,
        thin.photo_bytes.load(Ordering::SeqCst) / 1_000
    );
}
