//! Weekly and monthly reports: one definition of every figure, computed from raw histories (domain dictionary 7).
//!
//! The same functions give a worker the figures of the own grid on the phone and the district its report on the platform.
//! [`DEFINITIONS`] names the edition of the formulas; it is printed on every report.

mod clusters;
mod corrections;
mod facts;
mod figures;
mod hotspots;
mod html;
mod names;
mod period;
mod ratio;
mod reading;
mod table;
mod tally;

#[cfg(test)]
mod tests;

pub use clusters::{Cluster, EPS_M, MIN_POINTS, Spot, clusters, repeated_spots};
pub use corrections::{Correction, corrections};
pub use facts::{CloseType, Facts, Step, Surroundings, facts};
pub use figures::{Figure, Figures, Headline, code_of, figures};
pub use hotspots::{Difficulty, Hotspot, difficulties, hotspots};
pub use html::page;
pub use names::report_names;
pub use period::{Period, PeriodError, PeriodKind};
pub use ratio::Ratio;
pub use reading::{Reader, dispose_limit, step};
pub use table::{Block, Report, Row, csv, guarded};
pub use tally::{Context, Tally};

/// Edition of the formulas.
pub const DEFINITIONS: &str = "K-2026.11.2";
