//! Gathers what the intake checks look at: clocks, place, earlier captures, pictures that look alike.

use std::sync::PoisonError;

use super::context::CaptureContext;
use crate::app::Engine;
use crate::app::error::AppError;
use crate::evidence::Intake;
use crate::model::blob::BlobHash;
use crate::model::geo::{Crs, Point};
use crate::model::record::Record;
use crate::model::time::UtcMillis;
use crate::rules::intake::{self, Before, Clocks, Facts, Looks, Recent, Reuse};
use crate::rules::likeness::{Hash64, Hash256, Pictured, ReuseIndex};
use crate::rules::polygon::{Side, side};
use crate::store::captures::{self, Captured};
use crate::store::{areas, identity};
use crate::wire::manifest::{Check, Fix, Moment};

/// Captures that the checks of series and ways look back on.
const RECENT: u32 = 20;
/// How long a picture counts as used, milliseconds: a year.
const YEAR_MS: i64 = 366 * 24 * 3_600_000;

/// Pictures of this phone's year, kept in memory once they have been asked for.
#[derive(Debug, Default)]
pub(in crate::app) struct Known {
    index: ReuseIndex,
    media: Vec<BlobHash>,
}

impl Known {
    fn push(&mut self, media: BlobHash, hashes: &Pictured) {
        self.index.push(hashes);
        self.media.push(media);
    }

    /// How often pictures other than `media` itself look like this one.
    fn reuse(&self, media: BlobHash, hashes: &Pictured) -> Reuse {
        let other = |number: &u32| {
            let named = usize::try_from(*number).ok().and_then(|n| self.media.get(n));
            named.is_some_and(|known| *known != media)
        };
        let same = self.index.same(hashes).into_iter().filter(|(n, _)| other(n));
        let similar = self.index.similar(hashes).into_iter().filter(|(n, _)| other(n));
        Reuse {
            nearest: same.map(|(_, bits)| bits).min(),
            similar: u32::try_from(similar.count()).unwrap_or(u32::MAX),
            compared: u32::try_from(self.media.len()).unwrap_or(u32::MAX),
            ..Reuse::default()
        }
    }
}

fn pictured(earlier: &Captured) -> Option<Pictured> {
    let (eights, _) = earlier.crops.as_ref()?.as_chunks::<8>();
    let mut hashes = Pictured {
        whole: Hash256::from_bytes(earlier.dhash.as_ref()?),
        ..Pictured::default()
    };
    for (crop, bytes) in hashes.crops.iter_mut().zip(eights) {
        *crop = Hash64(u64::from_be_bytes(*bytes));
    }
    Some(hashes)
}

impl Engine {
    /// The clocks now.
    pub(super) fn capture_moment(&self, context: &CaptureContext) -> Result<Moment, AppError> {
        let clock = &self.env.clock;
        let (offset, seen) = self
            .store
            .read(|r| Ok::<_, AppError>((identity::server_offset(r)?, identity::server_seen(r)?)))?;
        let (mono_ms, boot_id) = (clock.monotonic_ms(), clock.boot_id());
        let age = seen.filter(|seen| seen.boot == boot_id);
        Ok(Moment {
            wall: clock.wall().to_string(),
            mono_ms,
            gnss: context.gnss.map(|t| t.to_string()),
            server_offset_ms: offset,
            server_offset_age_s: age.map(|seen| mono_ms.saturating_sub(seen.mono_ms) / 1000),
            boot_id,
        })
    }

    /// Runs the intake checks.
    pub(super) fn checks(
        &self,
        record: &Record,
        context: &CaptureContext,
        taken: &Intake,
        looks: Option<&Looks>,
        now: &Moment,
    ) -> Result<Vec<Check>, AppError> {
        let (recent, same_bytes) = self
            .store
            .read(|r| Ok::<_, AppError>((captures::recent(r, RECENT)?, captures::of_media(r, taken.hash)?)))?;
        let cases: Vec<String> = recent.iter().map(|c| c.record.to_string()).collect();
        let earlier: Vec<Recent<'_>> = recent.iter().zip(&cases).map(|(c, case)| as_recent(c, case)).collect();
        let case = record.id.to_string();
        let here = same_bytes.iter().filter(|c| c.record == record.id).count();
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let reuse = Reuse {
            exact_here: count(here),
            exact_elsewhere: count(same_bytes.len() - here),
            ..self.alike(taken.hash, looks)?
        };
        Ok(intake::check(&Facts {
            size: taken.image.map(|i| (i.width, i.height)),
            looks,
            source: context.source,
            gallery_allowed: context.gallery_allowed,
            reuse,
            clocks: Clocks {
                wall: UtcMillis::parse_rfc3339(&now.wall).unwrap_or_default(),
                mono_ms: now.mono_ms,
                boot_id: &now.boot_id,
                gnss: context.gnss,
                server_offset_ms: now.server_offset_ms,
            },
            exif_taken_at: taken.exif.taken_at.as_deref(),
            exif_position: taken.exif.position,
            maker_note: taken.exif.maker_note,
            fix: context.fix.as_ref(),
            in_grid: self.in_grid(record, context.fix.as_ref())?,
            subject: place_of(record),
            before: self.before(record, context, looks)?,
            recent: &earlier,
            case: &case,
        }))
    }

    fn alike(&self, media: BlobHash, looks: Option<&Looks>) -> Result<Reuse, AppError> {
        let Some(looks) = looks else {
            return Ok(Reuse::default());
        };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.is_none() {
            let since = self.env.clock.wall().plus(-YEAR_MS);
            let mut fresh = Known::default();
            for earlier in self.store.read(|r| captures::hashed(r, since))? {
                if let Some(hashes) = pictured(&earlier) {
                    fresh.push(earlier.media, &hashes);
                }
            }
            *known = Some(fresh);
        }
        Ok(known
            .as_ref()
            .map(|k| k.reuse(media, &looks.hashes))
            .unwrap_or_default())
    }

    /// Adds a picture that was written down to those in memory.
    pub(super) fn remember_picture(&self, media: BlobHash, looks: Option<&Looks>) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let (Some(known), Some(looks)) = (known.as_mut(), looks) {
            known.push(media, &looks.hashes);
        }
    }

    fn before(
        &self,
        record: &Record,
        context: &CaptureContext,
        looks: Option<&Looks>,
    ) -> Result<Option<Before>, AppError> {
        if context.role != "after" {
            return Ok(None);
        }
        let before = self.store.read(|r| captures::latest(r, record.id, "before"))?;
        // an incident closed on the spot shows its state before in the near photo
        let before = match before {
            Some(before) => Some(before),
            None => self.store.read(|r| captures::latest(r, record.id, "near"))?,
        };
        Ok(before.map(|before| {
            let hashes = before.dhash.as_ref().map(Hash256::from_bytes);
            let here = context.fix.as_ref().and_then(Fix::point);
            Before {
                bits: hashes.zip(looks).map(|(then, now)| then.distance(&now.hashes.whole)),
                metres: before.place.zip(here).map(|(then, now)| then.distance_m(&now)),
            }
        }))
    }

    /// Whether the fix, widened by twice its accuracy, touches the record's grid; `None` when either is not known.
    fn in_grid(&self, record: &Record, fix: Option<&Fix>) -> Result<Option<bool>, AppError> {
        let (Some(grid), Some(fix)) = (&record.grid, fix) else {
            return Ok(None);
        };
        let Some(point) = fix.point() else { return Ok(None) };
        let areas = self.store.read(areas::all)?;
        let Some(area) = areas.into_iter().find(|a| a.code == *grid && !a.ring.is_empty()) else {
            return Ok(None);
        };
        let reach = 2.0 * fix.accuracy().unwrap_or(0.0).clamp(0.0, 1_000.0);
        let touches = around(point, reach)
            .iter()
            .any(|p| side(&area.ring, p) != Side::Outside);
        Ok(Some(touches))
    }

    /// The lines of a copy's stamp: when, where, for what.
    pub(super) fn stamp_lines(&self, record: &Record, context: &CaptureContext) -> Result<Vec<String>, AppError> {
        let areas = self.store.read(areas::all)?;
        let name = areas
            .into_iter()
            .find(|a| record.grid.as_ref() == Some(&a.code))
            .map(|a| a.name);
        let place = context.fix.as_ref().map(|f| format!("{}, {}", f.lat, f.lon));
        let place: Vec<String> = name.into_iter().chain(place).collect();
        Ok(vec![
            self.env.clock.wall().local_text(),
            place.join("  "),
            format!("案卷 {}", record.id),
        ])
    }
}

fn as_recent<'a>(earlier: &'a Captured, case: &'a str) -> Recent<'a> {
    Recent {
        at: earlier.at,
        mono_ms: earlier.mono_ms,
        boot_id: &earlier.boot,
        place: earlier.place,
        case,
    }
}

/// The place a record states, if any.
fn place_of(record: &Record) -> Option<Point> {
    serde_json::from_value(record.body.get("point")?.clone()).ok()
}

/// The point and eight more around it at a distance in metres.
#[allow(clippy::cast_possible_truncation)] // at most 2,000 metres, some 200,000 units
fn around(point: Point, metres: f64) -> Vec<Point> {
    let (_, lat) = point.degrees(Crs::Cgcs2000);
    let north = metres / 111_195.0 * 1e7;
    let east = north / lat.to_radians().cos().max(0.01);
    let mut points = vec![point];
    for eighth in 0..8 {
        let (sin, cos) = (f64::from(eighth) * std::f64::consts::FRAC_PI_4).sin_cos();
        points.push(Point {
            lon_e7: point.lon_e7.saturating_add((east * sin) as i32),
            lat_e7: point.lat_e7.saturating_add((north * cos) as i32),
        });
    }
    points
}
