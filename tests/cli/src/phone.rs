//! The phone itself: made, opened, enrolled, settled with the platform.

use std::path::Path;
use std::process::ExitCode;

use fushan_grid_core::app::sync::{SyncOutcome, SyncReport, renew_lease};
use fushan_grid_core::app::{Engine, EngineConfig};
use fushan_grid_core::model::blob::BlobHash;
use fushan_grid_core::model::fault::Fault;
use fushan_grid_core::platform::{Cancel, HttpConfig, HttpTransport};
use serde_json::json;

use crate::failure::Failure;
use crate::host::{FileKeys, env_at};
use crate::settle::BudgetArgs;
use crate::show::Screen;

/// Makes the phone's database.
pub fn init(screen: &Screen, data: &Path, recovery_key: Option<&str>) -> Result<ExitCode, Failure> {
    let recovery_key = recovery_key
        .map(|hex| BlobHash::from_hex(hex).map(|bytes| bytes.0))
        .transpose()
        .map_err(|_| Failure::Input(Fault::of("bad_argument").with("argument", "--recovery-key")))?;
    std::fs::create_dir_all(data)?;
    FileKeys::at(&data.join("harness.key")).ensure()?;
    let (engine, report) = Engine::open(config(data, recovery_key, false), env_at(data)?)?;
    // a signing key without its database: the app's data were lost, and the new evidence chain must say so
    if report.created && data.join("signing.key").exists() {
        engine.evidence_reinstalled()?;
    }
    let document = json!({"created": report.created, "recovery_wrap": recovery_key.is_some()});
    screen.show(&document, || {
        let text = if report.created {
            screen.say("已建立加密数据库。", "The encrypted database is made.")
        } else {
            screen.say(
                "数据库已存在,未作改动。",
                "The database was there already; nothing was changed.",
            )
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
    let (engine, report) = Engine::open(config(data, None, false), env_at(data)?)?;
    if let Some(quarantine) = report.quarantined {
        eprintln!("db_corrupt: {quarantine:?}");
    }
    Ok(engine)
}

/// Checks every page of the database; a damaged one is set aside and its unsent work carried over.
pub fn repair(screen: &Screen, data: &Path) -> Result<ExitCode, Failure> {
    let (_, report) = Engine::open(config(data, None, true), env_at(data)?)?;
    let set_aside = report.quarantined;
    let document = set_aside
        .as_ref()
        .map(|q| json!({"file": q.file, "operations": q.operations, "photos": q.photos, "unreadable": q.unreadable}));
    screen.show(&json!({"quarantined": document}), || match &set_aside {
        None => screen.say("数据库完好。", "The database is sound.").to_owned(),
        Some(q) => format!(
            "{} {}: {} {}, {} {}, {} {}",
            screen.say("损坏的文件已另存为", "the damaged file was kept as"),
            q.file,
            screen.say("操作", "operations"),
            q.operations,
            screen.say("照片", "photos"),
            q.photos,
            screen.say("读不出", "unreadable"),
            q.unreadable
        ),
    });
    Ok(ExitCode::SUCCESS)
}

fn config(data: &Path, recovery_key: Option<[u8; 32]>, full_check: bool) -> EngineConfig {
    EngineConfig {
        dir: data.join("db"),
        recovery_key,
        full_check,
    }
}

/// Enrols the phone.
pub fn enrol(screen: &Screen, data: &Path, url: &str, ca: Option<&Path>, code: &str) -> Result<ExitCode, Failure> {
    let engine = open(data)?;
    let transport = transport(url, ca)?;
    let staff = engine.enrol(&transport, url, code, &Cancel::new())?;
    let grids: Vec<_> = staff.grids.iter().map(ToString::to_string).collect();
    screen.show(
        &json!({"staff": staff.id, "roles": staff.roles, "grids": grids}),
        || {
            format!(
                "{} {} · {} · {}",
                screen.say("已登记:", "Enrolled:"),
                staff.id,
                staff.roles.join(" "),
                grids.join(" ")
            )
        },
    );
    Ok(ExitCode::SUCCESS)
}

/// One synchronisation.
pub fn sync(screen: &Screen, data: &Path, budget: &BudgetArgs, ca: Option<&Path>) -> Result<ExitCode, Failure> {
    let engine = open(data)?;
    let url = engine.platform_url()?;
    let transport = transport(&url, ca)?;
    let bar = crate::show::Bar::start(screen);
    let report = engine.sync_once(&transport, budget.budget(), &bar, &Cancel::new());
    bar.finish();
    let report = report?;
    screen.show(&json!(report), || report_text(screen, &report));
    Ok(match report.outcome {
        SyncOutcome::Done if report.waits_for_person() => ExitCode::from(7),
        SyncOutcome::Done => ExitCode::SUCCESS,
        _ => ExitCode::from(6),
    })
}

/// A run in words.
pub fn report_text(screen: &Screen, report: &SyncReport) -> String {
    let outcome = match &report.outcome {
        SyncOutcome::Done => screen.say("同步完成", "settled").to_owned(),
        SyncOutcome::Cancelled => screen.say("已取消", "cancelled").to_owned(),
        SyncOutcome::Busy => screen.say("已有同步在进行", "another run is under way").to_owned(),
        SyncOutcome::Waiting => screen.say("等待重试时间", "waits for the next attempt").to_owned(),
        SyncOutcome::NeedsUpgrade { code } => format!(
            "{} [{code}]",
            screen.say("请升级应用,工作已保留", "upgrade the app; work is kept")
        ),
        SyncOutcome::Wiped { sealed: true } => screen
            .say("已远程清除,未送达的工作已封存", "wiped; unsent work is sealed")
            .to_owned(),
        SyncOutcome::Wiped { sealed: false } => screen.say("已远程清除", "wiped").to_owned(),
        SyncOutcome::Budget => screen.say("时间用完,下次继续", "out of time, more to do").to_owned(),
        SyncOutcome::Offline { code } => format!(
            "{} [{code}]",
            screen.say("未能连上平台,工作已保留", "no platform; work is kept")
        ),
        SyncOutcome::Locked { code } => format!("{} [{code}]", screen.say("平台不接受本机凭证", "credentials refused")),
    };
    format!(
        "{outcome}: {} {} · {} {} · {} {} · {} {} · {} {} · ↑ {} B · ↓ {} B · {} ms",
        screen.say("已接收", "taken"),
        report.taken,
        screen.say("冲突", "conflicts"),
        report.conflicts,
        screen.say("被拒", "refused"),
        report.refused,
        screen.say("拉取", "pulled"),
        report.pulled,
        screen.say("照片", "photos"),
        report.photos_stored,
        report.bytes_up,
        report.bytes_down,
        report.duration_ms
    )
}

/// Unlocks a phone whose lease has run out.
pub fn unlock(screen: &Screen, data: &Path, url: &str, ca: Option<&Path>, code: &str) -> Result<ExitCode, Failure> {
    let transport = transport(url, ca)?;
    let env = env_at(data)?;
    renew_lease(&data.join("db"), &env, &transport, code, &Cancel::new())?;
    open(data)?;
    screen.show(&json!({"unlocked": true}), || {
        screen.say("已解锁。", "Unlocked.").to_owned()
    });
    Ok(ExitCode::SUCCESS)
}

/// The way to the platform.
pub fn transport(url: &str, ca: Option<&Path>) -> Result<HttpTransport, Failure> {
    let ca_pem = ca.map(std::fs::read).transpose()?;
    HttpTransport::new(
        url,
        HttpConfig {
            ca_pem,
            ..HttpConfig::default()
        },
    )
    .map_err(|error| Failure::Engine(error.into()))
}
