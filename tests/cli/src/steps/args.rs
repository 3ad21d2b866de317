//! The words of the steps of the seven-step loop.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::args::Place;

/// Which incident, and how the platform is reached when the step needs it.
#[derive(Debug, Args)]
pub struct Target {
    /// Id of the incident.
    pub id: String,
    /// Certificate of the district's authority, PEM, for a step that needs signal.
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
}

/// A reason in words.
#[derive(Debug, Args)]
pub struct Why {
    /// Why.
    #[arg(long, default_value = "")]
    pub reason: String,
}

/// A note in words.
#[derive(Debug, Args)]
pub struct Note {
    /// What there is to say.
    #[arg(long, default_value = "")]
    pub note: String,
}

/// Photos taken in before the step.
#[derive(Debug, Args)]
pub struct Photos {
    /// Photos, `role=FILE`.
    #[arg(long = "photo", value_name = "ROLE=FILE")]
    pub photos: Vec<String>,
}

/// Where the check is made, when it is made on the spot.
#[derive(Debug, Args)]
pub struct Here {
    /// Longitude in degrees.
    #[arg(long, requires = "lat", allow_negative_numbers = true)]
    lon: Option<f64>,
    /// Latitude in degrees.
    #[arg(long, requires = "lon", allow_negative_numbers = true)]
    lat: Option<f64>,
    /// Reference system: WGS84, CGCS2000, GCJ02.
    #[arg(long, requires = "lon")]
    crs: Option<String>,
}

impl Here {
    /// The place, when it was given.
    pub fn place(&self) -> Option<Place> {
        Some(Place {
            lon: self.lon?,
            lat: self.lat?,
            crs: self.crs.clone(),
        })
    }
}

/// To whom a case goes.
#[derive(Debug, Args)]
pub struct To {
    /// The main handler: an organisation, or the code of a community or grid for whoever works there.
    #[arg(long)]
    pub main: String,
    /// An organisation that helps; may be given several times.
    #[arg(long)]
    pub co: Vec<String>,
    /// The person who is meant.
    #[arg(long)]
    pub person: Option<String>,
    /// Limit to dispose, such as `2 WORK_DAY`, when it is not the category's.
    #[arg(long)]
    pub limit: Option<String>,
    /// Dispatch by force after two refusals; the district only.
    #[arg(long)]
    pub forced: bool,
    /// Why.
    #[command(flatten)]
    pub why: Why,
}

/// Steps of the loop. A worker's steps wait for signal; a step that binds others is taken with signal: the phone settles first,
/// takes the step, and settles again.
#[derive(Debug, Subcommand)]
#[allow(missing_docs)] // the words say it
pub enum StepCommand {
    /// Ask somebody to look whether a report is so (T06).
    OrderVerify {
        #[command(flatten)]
        target: Target,
        /// Who shall look; whoever works in the grid without it.
        #[arg(long)]
        person: Option<String>,
    },
    /// Say whether it is so: exist, not_exist, unable (T07).
    Verify {
        #[command(flatten)]
        target: Target,
        #[arg(long)]
        result: String,
        #[command(flatten)]
        note: Note,
    },
    /// Accept a report (T08).
    Accept {
        #[command(flatten)]
        target: Target,
        #[command(flatten)]
        note: Note,
    },
    /// Do not accept a report (T09): not_exist, out_of_scope, duplicate_closed, in_legal_process, no_content, unverifiable.
    Reject {
        #[command(flatten)]
        target: Target,
        #[arg(long)]
        code: String,
        /// What the reporter is told.
        #[arg(long, default_value = "")]
        reply: String,
    },
    /// Return a report for completion (T10).
    Return {
        #[command(flatten)]
        target: Target,
        /// What is missing; may be given several times.
        #[arg(long)]
        missing: Vec<String>,
    },
    /// Report again what was returned (T11).
    Resubmit {
        #[command(flatten)]
        target: Target,
        #[command(flatten)]
        photos: Photos,
        #[command(flatten)]
        note: Note,
    },
    /// Merge an incident into another of the same thing (T12).
    Merge {
        #[command(flatten)]
        target: Target,
        /// The incident that lives on.
        #[arg(long)]
        into: String,
        #[command(flatten)]
        why: Why,
    },
    /// Dispatch to one main handler and helpers (T13).
    Dispatch {
        #[command(flatten)]
        target: Target,
        #[command(flatten)]
        to: To,
    },
    /// Give a dispatched case to somebody else (T14).
    Reassign {
        #[command(flatten)]
        target: Target,
        #[command(flatten)]
        to: To,
    },
    /// Pass a case to the level above (T15).
    Escalate {
        #[command(flatten)]
        target: Target,
        /// The level, when it skips one.
        #[arg(long)]
        level: Option<u8>,
        #[command(flatten)]
        why: Why,
    },
    /// Pass a case to the level below (T16).
    Delegate {
        #[command(flatten)]
        target: Target,
        #[command(flatten)]
        why: Why,
    },
    /// Sign for a case (T17).
    Sign {
        #[command(flatten)]
        target: Target,
    },
    /// Refuse a case (T18).
    Refuse {
        #[command(flatten)]
        target: Target,
        #[command(flatten)]
        why: Why,
    },
    /// Say how far it is (T19).
    Progress {
        #[command(flatten)]
        target: Target,
        #[command(flatten)]
        photos: Photos,
        #[command(flatten)]
        note: Note,
    },
    /// Ask for more time (T20).
    AskExtension {
        #[command(flatten)]
        target: Target,
        /// How much, such as `2 WORK_DAY`.
        #[arg(long)]
        limit: String,
        #[command(flatten)]
        why: Why,
    },
    /// Grant more time, or refuse it with a reason (T21).
    DecideExtension {
        #[command(flatten)]
        target: Target,
        /// How much is granted; refused without it.
        #[arg(long)]
        grant: Option<String>,
        #[command(flatten)]
        why: Why,
    },
    /// Suspend a case (T22): APPRAISAL, LEGAL, FUNDING, WEATHER, PARTY.
    Suspend {
        #[command(flatten)]
        target: Target,
        #[arg(long)]
        code: String,
        /// Until when, such as `2026-12-01T17:30:00+08:00`.
        #[arg(long)]
        until: String,
        #[command(flatten)]
        note: Note,
    },
    /// Resume a suspended case (T23).
    Resume {
        #[command(flatten)]
        target: Target,
        #[command(flatten)]
        note: Note,
    },
    /// Say that it is handled (T24): resolved, partly, explained, transferred, cannot; needs an `after` photo.
    Feedback {
        #[command(flatten)]
        target: Target,
        #[arg(long)]
        result: String,
        #[command(flatten)]
        photos: Photos,
        #[command(flatten)]
        note: Note,
    },
    /// Ask somebody else to check it (T25).
    OrderCheck {
        #[command(flatten)]
        target: Target,
        /// Who shall check.
        #[arg(long)]
        person: Option<String>,
    },
    /// Result of a check (T26): pass, not_pass, unable; near the place, or with a reason.
    Check {
        #[command(flatten)]
        target: Target,
        #[arg(long)]
        result: String,
        #[command(flatten)]
        here: Here,
        #[command(flatten)]
        why: Why,
        #[command(flatten)]
        note: Note,
    },
    /// Send it back after a failed check (T27).
    Rework {
        #[command(flatten)]
        target: Target,
        #[command(flatten)]
        why: Why,
    },
    /// Close a case (T28).
    Close {
        #[command(flatten)]
        target: Target,
        /// NORMAL, DEPT, TRANSFER_OUT, NOT_FOUND.
        #[arg(long = "as", default_value = "NORMAL")]
        close_type: String,
        /// What the citizen is told.
        #[arg(long, default_value = "")]
        reply: String,
        #[command(flatten)]
        note: Note,
    },
    /// Close a case by force, two people of the district (T29).
    ForceClose {
        #[command(flatten)]
        target: Target,
        /// The second person.
        #[arg(long)]
        second: String,
        #[command(flatten)]
        why: Why,
    },
    /// Evaluate a closed case (T30): 5 very satisfied to 1, or `--unreached`.
    Evaluate {
        #[command(flatten)]
        target: Target,
        #[arg(long, default_value_t = 0)]
        satisfaction: u8,
        /// The citizen was not reached.
        #[arg(long)]
        unreached: bool,
        /// Whether the citizen says it is solved.
        #[arg(long)]
        solved: Option<bool>,
        #[command(flatten)]
        note: Note,
    },
    /// Take a closed case up again (T31).
    Redo {
        #[command(flatten)]
        target: Target,
        #[command(flatten)]
        why: Why,
    },
    /// Supervise a case (T32): 1 ordinary, 2 yellow, 3 red; or cancel it.
    Supervise {
        #[command(flatten)]
        target: Target,
        #[arg(long, required_unless_present = "cancel")]
        level: Option<u8>,
        #[arg(long)]
        cancel: bool,
        #[command(flatten)]
        why: Why,
    },
    /// Urge whoever has it (T33).
    Urge {
        #[command(flatten)]
        target: Target,
        #[command(flatten)]
        note: Note,
    },
    /// Set the urgency (T34): CRITICAL, URGENT, PROMPT, NORMAL.
    Urgency {
        #[command(flatten)]
        target: Target,
        #[arg(long)]
        to: String,
        #[command(flatten)]
        why: Why,
    },
    /// A leader's instruction (T35).
    Instruct {
        #[command(flatten)]
        target: Target,
        #[command(flatten)]
        note: Note,
    },
    /// Close a consultation by an answer (T36).
    Answer {
        #[command(flatten)]
        target: Target,
        #[arg(long)]
        text: String,
    },
}
