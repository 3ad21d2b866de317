//! `evidence`: how a photo was taken, and what is done with it later: show, log, redact, keep, delete, keys, chain.

use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use fushan_grid_core::app::Engine;
use fushan_grid_core::app::evidence::{CaptureContext, Copy};
use fushan_grid_core::app::messages::message;
use fushan_grid_core::evidence::derive::Area;
use fushan_grid_core::model::blob::BlobHash;
use fushan_grid_core::model::fault::Fault;
use fushan_grid_core::model::geo::Crs;
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::wire::manifest::{Check, Fix, Origin, Source, Verdict, decimal};
use serde_json::json;

use crate::failure::Failure;
use crate::show::Screen;

/// What the app would know when a photo is taken.
#[derive(Debug, Args)]
pub struct CaptureArgs {
    /// How the bytes came.
    #[arg(long, value_enum, default_value = "import")]
    source: SourceArg,
    /// The checklist item asks for a photo of the app's own camera: anything else is flagged.
    #[arg(long)]
    camera_only: bool,
    /// Digest that the camera's pipeline computed; other bytes are refused.
    #[arg(long, value_name = "HEX")]
    camera_sha256: Option<String>,
    /// Step of the case, such as `dispose`.
    #[arg(long)]
    step: Option<String>,
    /// Item of the checklist.
    #[arg(long)]
    item: Option<String>,
    /// Digest of the checklist, `sha256:…`.
    #[arg(long)]
    form: Option<String>,
    /// Latitude of the fix in degrees.
    #[arg(long, requires_all = ["lon", "crs"], allow_negative_numbers = true)]
    lat: Option<f64>,
    /// Longitude of the fix in degrees.
    #[arg(long, requires = "lat", allow_negative_numbers = true)]
    lon: Option<f64>,
    /// Reference system of the fix; there is no default.
    #[arg(long)]
    crs: Option<String>,
    /// Accuracy of the fix in metres.
    #[arg(long)]
    accuracy: Option<f64>,
    /// Age of the fix in milliseconds.
    #[arg(long, default_value_t = 0)]
    fix_age_ms: u64,
    /// Who positioned.
    #[arg(long, default_value = "gnss")]
    provider: String,
    /// The system says that the position is a mock.
    #[arg(long)]
    mock: bool,
    /// Time of the satellites, RFC 3339.
    #[arg(long)]
    gnss: Option<String>,
    /// Operating system, as the phone names itself.
    #[arg(long, default_value = "")]
    os: String,
    /// Model of the phone.
    #[arg(long, default_value = "")]
    model: String,
    /// Make an upload-sized copy.
    #[arg(long, value_enum, default_value = "none")]
    copy: CopyArg,
}

#[derive(Debug, Clone, ValueEnum)]
enum SourceArg {
    Camera,
    Gallery,
    Import,
}

#[derive(Debug, Clone, ValueEnum)]
enum CopyArg {
    None,
    Plain,
    Stamped,
}

fn bad(argument: &str) -> Failure {
    Failure::Input(Fault::of("bad_argument").with("argument", argument))
}

impl CaptureArgs {
    /// The circumstances as the engine wants them.
    pub fn context(&self, role: &str) -> Result<CaptureContext, Failure> {
        let read = |text: &Option<String>, name: &str| {
            let time = text.as_deref().map(UtcMillis::parse_rfc3339);
            time.map(|t| t.ok_or_else(|| bad(name))).transpose()
        };
        let form = self.form.as_deref().map(str::parse).transpose();
        Ok(CaptureContext {
            role: role.to_owned(),
            step: self.step.clone(),
            form: form.map_err(|_| bad("--form"))?,
            item: self.item.clone(),
            source: match self.source {
                SourceArg::Camera => Source::AppCamera,
                SourceArg::Gallery => Source::Gallery,
                SourceArg::Import => Source::Import,
            },
            gallery_allowed: !self.camera_only,
            camera_sha256: self.camera_sha256.as_deref().map(BlobHash::from_hex).transpose()?,
            fix: self.fix()?,
            gnss: read(&self.gnss, "--gnss")?,
            origin: Origin {
                os: self.os.clone(),
                model: self.model.clone(),
                ..Origin::default()
            },
            copy: match self.copy {
                CopyArg::None => Copy::None,
                CopyArg::Plain => Copy::Plain,
                CopyArg::Stamped => Copy::Stamped,
            },
        })
    }

    fn fix(&self) -> Result<Option<Fix>, Failure> {
        let (Some(lat), Some(lon)) = (self.lat, self.lon) else {
            return Ok(None);
        };
        let fix = Fix {
            lat: decimal(lat, 7).ok_or_else(|| bad("--lat"))?,
            lon: decimal(lon, 7).ok_or_else(|| bad("--lon"))?,
            crs: Crs::from_tag(self.crs.as_deref())?,
            acc_m: self.accuracy.and_then(|m| decimal(m, 1)),
            alt_m: None,
            speed_mps: None,
            bearing_deg: None,
            provider: self.provider.clone(),
            fix_age_ms: self.fix_age_ms,
            mock: self.mock,
            sats_used: None,
        };
        // a place off the globe is a wrong command line, not evidence
        fix.point().ok_or_else(|| bad("--lat, --lon"))?;
        Ok(Some(fix))
    }
}

/// What is done with a photo later.
#[derive(Debug, Subcommand)]
pub enum CustodyCommand {
    /// Show a photo's signed manifest, its checks, and the platform's receipt.
    Show {
        /// Digest of the photo.
        photo: String,
    },
    /// Show who had a photo in hands since, and what they did.
    Log {
        /// Digest of the photo.
        photo: String,
    },
    /// Make a copy with black areas; the original stays.
    Redact {
        /// Digest of the photo.
        photo: String,
        /// An area in pixels of the upright picture: `X,Y,WIDTH,HEIGHT`. Once for each.
        #[arg(long = "area", required = true)]
        areas: Vec<String>,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// Say until when a photo must be kept.
    Retain {
        /// Digest of the photo.
        photo: String,
        /// RFC 3339.
        #[arg(long)]
        until: String,
    },
    /// Delete a photo's bytes from this phone once the platform has them; manifest and log stay.
    Delete {
        /// Digest of the photo.
        photo: String,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// Walk over this phone's own evidence chain: every signature, every link.
    Chain,
    /// The signing key.
    #[command(subcommand)]
    Key(KeyCommand),
}

/// What is done with the signing key.
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Change it: an entry signed by the old key names the new one.
    Rotate {
        /// Why.
        #[arg(long)]
        reason: Option<String>,
    },
}

/// Carries a command out.
pub fn run(screen: &Screen, engine: &Engine, command: &CustodyCommand) -> Result<ExitCode, Failure> {
    match command {
        CustodyCommand::Show { photo } => show(screen, engine, photo.parse()?),
        CustodyCommand::Log { photo } => log(screen, engine, photo.parse()?),
        CustodyCommand::Redact { photo, areas, reason } => {
            let areas = areas.iter().map(|a| area(a)).collect::<Result<Vec<_>, _>>()?;
            let made = engine.evidence_redact(photo.parse()?, &areas, reason)?;
            screen.show(&json!(made), || {
                format!("sha256:{}  {}x{}  {}", made.sha256, made.w, made.h, made.op)
            });
            Ok(ExitCode::SUCCESS)
        }
        CustodyCommand::Retain { photo, until } => {
            let time = UtcMillis::parse_rfc3339(until).ok_or_else(|| bad("--until"))?;
            engine.evidence_retain(photo.parse()?, time)?;
            screen.show(&json!({"until": time.to_string()}), || time.to_string());
            Ok(ExitCode::SUCCESS)
        }
        CustodyCommand::Delete { photo, reason } => {
            engine.evidence_delete(photo.parse()?, reason)?;
            screen.show(&json!({"deleted": photo}), || format!("- {photo}"));
            Ok(ExitCode::SUCCESS)
        }
        CustodyCommand::Chain => chain(screen, engine),
        CustodyCommand::Key(KeyCommand::Rotate { reason }) => {
            let key = engine.evidence_rotate_key(reason.as_deref())?;
            screen.show(&json!({"key": key}), || key.to_string());
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// `X,Y,WIDTH,HEIGHT`.
fn area(text: &str) -> Result<Area, Failure> {
    let parts: Vec<u32> = text.split(',').filter_map(|part| part.trim().parse().ok()).collect();
    match (parts.as_slice(), text.matches(',').count()) {
        ([x, y, w, h], 3) => Ok(Area {
            x: *x,
            y: *y,
            w: *w,
            h: *h,
        }),
        _ => Err(bad("--area")),
    }
}

/// The checks that say anything, with their reasons in words.
pub fn check_lines(screen: &Screen, checks: &[Check]) -> Vec<String> {
    let told = checks.iter().filter(|c| c.verdict >= Verdict::Warn);
    told.map(|check| {
        let verdict = match check.verdict {
            Verdict::Flag => screen.say("标记", "flag"),
            _ => screen.say("提醒", "warn"),
        };
        let text = fushan_grid_core::app::messages::code_of(&check.reason).map(Fault::of);
        let text = text.map_or_else(|| check.reason.clone(), |fault| message(&fault, screen.lang).text);
        format!("  {verdict}  {} {}  {text}", check.id, check.score)
    })
    .collect()
}

fn show(screen: &Screen, engine: &Engine, photo: BlobHash) -> Result<ExitCode, Failure> {
    let shown = engine.evidence_show(photo)?;
    screen.show(&json!(shown), || {
        let mut lines = Vec::new();
        for one in &shown.manifests {
            let findings = one.findings.join(" ");
            lines.push(format!("{}  {}  {}  {findings}", one.digest, one.signature, one.state));
            let checks = one.manifest.get("checks").cloned().unwrap_or_default();
            let checks: Vec<Check> = serde_json::from_value(checks).unwrap_or_default();
            lines.extend(check_lines(screen, &checks));
        }
        lines.extend(
            shown
                .derived
                .iter()
                .map(|d| format!("  -> sha256:{}  {}", d.sha256, d.op)),
        );
        lines.join("\n")
    });
    Ok(ExitCode::SUCCESS)
}

fn log(screen: &Screen, engine: &Engine, photo: BlobHash) -> Result<ExitCode, Failure> {
    let events = engine.evidence_log(photo)?;
    screen.show(&json!({"events": events}), || {
        let line = |logged: &fushan_grid_core::app::evidence::Logged| {
            let event = &logged.event;
            let kind = json!(event.event);
            let by = event.by.as_deref().unwrap_or("-");
            let reason = event.reason.as_deref().unwrap_or_default();
            let sealed = if logged.sealed { "#" } else { " " };
            format!(
                "{sealed} {}  {}  {by}  {reason}",
                event.at,
                kind.as_str().unwrap_or_default()
            )
        };
        events.iter().map(line).collect::<Vec<_>>().join("\n")
    });
    Ok(ExitCode::SUCCESS)
}

fn chain(screen: &Screen, engine: &Engine) -> Result<ExitCode, Failure> {
    let report = engine.evidence_chain()?;
    let log = engine.evidence_log_state()?;
    screen.show(&json!({"chain": report, "platform": log}), || {
        let mut lines = vec![format!(
            "{} {}, {} {}, {} {}",
            report.entries,
            screen.say("条记录", "entries"),
            report.chains,
            screen.say("条链", "chains"),
            report.unsigned,
            screen.say("条未签名", "unsigned"),
        )];
        lines.extend(report.failures.iter().map(|(digest, code)| format!("{digest}  {code}")));
        lines.extend(log.alarm.iter().map(|code| format!("! {code}")));
        lines.join("\n")
    });
    let sound = report.failures.is_empty() && log.alarm.is_none();
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::from(4) })
}
