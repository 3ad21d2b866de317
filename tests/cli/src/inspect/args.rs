//! The words of `inspect`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use fushan_grid_core::app::inspect::{Arrival, NoAnswer};
use fushan_grid_core::model::geo::{Crs, Point};
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::rules::patrol::Fix;

use crate::args::Fields;
use crate::failure::Failure;

/// Inspection verbs.
#[derive(Debug, Subcommand)]
pub enum InspectCommand {
    /// Install a checklist: GF/1 JSON or an ODK XForms document. New sheets use it; drafts stay on their version.
    Install {
        /// The file.
        form: PathBuf,
    },
    /// List the checklists on this phone with all their versions.
    Forms,
    /// Begin a sheet at a place; the check-in needs to be near, the code of the plate, or a reason.
    Start {
        /// Id of the checklist, such as FIRE9.
        form: String,
        /// Id of the place, dwelling, household …
        #[arg(long)]
        place: Option<String>,
        /// Id of a visit under way, to go through another checklist at the same place.
        #[arg(long)]
        visit: Option<String>,
        /// Language of the form's texts, as its author named it.
        #[arg(long)]
        language: Option<String>,
        /// How the worker arrived.
        #[command(flatten)]
        spot: Spot,
    },
    /// Begin the second look at a hazard.
    Recheck {
        /// Id of the hazard.
        hazard: String,
        /// How the worker arrived.
        #[command(flatten)]
        spot: Spot,
    },
    /// Answer a question; an empty value clears the answer. It is on the disk when the command ends.
    Answer {
        /// Id of the sheet.
        sheet: String,
        /// Path of the question, as `inspect show` prints it.
        path: String,
        /// The answer, as a submission holds it.
        #[arg(allow_hyphen_values = true)]
        value: String,
    },
    /// Add an instance at the end of a repeat, or remove one.
    Repeat {
        /// Id of the sheet.
        sheet: String,
        /// Path of the repeat; with --remove that of the instance, such as `/data/room[2]`.
        path: String,
        /// Remove it.
        #[arg(long)]
        remove: bool,
    },
    /// Take a photo in and place it at an item.
    Attach {
        /// Id of the sheet.
        sheet: String,
        /// Path of the item or of its upload.
        path: String,
        /// The file; it is copied, never changed.
        file: PathBuf,
        /// What it shows: near, far, before, after, signature …
        #[arg(long, default_value = "near")]
        role: String,
    },
    /// Note that a hazard was put right on the spot; finishing asks for a photo before and one after.
    Fix {
        /// Id of the sheet.
        sheet: String,
        /// Path of the item.
        path: String,
        /// What was done; empty takes it back.
        #[arg(long)]
        note: String,
    },
    /// Show a draft: questions, answers, score so far.
    Show {
        /// Id of the sheet.
        sheet: String,
    },
    /// List what stands in the way of finishing.
    Missing {
        /// Id of the sheet.
        sheet: String,
    },
    /// Show the last visit of the same place with the same checklist.
    Last {
        /// Id of the sheet.
        sheet: String,
    },
    /// Take answers over from the last visit: all that are open, or those named.
    Confirm {
        /// Id of the sheet.
        sheet: String,
        /// Paths.
        paths: Vec<String>,
    },
    /// Print the audit log as CSV, with the columns of ODK.
    Log {
        /// Id of the sheet.
        sheet: String,
    },
    /// Finish a sheet, or end the visit without answers.
    Finish {
        /// Id of the sheet.
        sheet: String,
        /// Why nothing could be answered.
        #[arg(long, value_enum)]
        none: Option<None>,
        /// A word on it.
        #[arg(long, default_value = "")]
        note: String,
    },
    /// Give a draft up; nothing is sent.
    Drop {
        /// Id of the sheet.
        sheet: String,
    },
    /// List drafts: where the work stopped, and when.
    List,
    /// List hazards that wait to be put right.
    Hazards,
    /// Show a finished inspection.
    Report {
        /// Id of the inspection.
        inspection: String,
        /// Write it to this file as one printable HTML document.
        #[arg(long, value_name = "FILE")]
        html: Option<PathBuf>,
    },
    /// Move a draft to the current version of its checklist, with a report of what moved and what was lost.
    Migrate {
        /// Id of the sheet.
        sheet: String,
        /// Take the move back.
        #[arg(long)]
        undo: bool,
    },
    /// Begin a new version of a finished inspection; finish it like any other.
    Correct {
        /// Id of the inspection.
        inspection: String,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// List records that may be the same person or place.
    Duplicates {
        /// Kind of record.
        kind: String,
        /// The fields typed so far.
        #[command(flatten)]
        fields: Fields,
    },
}

/// Why a visit ended without answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum None {
    /// The inspection was refused.
    Refused,
    /// The place is not open.
    Closed,
    /// The place is not there.
    NotFound,
}

impl From<None> for NoAnswer {
    fn from(none: None) -> Self {
        match none {
            None::Refused => Self::Refused,
            None::Closed => Self::Closed,
            None::NotFound => Self::NotFound,
        }
    }
}

/// How the worker arrived.
#[derive(Debug, Args)]
pub struct Spot {
    /// Longitude in degrees.
    #[arg(long, requires = "lat")]
    pub lon: Option<f64>,
    /// Latitude in degrees.
    #[arg(long, requires = "lon")]
    pub lat: Option<f64>,
    /// Reference system of the reading: CGCS2000, WGS84 or GCJ02. Without it the point is refused.
    #[arg(long)]
    pub crs: Option<String>,
    /// Radius of the reading in metres.
    #[arg(long, default_value_t = 10)]
    pub accuracy: u16,
    /// The code scanned from the plate at the place.
    #[arg(long)]
    pub code: Option<String>,
    /// Why neither position nor code fits.
    #[arg(long)]
    pub reason: Option<String>,
    /// Country rules: 150 m instead of 50 m.
    #[arg(long)]
    pub rural: bool,
}

impl Spot {
    /// The position, when one is given.
    pub fn point(&self) -> Result<Option<Point>, Failure> {
        let Some((lon, lat)) = self.lon.zip(self.lat) else {
            return Ok(Option::None);
        };
        let crs = Crs::from_tag(self.crs.as_deref())?;
        Ok(Some(Point::from_degrees(lon, lat, crs)?))
    }

    /// As the engine takes it. The harness has no receiver, so the clocks of the reading stay at nought.
    pub fn arrival(&self) -> Result<Arrival, Failure> {
        let fix = self.point()?.map(|point| Fix {
            point,
            accuracy_m: self.accuracy,
            boot: 0,
            mono_ms: 0,
            wall: UtcMillis(0),
            mock: false,
        });
        Ok(Arrival {
            fix,
            code: self.code.clone(),
            reason: self.reason.clone(),
            rural: self.rural,
        })
    }
}
