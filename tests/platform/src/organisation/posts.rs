//! Posts are given and ended; where people work follows from them.

use chrono::{Days, NaiveDate};
use fushan_grid_core::model::area::AreaCode;
use fushan_grid_core::model::fault::Fault;
use fushan_grid_core::model::ids::StaffId;
use fushan_grid_core::model::org::{Posting, RoleBook, ServiceTeam};
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::rules::organisation::{Training, check_posts, check_training};
use fushan_grid_core::rules::validate::china_day;
use fushan_grid_core::wire::enrol::Staff;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::rule;
use super::standing::{Able, able, place};
use crate::Platform;
use crate::books::Books;
use crate::store::{self, PostRow, Stored, Tx};

/// Longest id of a person.
const ID_CHARS: usize = 64;

/// A post to give.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Giving {
    pub(crate) staff: StaffId,
    pub(crate) role: String,
    pub(crate) area: AreaCode,
    /// Organisation of the responsibility list; departments need one.
    #[serde(default)]
    pub(crate) org: String,
    pub(crate) from: NaiveDate,
    #[serde(default)]
    pub(crate) until: Option<NaiveDate>,
    #[serde(default)]
    pub(crate) acting_for: Option<StaffId>,
    /// Somebody whom the platform does not know yet.
    #[serde(default)]
    pub(crate) new: bool,
}

impl Giving {
    fn row(&self, by: &str) -> PostRow {
        let said = format!(
            "{}/{}/{}/{}/{}",
            self.staff.0, self.role, self.area, self.org, self.from
        );
        let digest = Sha256::digest(said);
        PostRow {
            id: digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect(),
            post: Posting {
                staff: self.staff.clone(),
                role: self.role.clone(),
                area: self.area.clone(),
                from: self.from,
                until: self.until,
                acting_for: self.acting_for.clone(),
            },
            org: self.org.clone(),
            given_by: by.to_owned(),
            ended_by: String::new(),
        }
    }
}

/// Gives a post. Sent again it is the same post; one that breaks a rule changes nothing.
pub(crate) fn give(
    tx: &mut Tx<'_>,
    books: &Books,
    book: &RoleBook,
    asked: &Giving,
    by: &str,
    now: UtcMillis,
) -> Stored<Result<(PostRow, Able), Fault>> {
    let row = asked.row(by);
    let staff = row.post.staff.clone();
    let before = tx.post(&row.id)?;
    if before.as_ref().is_some_and(|before| before.post == row.post) {
        return Ok(Ok((row, able_now(tx, book, &staff, now)?)));
    }
    if let Err(fault) = known(tx, books, asked)? {
        return Ok(Err(fault));
    }
    let adopted = adopted(tx, books, &staff, now)?;
    let mut all = tx.posts(Some(&staff.0), None)?;
    all.extend(adopted.iter().cloned());
    let mut postings: Vec<Posting> = all.iter().map(|row| row.post.clone()).collect();
    if let Some(whose) = &row.post.acting_for {
        postings.extend(posts_of(tx, books, whose, now)?);
    }
    postings.push(row.post.clone());
    if let Err(error) = check_posts(&postings, book) {
        return Ok(Err(rule(&error)));
    }
    for row in adopted.iter().chain([&row]) {
        tx.put_post(row, now)?;
    }
    follow(tx, books, &staff, now)?;
    Ok(Ok((row, able_now(tx, book, &staff, now)?)))
}

/// Whether everything that a post names is known.
fn known(tx: &mut Tx<'_>, books: &Books, post: &Giving) -> Stored<Result<(), Fault>> {
    let known = tx.staff(&post.staff)?.is_some();
    let sound = |id: &str| {
        (1..=ID_CHARS).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b))
    };
    let made = post.new && sound(&post.staff.0);
    if !(known || made) {
        return Ok(Err(Fault::of("staff_unknown")));
    }
    let in_force = books
        .area(post.area.as_str())
        .is_some_and(|node| node.is_in_force(post.from));
    if !in_force {
        return Ok(Err(Fault::of("area_unknown").with("area", &post.area)));
    }
    let department = matches!(post.role.as_str(), "DEPT_HANDLER" | "DEPT_LEAD");
    let org = books.dispatch.org(&post.org).is_some();
    if (department || !post.org.is_empty()) && !org {
        return Ok(Err(Fault::of("org_unknown")));
    }
    Ok(Ok(()))
}

/// Ends a post on a day, its last one. What was ended may be ended on another day.
pub(crate) fn end(
    tx: &mut Tx<'_>,
    books: &Books,
    book: &RoleBook,
    (id, until): (&str, NaiveDate),
    by: &str,
    now: UtcMillis,
) -> Stored<Result<(PostRow, Able), Fault>> {
    let Some(mut row) = tx.post(id)? else {
        return Ok(Err(Fault::of("post_unknown")));
    };
    row.post.until = Some(until);
    by.clone_into(&mut row.ended_by);
    let staff = row.post.staff.clone();
    let others = tx
        .posts(Some(&staff.0), None)?
        .into_iter()
        .filter(|other| other.id != id);
    let mut postings: Vec<Posting> = others.map(|other| other.post).collect();
    if let Some(whose) = &row.post.acting_for {
        postings.extend(posts_of(tx, books, whose, now)?);
    }
    postings.push(row.post.clone());
    if let Err(error) = check_posts(&postings, book) {
        return Ok(Err(rule(&error)));
    }
    tx.end_post(id, until, by, now)?;
    follow(tx, books, &staff, now)?;
    Ok(Ok((row, able_now(tx, book, &staff, now)?)))
}

/// Posts of a person as they are kept, or as an operator's assignment comes to.
fn posts_of(tx: &mut Tx<'_>, books: &Books, staff: &StaffId, now: UtcMillis) -> Stored<Vec<Posting>> {
    let mut rows = tx.posts(Some(&staff.0), None)?;
    rows.extend(adopted(tx, books, staff, now)?);
    Ok(rows.into_iter().map(|row| row.post).collect())
}

/// What an operator assigned by hand, as posts from today on; nothing for somebody who has posts.
fn adopted(tx: &mut Tx<'_>, books: &Books, staff: &StaffId, now: UtcMillis) -> Stored<Vec<PostRow>> {
    if !tx.posts(Some(&staff.0), None)?.is_empty() {
        return Ok(Vec::new());
    }
    let assigned = tx.staff(staff)?;
    Ok(assigned.map_or(Vec::new(), |(assigned, _)| by_hand(&assigned, books, china_day(now))))
}

/// An assignment by hand as posts from a day on: each role in each grid, and for each organisation; without either, at the district.
pub(super) fn by_hand(assigned: &Staff, books: &Books, day: NaiveDate) -> Vec<PostRow> {
    let district = books.channels.district.parse::<AreaCode>().ok();
    let mut places: Vec<(AreaCode, String)> = assigned
        .grids
        .iter()
        .map(|grid| (grid.area().clone(), String::new()))
        .collect();
    let orgs = assigned
        .orgs
        .iter()
        .filter_map(|org| Some((district.clone()?, org.clone())));
    places.extend(orgs);
    if places.is_empty() {
        places.extend(district.map(|district| (district, String::new())));
    }
    let roles = assigned.roles.iter();
    let each = roles.flat_map(|role| places.iter().map(move |(area, org)| (role, area, org)));
    let asked = each.map(|(role, area, org)| Giving {
        staff: assigned.id.clone(),
        role: role.clone(),
        area: area.clone(),
        org: org.clone(),
        from: day,
        until: None,
        acting_for: None,
        new: false,
    });
    asked.map(|asked| asked.row("by_hand")).collect()
}

/// Lets where a person works follow from their posts of today. What a phone did in a grid that is theirs no more counts as before
/// (grace rule): the days are noted.
pub(super) fn follow(tx: &mut Tx<'_>, books: &Books, staff: &StaffId, now: UtcMillis) -> Stored<()> {
    let posts = tx.posts(Some(&staff.0), None)?;
    if posts.is_empty() {
        return Ok(());
    }
    let day = china_day(now);
    let placed = place(staff, &posts, &books.grid_codes(day), day);
    let before = tx.staff(staff)?.map(|(before, _)| before);
    if before.as_ref() == Some(&placed) {
        return Ok(());
    }
    let texts = |staff: &Staff| staff.grids.iter().map(ToString::to_string).collect::<Vec<_>>();
    let grids = before.as_ref().map(texts).unwrap_or_default();
    tx.note_assignment(staff, &grids, &texts(&placed), now)?;
    tx.put_staff(&placed)
}

/// What a person may do today.
fn able_now(tx: &mut Tx<'_>, book: &RoleBook, staff: &StaffId, now: UtcMillis) -> Stored<Able> {
    let posts: Vec<Posting> = tx
        .posts(Some(&staff.0), None)?
        .into_iter()
        .map(|row| row.post)
        .collect();
    let training = tx.trainings(Some(&staff.0))?;
    Ok(able(staff, &posts, &training, book, china_day(now)))
}

/// Keeps a training; tells what the person may do with it.
pub(crate) fn note_training(
    tx: &mut Tx<'_>,
    book: &RoleBook,
    training: &Training,
    by: &str,
    now: UtcMillis,
) -> Stored<Result<Able, Fault>> {
    if tx.staff(&training.staff)?.is_none() {
        return Ok(Err(Fault::of("staff_unknown")));
    }
    if let Err(error) = check_training(training, book) {
        return Ok(Err(rule(&error)));
    }
    tx.put_training(training, by, now)?;
    able_now(tx, book, &training.staff, now).map(Ok)
}

/// Keeps who is in a service team. A team that is too small is kept and raised as an alarm: it is what there is.
pub(crate) fn note_team(tx: &mut Tx<'_>, books: &Books, team: &ServiceTeam) -> Stored<Result<(), Fault>> {
    if books.area(team.grid.as_str()).is_none() {
        return Ok(Err(Fault::of("area_unknown").with("area", &team.grid)));
    }
    for member in &team.members {
        if tx.staff(member)?.is_none() {
            return Ok(Err(Fault::of("staff_unknown")));
        }
    }
    tx.put_team(team)?;
    Ok(Ok(()))
}

/// Follows the posts that begin or have ended since the day that was followed last; tells how many people that concerns.
pub(crate) fn turn_of_day(platform: &Platform, books: &Books) -> Stored<usize> {
    let now = platform.now();
    let today = china_day(now);
    let last = store::glance(&*platform.store, |tx| tx.posts_day())?;
    if last == Some(today) {
        return Ok(0);
    }
    let ever = today.checked_sub_days(Days::new(A_LIFE)).unwrap_or(today);
    // what is given on a day that was followed already is followed when it is given
    let after = last.unwrap_or(ever);
    store::write(&*platform.store, |tx| {
        let people = tx.posts_turning(after, today)?;
        for staff in &people {
            follow(tx, books, staff, now)?;
        }
        tx.set_posts_day(today)?;
        Ok(people.len())
    })
}

/// No post began so many days ago.
const A_LIFE: u64 = 36_500;
