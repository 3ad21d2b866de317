//! `bench`: the figures of the engine beside their limits, measured in one run. Not a test: nothing here fails.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use fushan_grid_core::app::{Engine, EngineConfig};
use fushan_grid_core::model::ids::RecordId;
use fushan_grid_core::model::record::{Kind, Record, Scope};
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::store::search::{SearchQuery, search};
use fushan_grid_core::store::{Store, StoreConfig, StoreError, pull, records};
use fushan_grid_core::wire::pull::PullLine;
use serde_json::{Value, json};

use crate::demo::Camera;
use crate::failure::Failure;
use crate::host::{FileKeys, env_at};
use crate::show::Screen;

const GRID: &str = "370611001901001";
/// Lines staged in one transaction, as a pull's replies would come.
const PAGE: u32 = 10_000;

/// Measures, and prints a table.
pub fn run(screen: &Screen, rows: u32) -> Result<ExitCode, Failure> {
    let scratch = tempfile::tempdir()?;
    let dir = scratch.path();
    FileKeys::at(&dir.join("harness.key")).ensure()?;
    let mut figures: Vec<(String, String)> = Vec::new();
    let mut note = |name: &str, value: String| {
        eprintln!("{name}: {value}");
        figures.push((name.to_owned(), value));
    };
    let made = people(rows);
    let plain = plain_insert(dir, &made)?;
    note("plain prepared insert, SQLCipher, rows/s", rate(rows, plain));
    let store = open(dir)?;
    let (staged, published) = first_fill(&store, &made)?;
    note("first fill: stage, rows/s", rate(rows, staged));
    note("first fill: publish with search index, rows/s", rate(rows, published));
    note("first fill: both, rows/s", rate(rows, staged + published));
    note(
        "increment of 450 rows, ms",
        format!("{:.1}", increment(&store, rows)? * 1e3),
    );
    let again = increment(&store, rows + 450)? * 1e3;
    note("the next increment of 450 rows, ms", format!("{again:.1}"));
    for text in ["测试", "ceshi", "cs", "测试甲77", "海棠社区12号楼", "4321", "不在这里"] {
        let (p50, p99, hits) = searched(&store, text)?;
        note(
            &format!("search {text} ({hits} on the page), ms p50 / p99"),
            format!("{p50:.2} / {p99:.2}"),
        );
    }
    drop(store);
    let begun = Instant::now();
    let store = open(dir)?;
    note(
        &format!("open with {rows} rows, ms"),
        format!("{:.1}", begun.elapsed().as_secs_f64() * 1e3),
    );
    let size = std::fs::metadata(dir.join("db/fushan.db"))?.len();
    note("database, MB", format!("{:.0}", size as f64 / 1e6));
    drop(store);
    for (name, value) in photo(dir)? {
        note(&name, value);
    }
    screen.show(&json!(figures), || {
        figures
            .iter()
            .map(|(n, v)| format!("{n:<58} {v:>18}"))
            .collect::<Vec<_>>()
            .join("\n")
    });
    Ok(ExitCode::SUCCESS)
}

fn rate(rows: u32, seconds: f64) -> String {
    format!("{:.0}", f64::from(rows) / seconds)
}

fn engine(error: StoreError) -> Failure {
    Failure::Engine(error.into())
}

fn open(dir: &Path) -> Result<Store, Failure> {
    let config = StoreConfig {
        dir: dir.join("db"),
        recovery_key: None,
        full_check: false,
    };
    Ok(Store::open(config, &env_at(dir)?).map_err(engine)?.0)
}

/// Registry rows of the usual size, about 450 bytes of JSON each.
fn people(rows: u32) -> Vec<PullLine> {
    let record = |n: u32| {
        let mut random = [0; 10];
        random.iter_mut().zip(n.to_be_bytes()).for_each(|(r, b)| *r = b);
        let body: Value = json!({
            "name": format!("测试{}{:02}", char::from_u32(0x4E00 + n % 4_000).unwrap_or('甲'), n % 100), "id_type": "111",
            "id_number": format!("370699{:08}{:04}", 19_500_101 + n % 50_000, n % 10_000), "sex": "1",
            "birth_date": "1964-09-12", "phone": format!("169{n:08}"), "reg_place": "370611",
            "live_place": "370611001901", "live_addr": format!("海棠社区{}号楼{}单元{}", n % 60, n % 4, n % 30),
            "grid_staff": "s_370611001901001", "verified_at": 1_790_000_000_000_i64, "source": "COLLECTED",
            "purpose": "实有人口登记", "legal_basis": "法定职责"
        });
        Record {
            id: RecordId::v7(UtcMillis(1_790_000_000_000 + i64::from(n)), random),
            kind: Kind::of("person"),
            grid: GRID.parse().ok(),
            rev: 1,
            state: String::new(),
            body: body.as_object().cloned().unwrap_or_default(),
            deleted: false,
        }
    };
    let scope = Scope(format!("grid:{GRID}"));
    (0..rows)
        .map(|n| PullLine::Put {
            scope: scope.clone(),
            seq: i64::from(n) + 1,
            record: record(n),
        })
        .collect()
}

/// The limit: the same rows by one prepared statement into a file of the same format, indexed by id and kind only.
fn plain_insert(dir: &Path, lines: &[PullLine]) -> Result<f64, Failure> {
    let failed = |e: rusqlite::Error| Failure::Check(e.to_string());
    let mut plain = rusqlite::Connection::open(dir.join("plain.db")).map_err(failed)?;
    plain
        .execute_batch(
            "PRAGMA key = \"x'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'\";
             PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -8000;
             CREATE TABLE record (row INTEGER PRIMARY KEY, id BLOB UNIQUE, kind TEXT, grid TEXT, rev INTEGER, body TEXT) STRICT;
             CREATE INDEX record_by_kind ON record (kind, id);",
        )
        .map_err(failed)?;
    let begun = Instant::now();
    for page in lines.chunks(PAGE as usize) {
        let transaction = plain.transaction().map_err(failed)?;
        let sql = "INSERT INTO record (id, kind, grid, rev, body) VALUES (?1, ?2, ?3, ?4, ?5)";
        let mut statement = transaction.prepare(sql).map_err(failed)?;
        for line in page {
            let PullLine::Put { record, .. } = line else { continue };
            let body = serde_json::to_string(&record.body).unwrap_or_default();
            statement
                .execute((record.id.bytes(), &record.kind.0, GRID, record.rev, body))
                .map_err(failed)?;
        }
        drop(statement);
        transaction.commit().map_err(failed)?;
    }
    Ok(begun.elapsed().as_secs_f64())
}

fn first_fill(store: &Store, lines: &[PullLine]) -> Result<(f64, f64), Failure> {
    let begun = Instant::now();
    for page in lines.chunks(PAGE as usize) {
        store.write(|w| pull::stage(w, page)).map_err(engine)?;
    }
    let staged = begun.elapsed().as_secs_f64();
    let scope = Scope(format!("grid:{GRID}"));
    let begun = Instant::now();
    store
        .write(|w| pull::publish(w, &scope, head(lines.len() as i64), UtcMillis(1)))
        .map_err(engine)?;
    Ok((staged, begun.elapsed().as_secs_f64()))
}

fn head(records: i64) -> pull::Head {
    pull::Head {
        epoch: 1,
        seq: records,
        count: records,
        digest: None,
    }
}

fn increment(store: &Store, rows: u32) -> Result<f64, Failure> {
    let lines: Vec<PullLine> = people(rows + 450).split_off(rows as usize);
    let scope = Scope(format!("grid:{GRID}"));
    let begun = Instant::now();
    store
        .write(|w| {
            pull::stage(w, &lines)?;
            pull::publish(w, &scope, head(i64::from(rows) + 450), UtcMillis(2))
        })
        .map_err(engine)?;
    let seconds = begun.elapsed().as_secs_f64();
    let count = store.read(|r| records::count(r, "person")).map_err(engine)?;
    if count != u64::from(rows) + 450 {
        return Err(Failure::Check(format!("{count} rows after the increment")));
    }
    Ok(seconds)
}

/// 200 searches for one page of 20: median and 99th percentile in milliseconds.
fn searched(store: &Store, text: &str) -> Result<(f64, f64, usize), Failure> {
    let query = SearchQuery {
        text: text.to_owned(),
        kind: None,
        after: None,
        limit: 20,
    };
    let mut times = Vec::new();
    let mut hits = 0;
    for _ in 0..200 {
        let begun = Instant::now();
        hits = store.read(|r| search(r, &query)).map_err(engine)?.items.len();
        times.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default();
    Ok((at(50), at(99), hits))
}

/// Intake of one photo (digest, vault, thumbnail, rows) beside `sha256sum` on the same file.
fn photo(dir: &Path) -> Result<Vec<(String, String)>, Failure> {
    let config = EngineConfig {
        dir: dir.join("db"),
        recovery_key: None,
        full_check: false,
    };
    let (engine, _) = Engine::open(config, env_at(dir)?)?;
    let person = json!({"name": "测试甲01"}).as_object().cloned().unwrap_or_default();
    let record = engine.registry_add("person", &GRID.parse()?, person)?.id;
    let mut camera = Camera::new(None)?.large();
    let place = crate::input::demo_point()?;
    let mut figures = Vec::new();
    let (mut bytes, mut seconds, mut sums) = (0, 0.0, 0.0);
    for n in 0..10 {
        let picture = camera
            .shoot(place, UtcMillis(1_790_000_000_000))
            .map_err(|e| Failure::Check(e.to_string()))?;
        let path = dir.join(format!("photo-{n}.jpg"));
        let mut file = std::fs::File::create(&path)?;
        file.write_all(&picture)?;
        file.sync_all()?;
        let begun = Instant::now();
        engine.evidence_add_file(record, &path, "near")?;
        seconds += begun.elapsed().as_secs_f64();
        let begun = Instant::now();
        std::process::Command::new("sha256sum").arg(&path).output()?;
        sums += begun.elapsed().as_secs_f64();
        bytes += picture.len();
    }
    let megabytes = bytes as f64 / 1e6;
    figures.push((
        "photo, 12 megapixels, MB".to_owned(),
        format!("{:.1}", megabytes / 10.0),
    ));
    figures.push((
        "photo intake with thumbnail, ms each".to_owned(),
        format!("{:.1}", seconds * 100.0),
    ));
    figures.push((
        "photo intake with thumbnail, MB/s".to_owned(),
        format!("{:.0}", megabytes / seconds),
    ));
    figures.push((
        "sha256sum on the same files, MB/s".to_owned(),
        format!("{:.0}", megabytes / sums),
    ));
    let kept = engine.sync_status()?.photos;
    figures.push((
        "photos and thumbnails kept".to_owned(),
        (kept.due + kept.stored).to_string(),
    ));
    Ok(figures)
}
