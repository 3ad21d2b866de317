//! `org`: the organisation at the platform, for the district's administrator and the operating company. Needs no phone's data.

mod door;
mod show;

use std::process::ExitCode;

use chrono::NaiveDate;
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

pub use door::Door;

use crate::failure::Failure;
use crate::show::Screen;

/// Organisation verbs.
#[derive(Debug, Args)]
pub struct OrgArgs {
    /// The platform's door.
    #[command(flatten)]
    door: Door,
    /// What to do.
    #[command(subcommand)]
    command: OrgCommand,
}

/// What the administrator, or the operating company, does.
#[derive(Debug, Subcommand)]
enum OrgCommand {
    /// Posts: who holds which role where, from when to when.
    Posts {
        /// Only of this person.
        #[arg(long)]
        staff: Option<String>,
        /// Only in this area and below it.
        #[arg(long)]
        area: Option<String>,
        /// Only those in force on this day.
        #[arg(long)]
        day: Option<NaiveDate>,
    },
    /// Give a post: `org post s_1 GRID_STAFF 370611001901001 --from 2026-09-01`.
    Post(Box<PostArgs>),
    /// End a post on its last day.
    End {
        /// Id of the post.
        post: String,
        /// Its last day.
        #[arg(long)]
        until: NaiveDate,
    },
    /// Hand all open work of one person over to another, all at once or not at all.
    HandOver {
        /// Who had it.
        from: String,
        /// Who gets it.
        to: String,
        /// Why.
        #[arg(long)]
        reason: String,
        /// Id of the hand-over: the same one again does nothing more and answers the same.
        #[arg(long)]
        id: Option<String>,
    },
    /// Grids without leader or worker, teams that are too small, people without their training.
    Alarms,
    /// Trainings that people have passed.
    Training {
        /// Only of this person.
        #[arg(long)]
        staff: Option<String>,
    },
    /// Note a training that was passed.
    Train {
        /// Who.
        staff: String,
        /// Code of the course, such as GRID_BASIC.
        course: String,
        /// Day on which it was passed.
        #[arg(long)]
        passed: NaiveDate,
        /// Last day on which it counts.
        #[arg(long)]
        until: Option<NaiveDate>,
    },
    /// What was accepted from people without the training for it.
    Marks,
    /// Service teams.
    Teams,
    /// Say who is in the service team of a grid.
    Team {
        /// 15-digit code of the grid.
        grid: String,
        /// The members.
        #[arg(required = true)]
        members: Vec<String>,
    },
    /// The operating company's view: who is in post, by role.
    Staffing,
    /// The operating company's view: what people have done from one day through another.
    Performance {
        /// First day.
        #[arg(long)]
        from: NaiveDate,
        /// Last day.
        #[arg(long)]
        until: NaiveDate,
        /// Only in this area.
        #[arg(long)]
        area: Option<String>,
    },
    /// With the operators' token: issue a key for a door. It is shown once.
    Key {
        /// Which door.
        #[arg(value_enum)]
        opens: KeyDoor,
        /// What it is for; changes made with it bear this name.
        #[arg(long)]
        label: String,
        /// How long it is good.
        #[arg(long, default_value_t = 90)]
        days: u32,
    },
}

/// A post to give.
#[derive(Debug, Args)]
struct PostArgs {
    /// Who.
    staff: String,
    /// Role, such as GRID_LEADER.
    role: String,
    /// Code of the area.
    area: String,
    /// First day.
    #[arg(long)]
    from: NaiveDate,
    /// Last day; none while it lasts.
    #[arg(long)]
    until: Option<NaiveDate>,
    /// Organisation of the responsibility list; a department's post needs one.
    #[arg(long, default_value = "")]
    org: String,
    /// Whose post it is, when somebody fills in for a time.
    #[arg(long)]
    acting_for: Option<String>,
    /// Somebody whom the platform does not know yet.
    #[arg(long)]
    new: bool,
}

/// A door that a key opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum KeyDoor {
    /// Posts, trainings, teams, alarms, hand-over.
    Administrator,
    /// Staffing and performance; no resident.
    Company,
}

/// Carries an organisation command out.
pub fn run(screen: &Screen, args: &OrgArgs) -> Result<ExitCode, Failure> {
    let told = asked(&args.door, &args.command)?;
    screen.show(&told, || show::text(screen, &told));
    Ok(ExitCode::SUCCESS)
}

fn day(day: Option<NaiveDate>) -> Option<String> {
    day.map(|day| day.to_string())
}

fn asked(door: &Door, command: &OrgCommand) -> Result<Value, Failure> {
    match command {
        OrgCommand::Posts { staff, area, day: on } => {
            let on = day(*on);
            let query = [
                ("staff", staff.as_deref()),
                ("area", area.as_deref()),
                ("day", on.as_deref()),
            ];
            door.get("/org/v1/posts", &query)
        }
        OrgCommand::Post(post) => door.post("/org/v1/posts", &given(post)),
        OrgCommand::End { post, until } => {
            let id: String = post.chars().filter(char::is_ascii_alphanumeric).collect();
            door.post(&format!("/org/v1/posts/{id}/end"), &json!({"until": until}))
        }
        OrgCommand::HandOver { from, to, reason, id } => {
            let id = id.clone().unwrap_or_else(fresh);
            door.post(
                "/org/v1/hand-over",
                &json!({"id": id, "from": from, "to": to, "reason": reason}),
            )
        }
        OrgCommand::Alarms => door.get("/org/v1/alarms", &[]),
        OrgCommand::Training { staff } => door.get("/org/v1/training", &[("staff", staff.as_deref())]),
        OrgCommand::Train {
            staff,
            course,
            passed,
            until,
        } => {
            let training = json!({"staff": staff, "course": course, "passed": passed, "until": until});
            door.post("/org/v1/training", &training)
        }
        OrgCommand::Marks => door.get("/org/v1/training/marks", &[]),
        OrgCommand::Teams => door.get("/org/v1/teams", &[]),
        OrgCommand::Team { grid, members } => door.post("/org/v1/teams", &json!({"grid": grid, "members": members})),
        OrgCommand::Staffing => door.get("/company/v1/staffing", &[]),
        OrgCommand::Performance { from, until, area } => {
            let (from, until) = (from.to_string(), until.to_string());
            let query = [
                ("from", Some(from.as_str())),
                ("until", Some(until.as_str())),
                ("area", area.as_deref()),
            ];
            door.get("/company/v1/performance", &query)
        }
        OrgCommand::Key { opens, label, days } => {
            let opens = match opens {
                KeyDoor::Administrator => "administrator",
                KeyDoor::Company => "company",
            };
            door.post(
                "/admin/v1/access-keys",
                &json!({"door": opens, "label": label, "days": days}),
            )
        }
    }
}

fn given(post: &PostArgs) -> Value {
    json!({
        "staff": post.staff, "role": post.role, "area": post.area, "org": post.org, "from": post.from, "until": post.until,
        "acting_for": post.acting_for, "new": post.new,
    })
}

/// An id for a hand-over that was given none; it is in the answer.
fn fresh() -> String {
    let mut bytes = [0_u8; 8];
    // without entropy the same id may come twice, and the platform then says so
    let _ = getrandom::fill(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
