//! The phone itself: made, opened, enrolled, settled with the platform.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use fushan_grid_core::app::sync::{Budget, NetworkKind, SyncOutcome};
use fushan_grid_core::app::{Engine, EngineConfig};
use fushan_grid_core::model::blob::BlobHash;
use fushan_grid_core::model::fault::Fault;
use fushan_grid_core::platform::{Cancel, HttpConfig, HttpTransport};
use serde_json::json;

use crate::failure::Failure;
use crate::host::{FileKeys, env_at};
use crate::show::Screen;

/// Makes the phone's database.
pub fn init(screen: &Screen, data: &Path, recovery_key: Option<&str>) -> Result<ExitCode, Failure> {
    let recovery_key = recovery_key
        .map(|hex| BlobHash::from_hex(hex).map(|bytes| bytes.0))
        .transpose()
        .map_err(|_| Failure::Input(Fault::of("bad_argument").with("argument", "--recovery-key")))?;
    std::fs::create_dir_all(data)?;
    FileKeys::at(&data.join("harness.key")).ensure()?;
    let (_, report) = Engine::open(EngineConfig { dir: data.join("db"), recovery_key }, env_at(data)?)?;
    let document = json!({"created": report.created, "recovery_wrap": recovery_key.is_some()});
    screen.show(&document, || {
        let text = if report.created {
            screen.say("已建立加密数据库。", "The encrypted database is made.")
        } else {
            screen.say("数据库已存在,未作改动。", "The database was there already; nothing was changed.")
        };
        text.to_owned()
    });
    Ok(ExitCode::SUCCESS)
}

/// Opens the phone's database; `init` must have made it.
pub fn open(data: &Path) -> Result<Engine, Failure> {
    if !data.join("db").exists() {
        return Err(Failure::Input(Fault::of("not_initialised")));
    }
    let (engine, report) = Engine::open(EngineConfig { dir: data.join("db"), recovery_key: None }, env_at(data)?)?;
    if let Some(quarantine) = report.quarantined {
        eprintln!("db_corrupt: {quarantine:?}");
    }
    Ok(engine)
}

/// Enrols the phone.
pub fn enrol(screen: &Screen, data: &Path, url: &str, ca: Option<&Path>, code: &str) -> Result<ExitCode, Failure> {
    let engine = open(data)?;
    let transport = transport(url, ca)?;
    let staff = engine.enrol(&transport, url, code, &Cancel::new())?;
    let grids: Vec<_> = staff.grids.iter().map(ToString::to_string).collect();
    screen.show(&json!({"staff": staff.id, "roles": staff.roles, "grids": grids}), || {
        format!("{} {} · {} · {}", screen.say("已登记:", "Enrolled:"), staff.id, staff.roles.join(" "), grids.join(" "))
    });
    Ok(ExitCode::SUCCESS)
}

/// One synchronisation.
pub fn sync(screen: &Screen, data: &Path, budget_s: u32, ca: Option<&Path>) -> Result<ExitCode, Failure> {
    let engine = open(data)?;
    let url = engine.platform_url()?;
    let transport = transport(&url, ca)?;
    let budget = Budget::of(Duration::from_secs(budget_s.into()), None, NetworkKind::Unmetered);
    let progress = crate::show::Progress::start(screen);
    let report = engine.sync_once(&transport, budget, &progress, &Cancel::new())?;
    progress.finish();
    screen.show(&report.document(), || report.text(screen.lang));
    Ok(match report.outcome {
        SyncOutcome::Done if report.waits_for_person() => ExitCode::from(7),
        SyncOutcome::Done => ExitCode::SUCCESS,
        _ => ExitCode::from(6),
    })
}

fn transport(url: &str, ca: Option<&Path>) -> Result<HttpTransport, Failure> {
    let ca_pem = ca.map(std::fs::read).transpose()?;
    HttpTransport::new(url, HttpConfig { ca_pem, ..HttpConfig::default() })
        .map_err(|error| Failure::Engine(error.into()))
}
