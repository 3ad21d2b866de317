//! The command line: every word of help a tester needs.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::custody::{CaptureArgs, CustodyCommand};
use crate::dossier::KnownArgs;

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  an error of the machine: disk, memory, a file that cannot be written
  2  the command line is wrong
  3  the input was refused: a rule says which and why
  4  no such record, photo, conflict or code
  5  the database or its key: missing, wrong, damaged, newer, closed
  6  the network or the platform: offline, captive portal, busy; work is kept and sent later
  7  done, but something waits for a person: a conflict or a refused operation
  8  evidence that does not hold: a link of an exported folder is wrong
  9  evidence that is not complete: nothing is wrong, but a link is absent or nobody vouched for a key

All data of one phone lies below --data (or FUSHAN_DATA). Its key is a file there: this is a harness, not a phone.";

/// Fushan Grid from a terminal: what the app on a grid worker's phone does, scripted.
#[derive(Debug, Parser)]
#[command(name = "fushan-grid", version, after_help = EXIT_CODES)]
pub struct Cli {
    /// Folder of this phone's data.
    #[arg(long, env = "FUSHAN_DATA", default_value = "fushan-data", global = true)]
    pub data: PathBuf,
    /// Language of messages.
    #[arg(long, env = "FUSHAN_LANG", value_enum, default_value = "zh", global = true)]
    pub lang: LangArg,
    /// Print one JSON document instead of text.
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Language of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LangArg {
    /// Chinese.
    Zh,
    /// English.
    En,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make the encrypted database of a phone.
    Init {
        /// Public recovery key of the district, 64 hexadecimal digits: a second wrap of the data key.
        #[arg(long, value_name = "HEX")]
        recovery_key: Option<String>,
    },
    /// At the district's desk: write out what a wiped and sealed phone held alone.
    Recover(crate::recover::RecoverArgs),
    /// Enrol this phone at a platform with a one-time code.
    Enrol {
        /// Address of the platform; plain http only on this machine.
        #[arg(long)]
        url: String,
        /// Certificate of the district's authority, PEM; without it the shipped public authorities do not count either.
        #[arg(long, value_name = "FILE")]
        ca: Option<PathBuf>,
        /// The one-time code.
        code: String,
    },
    /// People, households, dwellings, buildings, places, enterprises, schools.
    #[command(subcommand)]
    Registry(RegistryCommand),
    /// Incidents: report, fix on the spot, follow.
    #[command(subcommand)]
    Incident(IncidentCommand),
    /// Where an incident goes by the rules of dispatch.
    #[command(subcommand)]
    Dispatch(crate::dispatch::DispatchCommand),
    /// Weekly and monthly figures of what this phone holds.
    #[command(subcommand)]
    Report(crate::report::ReportCommand),
    /// When something is due on the working calendar.
    #[command(subcommand)]
    Deadline(crate::deadline::DeadlineCommand),
    /// Photos as evidence.
    #[command(subcommand)]
    Evidence(EvidenceCommand),
    /// Settle with the platform: send what waits, fetch what changed, upload photos.
    Sync {
        /// What the run may use.
        #[command(flatten)]
        budget: crate::settle::BudgetArgs,
        /// Certificate of the district's authority, PEM.
        #[arg(long, value_name = "FILE")]
        ca: Option<PathBuf>,
    },
    /// What waits, what is in conflict, when the last run was.
    Status(crate::settle::ConditionArgs),
    /// What the platform refused: list it, mend it and send it again, keep a copy, drop it.
    #[command(subcommand)]
    Refused(crate::settle::RefusedCommand),
    /// A document for support without anything about residents: counts, codes, durations.
    Diagnostics(crate::settle::ConditionArgs),
    /// Unlock a phone whose lease has run out, with a one-time code.
    Unlock {
        /// Address of the platform.
        #[arg(long)]
        url: String,
        /// Certificate of the district's authority, PEM.
        #[arg(long, value_name = "FILE")]
        ca: Option<PathBuf>,
        /// The one-time code.
        code: String,
    },
    /// Check every page of the database; a damaged file is set aside, never deleted, and its unsent work carried over.
    Repair,
    /// Differences between what was written here and what the platform holds.
    #[command(subcommand)]
    Conflicts(ConflictCommand),
    /// Inspections: a checklist filled in at a place, from check-in to report.
    #[command(subcommand)]
    Inspect(crate::inspect::InspectCommand),
    /// Plans of visits, and today's list.
    #[command(subcommand)]
    Plan(crate::plan::PlanCommand),
    /// Patrols: a route walked, its track, check-ins, coverage.
    #[command(subcommand)]
    Patrol(crate::patrol::PatrolCommand),
    /// The organisation at the platform: posts, trainings, teams, hand-over, alarms, the company's counts. Needs no phone's data.
    Org(Box<crate::org::OrgArgs>),
    /// People called for an incident: the desk starts, the called answer.
    #[command(subcommand)]
    Mobilise(crate::mobilise::MobiliseCommand),
    /// Hold any platform to the protocol over HTTP, rule by rule.
    Conformance(crate::conformance::ConformanceArgs),
    /// Forms: check one, show it, fill it in. Needs no phone's data.
    #[command(subcommand)]
    Forms(crate::forms::FormsCommand),
    /// Play a whole day: a platform and two phones, offline and back. Needs no set-up; fails if anything is lost.
    Demo {
        /// Take JPEG files from this folder instead of making some.
        #[arg(long, value_name = "DIR")]
        photos: Option<PathBuf>,
        /// Keep all data of the day in this folder.
        #[arg(long, value_name = "DIR")]
        keep: Option<PathBuf>,
    },
    /// Measure photo intake and the reuse check beside sha256sum, openssl and libvips; build with --release.
    BenchPhotos {
        /// Pictures in the reuse index.
        #[arg(long, default_value_t = 1_000_000)]
        hashes: u32,
        /// Take up to ten JPEG files from this folder instead of making twelve-megapixel ones.
        #[arg(long, value_name = "DIR")]
        photos: Option<PathBuf>,
    },
    /// Measure the platform as a witness: appends to the log, receipts, proofs. Build with --release.
    BenchLog {
        /// Entries.
        #[arg(long, default_value_t = 5_000)]
        entries: u32,
    },
    /// Measure inspections: answers committed, resuming a long sheet, simplifying a track. Build with --release.
    BenchInspect {
        /// Items of the sheet.
        #[arg(long, default_value_t = 1000)]
        items: usize,
    },
    /// Measure: open, first fill, search, photo intake. Takes minutes; build with --release.
    Bench {
        /// Registry rows.
        #[arg(long, default_value_t = 436_000)]
        rows: u32,
    },
}

/// Registry verbs.
#[derive(Debug, Subcommand)]
pub enum RegistryCommand {
    /// Add a record: `registry add person --grid 370611001901001 --set name=测试甲01 --set sex=1`.
    Add {
        /// Kind of record, such as `person`; a wrong one lists them all.
        kind: String,
        /// 15-digit code of the grid it belongs to.
        #[arg(long)]
        grid: String,
        /// The fields.
        #[command(flatten)]
        fields: Fields,
    },
    /// Change fields of a record.
    Change {
        /// Id of the record.
        id: String,
        /// The fields.
        #[command(flatten)]
        fields: Fields,
    },
    /// End a record; a tombstone stays.
    Withdraw {
        /// Id of the record.
        id: String,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// Show one record, personal data masked.
    Show {
        /// Id of the record.
        id: String,
    },
    /// Find records by Chinese substring, full pinyin, initials, last digits of a number, or address.
    Search {
        /// What to look for.
        text: String,
        /// Only this kind.
        #[arg(long)]
        kind: Option<String>,
        /// At most so many.
        #[arg(long, default_value_t = 20)]
        limit: u32,
        /// Go on after this key, as the last page printed it.
        #[arg(long)]
        after: Option<i64>,
    },
    /// Tell which grid a point lies in.
    Locate {
        /// Where.
        #[command(flatten)]
        place: Place,
    },
}

/// Field values.
#[derive(Debug, Args)]
pub struct Fields {
    /// One field, `name=value`; numbers, true, false and JSON values are understood, an empty value clears.
    #[arg(long = "set", value_name = "NAME=VALUE")]
    pub set: Vec<String>,
    /// All fields as a JSON object in a file.
    #[arg(long, value_name = "FILE")]
    pub body: Option<PathBuf>,
}

/// A point with its reference system; there is no default system.
#[derive(Debug, Args)]
pub struct Place {
    /// Longitude in degrees.
    #[arg(long)]
    pub lon: f64,
    /// Latitude in degrees.
    #[arg(long)]
    pub lat: f64,
    /// Reference system of the reading: CGCS2000, WGS84 or GCJ02. Without it the point is refused.
    #[arg(long)]
    pub crs: Option<String>,
}

/// Incident verbs.
#[derive(Debug, Subcommand)]
pub enum IncidentCommand {
    /// Write an incident down as a draft; `--submit` sends it on its way at once.
    Report {
        /// Category code, such as `A01.03`.
        #[arg(long)]
        category: String,
        /// Short title, at most 50 characters.
        #[arg(long)]
        title: String,
        /// What was seen, at most 500 characters.
        #[arg(long, default_value = "")]
        description: String,
        /// Where.
        #[command(flatten)]
        place: Place,
        /// Suspected severity: NONE, GENERAL, MAJOR, SERIOUS, EXTREME.
        #[arg(long, default_value = "GENERAL")]
        severity: String,
        /// Photos, `role=FILE`; a report needs `near` and `far`.
        #[arg(long = "photo", value_name = "ROLE=FILE")]
        photos: Vec<String>,
        /// Submit at once instead of leaving a draft.
        #[arg(long)]
        submit: bool,
    },
    /// Submit a draft.
    Submit {
        /// Id of the incident.
        id: String,
    },
    /// Close a draft on the spot: the category must allow it, with a `near` and an `after` photo.
    SelfClose {
        /// Id of the incident.
        id: String,
        /// What was done.
        #[arg(long)]
        result: String,
        /// Photos, `role=FILE`.
        #[arg(long = "photo", value_name = "ROLE=FILE")]
        photos: Vec<String>,
    },
    /// Withdraw an own report before it is accepted.
    Withdraw {
        /// Id of the incident.
        id: String,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// Change descriptive fields.
    Change {
        /// Id of the incident.
        id: String,
        /// The fields.
        #[command(flatten)]
        fields: Fields,
    },
    /// Add a note.
    Note {
        /// Id of the incident.
        id: String,
        /// The text.
        text: String,
    },
    /// List incidents, newest page last.
    List {
        /// Only this state, such as REPORTED.
        #[arg(long)]
        state: Option<String>,
        /// Only this grid.
        #[arg(long)]
        grid: Option<String>,
        /// At most so many.
        #[arg(long, default_value_t = 20)]
        limit: u32,
        /// Go on after this id.
        #[arg(long)]
        after: Option<String>,
    },
    /// Show one incident with its history.
    Show {
        /// Id of the incident.
        id: String,
    },
    /// Steps of the loop.
    #[command(flatten)]
    Step(crate::steps::StepCommand),
}

/// Evidence verbs.
#[derive(Debug, Subcommand)]
pub enum EvidenceCommand {
    /// Take a photo in and attach it to a record.
    Add {
        /// Id of the record.
        record: String,
        /// The file; it is copied, never changed.
        file: PathBuf,
        /// What it shows: near, far, reference, before, after, signature, document.
        #[arg(long, default_value = "near")]
        role: String,
        /// How it was taken.
        #[command(flatten)]
        context: Box<CaptureArgs>,
    },
    /// Decrypt and check all photos of this phone, or of one record, against their digests; or verify an exported folder, every
    /// link: pass, fail or absent.
    Verify {
        /// Id of the record, or the folder.
        what: Option<String>,
        /// What the reader knows about an exported folder.
        #[command(flatten)]
        known: KnownArgs,
    },
    /// Fetch the original of a photo that has left this phone back from the platform.
    Fetch {
        /// Its digest, 64 hexadecimal digits.
        sha256: String,
        /// Certificate of the district's authority, PEM.
        #[arg(long, value_name = "FILE")]
        ca: Option<PathBuf>,
    },
    /// Write a record's photos with all that speaks for them into a folder that `sha256sum` and `openssl` check.
    Export {
        /// Id of the record.
        record: String,
        /// Folder to write to; new or empty.
        dir: PathBuf,
        /// Certificates of the time-stamping authority, PEM; they go along.
        #[arg(long, value_name = "FILE")]
        tsa_certificates: Option<PathBuf>,
    },
    /// Content Credentials: give an exported folder's JPEG photos copies that say what the manifests say, or read such a copy.
    #[cfg(feature = "c2pa")]
    C2pa(crate::credentials::C2paArgs),
    /// What is done with a photo later.
    #[command(flatten)]
    Custody(CustodyCommand),
}

/// Conflict verbs.
#[derive(Debug, Subcommand)]
pub enum ConflictCommand {
    /// Print the conflict table: what comes of each situation, decided here and now by the platform's own code.
    Table,
    /// List open conflicts.
    List,
    /// Show both sides of a conflict.
    Show {
        /// Id of the conflict.
        id: String,
    },
    /// Say what shall hold; it travels to the platform like any other operation.
    Resolve {
        /// Id of the conflict.
        id: String,
        /// Whose values to take.
        #[arg(long, value_enum)]
        take: Take,
        /// Values per field, with `--take values`.
        #[command(flatten)]
        fields: Fields,
    },
}

/// Whose values a resolution takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Take {
    /// The platform's.
    Platform,
    /// The phone's.
    Phone,
    /// Those given with --set.
    Values,
}
