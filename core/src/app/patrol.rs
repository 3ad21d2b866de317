//! Patrols: a route is walked, readings are committed as they come, and at the end the walk becomes a record.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Engine;
use super::error::AppError;
use super::inspect::InspectError;
use super::pen::Pen;
use crate::model::area::{GridArea, GridCode};
use crate::model::geo::Point;
use crate::model::ids::RecordId;
use crate::model::op::{Action, Lane};
use crate::model::record::{Body, Kind};
use crate::model::time::UtcMillis;
use crate::rules::locate::locate;
use crate::rules::patrol::{
    Attendance, CheckIn, Coverage, Fix, Method, Route, Sign, Surroundings, attendance, check_in, clean, coverage,
    decode, dwell, encode, length_m, signs, simplify,
};
use crate::rules::validate::china_day;
use crate::store::ops::{self, NewOp};
use crate::store::patrols::{self, Patrol};
use crate::store::{areas, identity};

/// A track is kept to within so many metres.
const TOLERANCE_M: f64 = 5.0;

/// A reading of the position as the host gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// Where, already in CGCS2000.
    pub point: Point,
    /// Radius in metres.
    pub accuracy_m: u16,
    /// The system says that the position is mocked.
    pub mock: bool,
    /// The host's clocks when the reading was made, for readings handed over in batches; the engine's own when absent.
    pub at: Option<(u64, UtcMillis)>,
}

/// Everything noted about a walk beside its track.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Notes {
    route: Route,
    #[serde(default)]
    checked_in: std::collections::BTreeMap<String, CheckIn>,
    /// Names of the boots, in the order they were seen.
    #[serde(default)]
    boots: Vec<String>,
}

/// A walk summed up.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Walked {
    /// The patrol.
    pub patrol: RecordId,
    /// Whether it has ended.
    pub finished: bool,
    /// Readings in all.
    pub readings: usize,
    /// Readings left after cleaning and simplifying.
    pub kept: usize,
    /// Length in metres.
    pub length_m: u32,
    /// Coverage by grid.
    pub coverage: Vec<Coverage>,
    /// Time on duty.
    pub attendance: Attendance,
    /// Signs of a faked position.
    pub signs: Vec<Sign>,
    /// Check-ins by planned point.
    pub checked_in: std::collections::BTreeMap<String, CheckIn>,
    /// Planned points without a check-in, in the order of the route.
    pub open: Vec<String>,
}

impl Engine {
    /// Begins a walk.
    ///
    /// # Errors
    /// [`InspectError::NotAPlan`] for a route that does not read, names a point twice, or has none.
    pub fn patrol_start(&self, route: &str) -> Result<RecordId, AppError> {
        let route: Route = serde_json::from_str(route).map_err(|_| InspectError::NotAPlan)?;
        let names: BTreeSet<&str> = route.points.iter().map(|point| point.id.as_str()).collect();
        if names.is_empty() || names.len() < route.points.len() {
            return Err(InspectError::NotAPlan.into());
        }
        let notes = Notes {
            route,
            checked_in: Default::default(),
            boots: Vec::new(),
        };
        let now = self.moment()?;
        self.store.write(|w| {
            let id = Pen::new(w, &self.env, self.dictionaries().schema.schema).record_id();
            patrols::add(
                w,
                &Patrol {
                    id,
                    finished: false,
                    started_at: now,
                    doc: json!(notes),
                },
            )?;
            Ok(id)
        })
    }

    /// Adds readings; on return they are on the disk. Nothing is filtered here: cleaning is done on what is read.
    ///
    /// # Errors
    /// [`InspectError::PatrolEnded`], [`AppError::NotFound`].
    pub fn patrol_track(&self, id: RecordId, readings: &[Reading]) -> Result<(), AppError> {
        let (patrol, mut notes) = self.walking(id)?;
        let boot = self.boot(&mut notes);
        let clock = &self.env.clock;
        let fixes: Vec<Fix> = readings
            .iter()
            .map(|reading| {
                let (mono_ms, wall) = reading.at.unwrap_or_else(|| (clock.monotonic_ms(), clock.wall()));
                Fix {
                    point: reading.point,
                    accuracy_m: reading.accuracy_m,
                    boot,
                    mono_ms,
                    wall,
                    mock: reading.mock,
                }
            })
            .collect();
        self.store.write(|w| {
            if json!(notes) != patrol.doc {
                patrols::change(w, id, &json!(notes), false)?;
            }
            Ok(patrols::add_fixes(w, id, &encode(&fixes))?)
        })
    }

    /// Checks in at a planned point: near enough and long enough, by the code on its plate, or with a reason.
    ///
    /// # Errors
    /// [`InspectError::NoSuchPoint`], [`InspectError::ReasonNeeded`], [`InspectError::PatrolEnded`].
    pub fn patrol_check_in(
        &self,
        id: RecordId,
        point: &str,
        code: Option<&str>,
        reason: Option<&str>,
    ) -> Result<CheckIn, AppError> {
        let (_, mut notes) = self.walking(id)?;
        let planned = notes
            .route
            .points
            .iter()
            .find(|p| p.id == point)
            .ok_or(InspectError::NoSuchPoint)?;
        let fixes = self.fixes(id)?;
        let last = fixes.last();
        let around = surroundings(&notes.route);
        let code_fits = planned.qr.is_some() && planned.qr.as_deref() == code;
        let judged = check_in(last, Some(planned.point), around, code_fits, reason);
        let stayed = dwell(&fixes, planned.point, around.radius_m()).ms >= u64::from(planned.dwell_s) * 1000;
        let come = judged.filter(|come| stayed || come.method != Method::Gps);
        let come = come.ok_or_else(|| InspectError::ReasonNeeded {
            distance_m: last.map(|fix| whole(fix.point.distance_m(&planned.point))),
        })?;
        notes.checked_in.insert(point.to_owned(), come.clone());
        self.store
            .write(|w| Ok::<_, AppError>(patrols::change(w, id, &json!(notes), false)?))?;
        Ok(come)
    }

    /// A walk summed up as it is now.
    ///
    /// # Errors
    /// [`AppError::NotFound`], [`InspectError::Track`].
    pub fn patrol_show(&self, id: RecordId) -> Result<Walked, AppError> {
        let patrol = self.store.read(|r| patrols::get(r, id))?;
        let notes = notes(&patrol)?;
        let fixes = self.fixes(id)?;
        Ok(self.summed(&patrol, &notes, &fixes)?.0)
    }

    /// Walks of this phone, the newest first.
    ///
    /// # Errors
    /// Those of the store.
    pub fn patrols(&self) -> Result<Vec<Patrol>, AppError> {
        Ok(self.store.read(patrols::all)?)
    }

    /// Ends a walk: it travels to the platform with its cleaned and simplified track. The raw readings stay on the phone.
    ///
    /// # Errors
    /// [`InspectError::PatrolEnded`], [`InspectError::NoPosition`] when the walk is in no known grid, [`AppError::NotFound`].
    pub fn patrol_finish(&self, id: RecordId) -> Result<Walked, AppError> {
        let (patrol, notes) = self.walking(id)?;
        let fixes = self.fixes(id)?;
        let (mut walked, track) = self.summed(&patrol, &notes, &fixes)?;
        walked.finished = true;
        let grid = self.grid_of_walk(&notes.route, &track)?;
        let body = self.patrol_body(&patrol, &notes, &walked, &track)?;
        self.store.write(|w| {
            let pen = Pen::new(w, &self.env, self.dictionaries().schema.schema);
            let op = pen.operation(&Kind::of(Kind::PATROL), id, Action::Create { grid, body })?;
            ops::add(
                w,
                &[NewOp {
                    op,
                    lane: Lane::P2,
                    draft: false,
                }],
            )?;
            Ok::<_, AppError>(patrols::change(w, id, &json!(notes), true)?)
        })?;
        Ok(walked)
    }

    fn patrol_body(&self, patrol: &Patrol, notes: &Notes, walked: &Walked, track: &[Fix]) -> Result<Body, AppError> {
        let me = self.store.read(identity::get)?.map(|me| me.staff.id);
        let now = self.moment()?;
        let body = json!({
            "route": notes.route.id, "name": notes.route.name, "day": china_day(now), "started_at": patrol.started_at,
            "finished_at": now, "walker": me, "points": notes.route.points.len(), "checked_in": walked.checked_in,
            "open": walked.open, "readings": walked.readings, "length_m": walked.length_m,
            "coverage": walked.coverage, "attendance": walked.attendance, "signs": walked.signs,
            "track": STANDARD.encode(encode(track))
        });
        Ok(body.as_object().cloned().unwrap_or_default())
    }

    fn summed(&self, patrol: &Patrol, notes: &Notes, fixes: &[Fix]) -> Result<(Walked, Vec<Fix>), AppError> {
        let cleaned = clean(fixes);
        let track = simplify(&cleaned.kept, TOLERANCE_M);
        let (own, passed) = self.grids_of(&notes.route)?;
        let checked: BTreeSet<String> = notes.checked_in.keys().cloned().collect();
        let open = notes
            .route
            .points
            .iter()
            .map(|point| point.id.clone())
            .filter(|id| !checked.contains(id));
        let walked = Walked {
            patrol: patrol.id,
            finished: patrol.finished,
            readings: fixes.len(),
            kept: track.len(),
            length_m: whole(length_m(&track)),
            coverage: coverage(&cleaned.kept, &notes.route, &checked, &passed),
            attendance: attendance(fixes, &own),
            signs: signs(fixes),
            checked_in: notes.checked_in.clone(),
            open: open.collect(),
        };
        Ok((walked, track))
    }

    /// The worker's own grids, and those that points of the route lie in.
    fn grids_of(&self, route: &Route) -> Result<(Vec<GridArea>, Vec<GridArea>), AppError> {
        let me = self.store.read(identity::get)?;
        let mine: Vec<GridCode> = me.map(|me| me.staff.grids).unwrap_or_default();
        let all = self.store.read(areas::all)?;
        let passed: BTreeSet<GridCode> = route
            .points
            .iter()
            .filter_map(|point| locate(point.point, &all).grid)
            .collect();
        let own = all.iter().filter(|grid| mine.contains(&grid.code)).cloned().collect();
        Ok((
            own,
            all.into_iter().filter(|grid| passed.contains(&grid.code)).collect(),
        ))
    }

    fn grid_of_walk(&self, route: &Route, track: &[Fix]) -> Result<GridCode, AppError> {
        let walked = track.iter().map(|fix| fix.point);
        let planned = route.points.iter().map(|point| point.point);
        for point in walked.chain(planned) {
            if let Some(grid) = self.locate(point)?.grid {
                return Ok(grid);
            }
        }
        Err(InspectError::NoPosition.into())
    }

    fn walking(&self, id: RecordId) -> Result<(Patrol, Notes), AppError> {
        let patrol = self.store.read(|r| patrols::get(r, id))?;
        if patrol.finished {
            return Err(InspectError::PatrolEnded.into());
        }
        let notes = notes(&patrol)?;
        Ok((patrol, notes))
    }

    /// The number of the boot that is running, in the order the patrol has seen them.
    fn boot(&self, notes: &mut Notes) -> u16 {
        let boot = self.env.clock.boot_id();
        let known = notes.boots.iter().position(|seen| *seen == boot);
        let at = known.unwrap_or_else(|| {
            notes.boots.push(boot);
            notes.boots.len() - 1
        });
        u16::try_from(at).unwrap_or(u16::MAX)
    }

    fn fixes(&self, id: RecordId) -> Result<Vec<Fix>, AppError> {
        let batches = self.store.read(|r| patrols::fixes(r, id))?;
        let mut fixes = Vec::new();
        for batch in batches {
            fixes.extend(decode(&batch).map_err(InspectError::from)?);
        }
        Ok(fixes)
    }
}

fn notes(patrol: &Patrol) -> Result<Notes, AppError> {
    let read = |doc: &Value| serde_json::from_value(doc.clone());
    Ok(read(&patrol.doc).map_err(crate::store::StoreError::from)?)
}

fn surroundings(route: &Route) -> Surroundings {
    if route.rural {
        Surroundings::Rural
    } else {
        Surroundings::Urban
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // metres of a walk; `as` saturates
fn whole(metres: f64) -> u32 {
    metres.round() as u32
}
