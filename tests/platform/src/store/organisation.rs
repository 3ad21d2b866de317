//! Posts, trainings and service teams.

use chrono::NaiveDate;
use fushan_grid_core::model::area::GridCode;
use fushan_grid_core::model::ids::{OpId, StaffId};
use fushan_grid_core::model::org::{Posting, ServiceTeam};
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::rules::organisation::Training;
use fushan_grid_core::wire::enrol::Staff;
use serde::Serialize;

use super::value::Value;
use super::{Row, StoreError, Stored, Tx};
use crate::values;

/// A post as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PostRow {
    /// Its id, which follows from what it says.
    pub id: String,
    /// Who holds what where, from when to when.
    #[serde(flatten)]
    pub post: Posting,
    /// Organisation worked for, or empty.
    pub org: String,
    /// Who gave it.
    pub given_by: String,
    /// Who ended it, or empty.
    pub ended_by: String,
}

/// Something accepted from somebody without the training for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrainingMark {
    /// The operation.
    pub op: OpId,
    /// Who.
    pub staff: StaffId,
    /// In which role.
    pub role: String,
    /// The course that was missing.
    pub course: String,
    /// When it came.
    pub at: UtcMillis,
}

const POST: &str = "id, staff, role, area, org, from_day, until_day, acting_for, given_by, ended_by";
/// Most marks told at once.
const MOST: u32 = 500;

fn day(row: &Row, column: usize) -> Stored<Option<NaiveDate>> {
    if row.is_null(column)? {
        return Ok(None);
    }
    row.text(column)?.parse().map(Some).map_err(|_| StoreError::Shape)
}

fn post(row: &Row) -> Stored<PostRow> {
    let text = |column| row.text(column).map(str::to_owned);
    let acting_for = text(7)?;
    Ok(PostRow {
        id: text(0)?,
        post: Posting {
            staff: StaffId(text(1)?),
            role: text(2)?,
            area: row.text(3)?.parse()?,
            from: day(row, 5)?.ok_or(StoreError::Shape)?,
            until: day(row, 6)?,
            acting_for: (!acting_for.is_empty()).then_some(StaffId(acting_for)),
        },
        org: text(4)?,
        given_by: text(8)?,
        ended_by: text(9)?,
    })
}

impl Tx<'_> {
    /// Writes a post; one of the same id stays as it is.
    ///
    /// # Errors
    /// Those of the database.
    pub fn put_post(&mut self, row: &PostRow, at: UtcMillis) -> Stored<()> {
        let post = &row.post;
        self.later(
            "INSERT INTO post (id, staff, role, area, org, from_day, until_day, acting_for, given_by, given_at, ended_by)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '') ON CONFLICT (id) DO NOTHING",
            values![
                &row.id,
                &post.staff.0,
                &post.role,
                post.area.as_str(),
                &row.org,
                post.from.to_string(),
                post.until.map(|day| day.to_string()),
                post.acting_for.as_ref().map_or("", |staff| staff.0.as_str()),
                &row.given_by,
                at.0
            ],
        )
    }

    /// Sets the last day of a post.
    ///
    /// # Errors
    /// Those of the database.
    pub fn end_post(&mut self, id: &str, until: NaiveDate, by: &str, at: UtcMillis) -> Stored<()> {
        self.later(
            "UPDATE post SET until_day = ?2, ended_by = ?3, ended_at = ?4 WHERE id = ?1",
            values![id, until.to_string(), by, at.0],
        )
    }

    /// A post.
    ///
    /// # Errors
    /// Those of the database.
    pub fn post(&mut self, id: &str) -> Stored<Option<PostRow>> {
        let sql = format!("SELECT {POST} FROM post WHERE id = ?");
        self.first(sql, values![id])?.as_ref().map(post).transpose()
    }

    /// Posts of a person, or of an area and below it, or all of them when neither is named; those of long ago too.
    ///
    /// # Errors
    /// Those of the database.
    pub fn posts(&mut self, staff: Option<&str>, area: Option<&str>) -> Stored<Vec<PostRow>> {
        let (mut wheres, mut params): (Vec<&str>, Vec<Value>) = (Vec::new(), Vec::new());
        if let Some(staff) = staff {
            wheres.push("staff = ?");
            params.push(staff.into());
        }
        if let Some(area) = area {
            wheres.push("area >= ? AND area < ?");
            params.extend([Value::from(area), Value::from(format!("{area}~"))]);
        }
        let filter = if wheres.is_empty() {
            String::new()
        } else {
            format!(" WHERE {}", wheres.join(" AND "))
        };
        let sql = format!("SELECT {POST} FROM post{filter} ORDER BY area, role, from_day, staff, id");
        self.query(sql, params)?.iter().map(post).collect()
    }

    /// People with posts that begin after one day and through another, or have ended between them.
    ///
    /// # Errors
    /// Those of the database.
    pub fn posts_turning(&mut self, after: NaiveDate, through: NaiveDate) -> Stored<Vec<StaffId>> {
        let (after, through) = (after.to_string(), through.to_string());
        let rows = self.query(
            "SELECT DISTINCT staff FROM post
             WHERE from_day > ?1 AND from_day <= ?2 OR until_day >= ?1 AND until_day < ?2 ORDER BY staff",
            values![after, through],
        )?;
        rows.iter().map(|row| Ok(StaffId(row.text(0)?.to_owned()))).collect()
    }

    /// People who were put where they are by hand: they have no posts.
    ///
    /// # Errors
    /// Those of the database.
    pub fn staff_without_posts(&mut self) -> Stored<Vec<Staff>> {
        let rows = self.query(
            "SELECT id, roles, grids, orgs FROM staff WHERE id NOT IN (SELECT staff FROM post) ORDER BY id",
            Vec::new(),
        )?;
        rows.iter()
            .map(|row| {
                Ok(Staff {
                    id: StaffId(row.text(0)?.to_owned()),
                    roles: serde_json::from_str(row.text(1)?)?,
                    grids: serde_json::from_str(row.text(2)?)?,
                    orgs: serde_json::from_str(row.text(3)?)?,
                })
            })
            .collect()
    }

    /// The day up to which posts have been followed.
    ///
    /// # Errors
    /// Those of the database.
    pub fn posts_day(&mut self) -> Stored<Option<NaiveDate>> {
        let row = self.first("SELECT value FROM setting WHERE key = 'posts_day'", Vec::new())?;
        Ok(row
            .map(|row| row.text(0).map(str::to_owned))
            .transpose()?
            .and_then(|text| text.parse().ok()))
    }

    /// Notes the day up to which posts have been followed.
    ///
    /// # Errors
    /// Those of the database.
    pub fn set_posts_day(&mut self, day: NaiveDate) -> Stored<()> {
        self.later(
            "INSERT INTO setting (key, value) VALUES ('posts_day', ?1) ON CONFLICT (key) DO UPDATE SET value = ?1",
            values![day.to_string()],
        )
    }

    /// Writes a training; the same course passed on the same day is replaced.
    ///
    /// # Errors
    /// Those of the database.
    pub fn put_training(&mut self, training: &Training, by: &str, at: UtcMillis) -> Stored<()> {
        self.later(
            "INSERT INTO training (staff, course, passed, until_day, noted_by, noted_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (staff, course, passed) DO UPDATE SET until_day = ?4, noted_by = ?5, noted_at = ?6",
            values![
                &training.staff.0,
                &training.course,
                training.passed.to_string(),
                training.until.map(|day| day.to_string()),
                by,
                at.0
            ],
        )
    }

    /// Trainings of a person, or of everybody.
    ///
    /// # Errors
    /// Those of the database.
    pub fn trainings(&mut self, staff: Option<&str>) -> Stored<Vec<Training>> {
        let rows = self.query(
            "SELECT staff, course, passed, until_day FROM training WHERE ?1 = '' OR staff = ?1 ORDER BY staff, course, passed",
            values![staff.unwrap_or_default()],
        )?;
        rows.iter()
            .map(|row| {
                Ok(Training {
                    staff: StaffId(row.text(0)?.to_owned()),
                    course: row.text(1)?.to_owned(),
                    passed: day(row, 2)?.ok_or(StoreError::Shape)?,
                    until: day(row, 3)?,
                })
            })
            .collect()
    }

    /// Keeps that something was accepted from somebody without the training for it.
    ///
    /// # Errors
    /// Those of the database.
    pub fn mark_untrained(&mut self, mark: &TrainingMark) -> Stored<()> {
        self.later(
            "INSERT INTO training_mark (op, staff, role, course, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT (op) DO NOTHING",
            values![mark.op.bytes(), &mark.staff.0, &mark.role, &mark.course, mark.at.0],
        )
    }

    /// What was accepted from people without the training for it, the latest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn training_marks(&mut self) -> Stored<Vec<TrainingMark>> {
        let rows = self.query(
            "SELECT op, staff, role, course, at FROM training_mark ORDER BY at DESC, op LIMIT ?",
            values![MOST],
        )?;
        rows.iter()
            .map(|row| {
                Ok(TrainingMark {
                    op: OpId::from_slice(row.bytes(0)?)?,
                    staff: StaffId(row.text(1)?.to_owned()),
                    role: row.text(2)?.to_owned(),
                    course: row.text(3)?.to_owned(),
                    at: UtcMillis(row.int(4)?),
                })
            })
            .collect()
    }

    /// Says who is in the service team of a grid.
    ///
    /// # Errors
    /// Those of the database.
    pub fn put_team(&mut self, team: &ServiceTeam) -> Stored<()> {
        self.later(
            "INSERT INTO service_team (grid, members) VALUES (?1, ?2) ON CONFLICT (grid) DO UPDATE SET members = ?2",
            values![team.grid.as_str(), serde_json::to_string(&team.members)?],
        )
    }

    /// Service teams.
    ///
    /// # Errors
    /// Those of the database.
    pub fn teams(&mut self) -> Stored<Vec<ServiceTeam>> {
        let rows = self.query("SELECT grid, members FROM service_team ORDER BY grid", Vec::new())?;
        rows.iter()
            .map(|row| {
                Ok(ServiceTeam {
                    grid: row.text(0)?.parse::<GridCode>()?,
                    members: serde_json::from_str(row.text(1)?)?,
                })
            })
            .collect()
    }
}
