//! The grid tree on the phone, with an R-tree over the grids' polygons.

use rusqlite::params;

use super::conn::{Reader, Writer};
use super::error::StoreError;
use crate::model::area::GridArea;
use crate::model::geo::Point;

/// Puts another grid tree in the place of the old one.
///
/// # Errors
/// Those of the store.
pub fn replace(w: &Writer<'_>, grids: &[GridArea]) -> Result<(), StoreError> {
    w.0.0.execute_batch("DELETE FROM area; DELETE FROM area_box;")?;
    let mut area =
        w.0.0
            .prepare_cached("INSERT INTO area (code, name, level, kind, ring) VALUES (?1, ?2, ?3, ?4, ?5)")?;
    let mut boxed = w
        .0
        .0
        .prepare_cached("INSERT INTO area_box (row, min_lon, max_lon, min_lat, max_lat) VALUES (?1, ?2, ?3, ?4, ?5)")?;
    for grid in grids {
        let ring = serde_json::to_string(&grid.ring)?;
        let kind = if grid.dedicated { "DEDICATED" } else { "BASIC" };
        let row = area.insert(params![grid.code.as_str(), grid.name, "GRID", kind, ring])?;
        let lons = || grid.ring.iter().map(|p| p.lon_e7);
        let lats = || grid.ring.iter().map(|p| p.lat_e7);
        if let (Some(west), Some(east), Some(south), Some(north)) =
            (lons().min(), lons().max(), lats().min(), lats().max())
        {
            boxed.execute(params![row, west, east, south, north])?;
        }
    }
    Ok(())
}

/// Grids whose bounding box holds the point, by code; `core::rules::locate` decides among them.
///
/// # Errors
/// Those of the store.
pub fn candidates(r: &Reader<'_>, point: Point) -> Result<Vec<GridArea>, StoreError> {
    let sql = "SELECT a.code, a.name, a.kind, a.ring FROM area_box b JOIN area a ON a.row = b.row
               WHERE b.min_lon <= ?1 AND b.max_lon >= ?1 AND b.min_lat <= ?2 AND b.max_lat >= ?2 ORDER BY a.code";
    grids(r, sql, params![point.lon_e7, point.lat_e7])
}

/// All grids, by code.
///
/// # Errors
/// Those of the store.
pub fn all(r: &Reader<'_>) -> Result<Vec<GridArea>, StoreError> {
    grids(r, "SELECT code, name, kind, ring FROM area ORDER BY code", [])
}

fn grids(r: &Reader<'_>, sql: &str, params: impl rusqlite::Params) -> Result<Vec<GridArea>, StoreError> {
    let mut statement = r.0.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let code: String = row.get(0)?;
        let kind: String = row.get(2)?;
        let ring: String = row.get(3)?;
        found.push(GridArea {
            code: code.parse()?,
            name: row.get(1)?,
            dedicated: kind == "DEDICATED",
            ring: serde_json::from_str(&ring)?,
        });
    }
    Ok(found)
}
