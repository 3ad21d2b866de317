//! `bench-photos`: photo intake and the reuse check beside their limits, measured in one run. Not a test: nothing here fails.
//!
//! The limits are other people's programs on the same files: `sha256sum`, `openssl dgst -sm3`, and libvips making the same
//! thumbnail. One that is not installed is told as such.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use fushan_grid_core::app::{Engine, EngineConfig};
use fushan_grid_core::evidence::derive::{MEASURED, THUMBNAIL, thumbnail};
use fushan_grid_core::evidence::{Limits, decode, intake_file, open};
use fushan_grid_core::model::ids::RecordId;
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::rules::intake::look;
use fushan_grid_core::rules::likeness::{Hash64, Hash256, Pictured, ReuseIndex};
use serde_json::{Map, Value, json};

use crate::demo::Camera;
use crate::failure::Failure;
use crate::host::{FileKeys, env_at};
use crate::show::Screen;

const GRID: &str = "370611001901001";
/// Photos measured; each twice, the better time counting.
const PHOTOS: u32 = 10;

/// Measures, and prints a table.
pub fn run(screen: &Screen, hashes: u32, film: Option<&Path>) -> Result<ExitCode, Failure> {
    let scratch = tempfile::tempdir()?;
    let dir = scratch.path();
    FileKeys::at(&dir.join("harness.key")).ensure()?;
    let files = files(dir, film)?;
    let mut figures = Map::new();
    let mut note = |name: &str, value: String| {
        eprintln!("{name}: {value}");
        figures.insert(name.to_owned(), Value::from(value));
    };
    let bytes: u64 = files.iter().filter_map(|f| f.metadata().ok()).map(|m| m.len()).sum();
    let megabytes = bytes as f64 / 1e6;
    note("photos", format!("{} of {megabytes:.1} MB in all", files.len()));
    let each = |seconds: f64| {
        format!(
            "{:.1} ms each, {:.0} MB/s",
            seconds * 1e3 / files.len() as f64,
            megabytes / seconds
        )
    };
    let before = peak_kb("self");
    let vault = in_vault(dir, &files)?;
    note("vault with both digests, fsync included", each(vault));
    let small = small_pictures(dir, &files)?;
    note("decode, measure, hash, thumbnail", each(small));
    let begun = Instant::now();
    let engine = engine_at(dir)?;
    let record = person(&engine)?;
    note(
        "engine and record ready, ms",
        format!("{:.1}", begun.elapsed().as_secs_f64() * 1e3),
    );
    let whole = taken(&engine, record, &files)?;
    note("whole intake: vault, checks, signature, rows", each(whole));
    note(
        "memory: peak, and its growth over all this, MB",
        growth(before, peak_kb("self")),
    );
    let sha = outside(&files, "sha256sum", &[])?;
    let sm3 = outside(&files, "openssl", &["dgst", "-sm3"])?;
    note("limit: sha256sum", sha.map_or_else(missing, &each));
    note("limit: openssl dgst -sm3", sm3.map_or_else(missing, &each));
    let vips = vips(dir, &files)?;
    note(
        "limit: vipsthumbnail 320",
        vips.map_or_else(missing, |(seconds, kb)| {
            format!("{}, peak {:.0} MB", each(seconds), kb as f64 / 1e3)
        }),
    );
    if let (Some(sha), Some(sm3), Some((vips, _))) = (sha, sm3, vips) {
        note(
            "whole intake over thumbnail and digests (goal 1.3)",
            format!("{:.2}", whole / (sha + sm3 + vips)),
        );
        note(
            "vault, decode and thumbnail over the same",
            format!("{:.2}", (vault + small) / (sha + sm3 + vips)),
        );
    }
    for (name, bytes) in hostile()? {
        let begun = Instant::now();
        let outcome = decode(&|| Ok(Box::new(&bytes[..])), MEASURED).map_or("refused", |_| "decoded");
        let peak = peak_kb("self").unwrap_or(0) as f64 / 1e3;
        let (millis, kilobytes) = (begun.elapsed().as_secs_f64() * 1e3, bytes.len() / 1_000);
        note(
            &format!("hostile: {name}, {kilobytes} kB"),
            format!("{outcome} after {millis:.0} ms, peak so far {peak:.0} MB"),
        );
    }
    for (name, value) in reuse(hashes) {
        note(&name, value);
    }
    screen.show(&json!(figures), || "".to_owned());
    Ok(ExitCode::SUCCESS)
}

fn missing() -> String {
    "not installed".to_owned()
}

/// Twelve-megapixel photos on disk: those of a folder, or made ones.
fn files(dir: &Path, film: Option<&Path>) -> Result<Vec<PathBuf>, Failure> {
    let mut camera = Camera::new(film)?.large();
    let place = crate::input::demo_point()?;
    let mut files = Vec::new();
    for n in 0..PHOTOS {
        if film.is_some() && !camera.has_files() {
            break;
        }
        let shot = camera.shoot(place, UtcMillis(1_790_000_000_000));
        let path = dir.join(format!("photo-{n}.jpg"));
        let mut file = std::fs::File::create(&path)?;
        file.write_all(&shot.map_err(|e| Failure::Check(e.to_string()))?)?;
        file.sync_all()?;
        files.push(path);
    }
    Ok(files)
}

fn engine_at(dir: &Path) -> Result<Engine, Failure> {
    let config = EngineConfig {
        dir: dir.join("db"),
        recovery_key: None,
        full_check: false,
    };
    Ok(Engine::open(config, env_at(dir)?)?.0)
}

fn person(engine: &Engine) -> Result<RecordId, Failure> {
    let person = json!({"name": "测试甲01"}).as_object().cloned().unwrap_or_default();
    Ok(engine.registry_add("person", &GRID.parse()?, person)?.id)
}

/// Seconds for taking all photos into a vault, and nothing else.
fn in_vault(dir: &Path, files: &[PathBuf]) -> Result<f64, Failure> {
    let env = env_at(&dir.join("vault"))?;
    let begun = Instant::now();
    for file in files {
        intake_file(&*env.media, &*env.entropy, file, &Limits::default(), &|_| Ok(None))
            .map_err(fushan_grid_core::app::AppError::from)?;
    }
    Ok(begun.elapsed().as_secs_f64())
}

/// Seconds for all that is done on the pixels, out of the vault.
fn small_pictures(dir: &Path, files: &[PathBuf]) -> Result<f64, Failure> {
    let env = env_at(&dir.join("vault-2"))?;
    let app = fushan_grid_core::app::AppError::from;
    let mut kept = Vec::new();
    for file in files {
        kept.push(intake_file(&*env.media, &*env.entropy, file, &Limits::default(), &|_| Ok(None)).map_err(app)?);
    }
    let begun = Instant::now();
    for one in &kept {
        let reader = || -> Result<Box<dyn std::io::Read>, _> { Ok(Box::new(open(&*env.media, &one.hash, &one.key)?)) };
        let decoded = decode(&reader, MEASURED).map_err(app)?;
        if let Some(luma) = decoded.luma() {
            std::hint::black_box(look(&luma));
        }
        std::hint::black_box(thumbnail(&decoded, THUMBNAIL).map_err(app)?);
    }
    Ok(begun.elapsed().as_secs_f64())
}

/// Seconds for the use case as the app calls it.
fn taken(engine: &Engine, record: RecordId, files: &[PathBuf]) -> Result<f64, Failure> {
    let begun = Instant::now();
    for file in files {
        engine.evidence_add_file(record, file, "near")?;
    }
    Ok(begun.elapsed().as_secs_f64())
}

/// Seconds of an outside program over all files at once.
fn outside(files: &[PathBuf], program: &str, args: &[&str]) -> Result<Option<f64>, Failure> {
    let begun = Instant::now();
    let done = Command::new(program)
        .args(args)
        .args(files)
        .stdout(Stdio::null())
        .status();
    Ok(done
        .ok()
        .filter(|status| status.success())
        .map(|_| begun.elapsed().as_secs_f64()))
}

/// Seconds and peak memory of libvips making the same thumbnails, all in one process.
fn vips(dir: &Path, files: &[PathBuf]) -> Result<Option<(f64, u64)>, Failure> {
    let out = dir.join("vips-%s.jpg");
    let begun = Instant::now();
    let child = Command::new("vipsthumbnail")
        .args(["--size", "320x320", "-o"])
        .arg(format!("{}[Q=80]", out.display()))
        .args(files)
        .spawn();
    let Ok(mut child) = child else { return Ok(None) };
    let id = child.id().to_string();
    let mut peak = 0;
    let status = loop {
        peak = peak.max(peak_kb(&id).unwrap_or(0));
        if let Some(status) = child.try_wait()? {
            break status;
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    };
    Ok(status.success().then(|| (begun.elapsed().as_secs_f64(), peak)))
}

/// Peak resident memory of a process, where the system tells.
fn peak_kb(process: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

fn growth(before: Option<u64>, after: Option<u64>) -> String {
    match (before, after) {
        (Some(before), Some(after)) => format!(
            "{:.1}, {:.1}",
            after as f64 / 1e3,
            after.saturating_sub(before) as f64 / 1e3
        ),
        _ => "not told by this system".to_owned(),
    }
}

/// Small files that ask for much.
fn hostile() -> Result<Vec<(&'static str, Vec<u8>)>, Failure> {
    let scans = |count: usize| {
        let mut bytes = vec![0xFF, 0xD8, 0xFF, 0xDB, 0, 67, 0];
        bytes.extend([1; 64]);
        bytes.extend([0xFF, 0xC2, 0, 11, 8, 0x0F, 0xA0, 0x0F, 0xA0, 1, 1, 0x11, 0]);
        for class in [0, 0x10] {
            bytes.extend([0xFF, 0xC4, 0, 20, class, 1]);
            bytes.extend([0; 16]);
        }
        for _ in 0..count {
            bytes.extend([0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 0, 0, 0]);
        }
        bytes.extend([0xFF, 0xD9]);
        bytes
    };
    let mut flat = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(5_000, 5_000)
        .write_to(&mut flat, image::ImageFormat::Png)
        .map_err(|e| Failure::Check(e.to_string()))?;
    let mut claims = scans(1);
    if let Some(size) = claims.get_mut(76..80) {
        size.copy_from_slice(&[0xFF, 0xFF, 0xFF, 0xFF]);
    }
    Ok(vec![
        ("header of 65,535 x 65,535", claims),
        ("100 scans over 16 megapixels", scans(100)),
        ("300,000 scans", scans(300_000)),
        ("PNG of 25 megapixels of nothing", flat.into_inner()),
    ])
}

/// Numbers without pattern.
struct Mixed(u64);

impl Mixed {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

/// Look-ups among so many pictures, a thousandth of them asked again with a few bits changed.
fn reuse(count: u32) -> Vec<(String, String)> {
    let mut mixed = Mixed(7);
    let mut index = ReuseIndex::default();
    let mut asked: Vec<(u32, Pictured)> = Vec::new();
    let begun = Instant::now();
    for number in 0..count {
        let picture = Pictured {
            whole: Hash256(std::array::from_fn(|_| mixed.next())),
            crops: std::array::from_fn(|_| Hash64(mixed.next())),
            mirrors: std::array::from_fn(|_| Hash64(mixed.next())),
        };
        if number % 1_000 == 0 {
            asked.push((number, picture));
        }
        index.push(&picture);
    }
    index.settle();
    let built = begun.elapsed().as_secs_f64();
    for (_, picture) in &mut asked {
        for word in &mut picture.whole.0 {
            *word ^= 0b11_0111 << (mixed.next() % 58);
        }
    }
    let begun = Instant::now();
    let found = asked
        .iter()
        .filter(|(number, p)| index.same(p).iter().any(|(n, _)| n == number))
        .count();
    let same = asked.len() as f64 / begun.elapsed().as_secs_f64();
    let few: Vec<_> = asked.iter().take(200).collect();
    let begun = Instant::now();
    let hits: BTreeSet<u32> = few.iter().flat_map(|(_, p)| index.similar(p)).map(|(n, _)| n).collect();
    let similar = few.len() as f64 / begun.elapsed().as_secs_f64();
    std::hint::black_box(hits);
    vec![
        (
            format!("reuse index of {count} pictures, s to build"),
            format!("{built:.1}"),
        ),
        (
            "look-ups of the same picture (256 bits, radius 24) a second".to_owned(),
            format!("{same:.0}, {found} of {} found", asked.len()),
        ),
        (
            "look-ups of similar pictures (5 crops and mirror, radius 10) a second".to_owned(),
            format!("{similar:.0}"),
        ),
    ]
}
