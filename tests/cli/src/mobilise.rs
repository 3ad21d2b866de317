//! `mobilise`: people are called for an incident; the desk starts, hears answers and stops, the called see it on their phone and answer.

use std::path::Path;
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use fushan_grid_core::app::calls::{CallAnswer, OwnCall};
use fushan_grid_core::rules::dispatch::Answer;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::org::Door;
use crate::phone;
use crate::show::Screen;

/// Mobilisation verbs. The desk's need `--url` and `--key`, the phone's its data.
#[derive(Debug, Subcommand)]
pub enum MobiliseCommand {
    /// At the desk: start a mobilisation and call the first wave.
    Start(Box<StartArgs>),
    /// At the desk: write down what somebody answered on the telephone.
    Answer {
        /// The platform's door.
        #[command(flatten)]
        door: Door,
        /// Id of the incident.
        incident: String,
        /// Who answers.
        staff: String,
        /// The answer.
        #[command(flatten)]
        said: SaidArgs,
    },
    /// At the desk: who was called, what they answered, and the log.
    Show {
        /// The platform's door.
        #[command(flatten)]
        door: Door,
        /// Id of the incident.
        incident: String,
    },
    /// At the desk: call it off.
    Stop {
        /// The platform's door.
        #[command(flatten)]
        door: Door,
        /// Id of the incident.
        incident: String,
        /// Who calls it off.
        #[command(flatten)]
        by: By,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// On the phone: what its worker is called for.
    Calls,
    /// On the phone: answer a call; it goes out with the next sync.
    Reply {
        /// Id of the call, as `calls` shows it.
        id: String,
        /// The answer.
        #[command(flatten)]
        said: SaidArgs,
    },
}

/// A mobilisation to start.
#[derive(Debug, Args)]
pub struct StartArgs {
    /// The platform's door.
    #[command(flatten)]
    door: Door,
    /// Id of the incident.
    incident: String,
    /// How many must have arrived.
    #[arg(long)]
    people: usize,
    /// The farthest wave, W0 to W4; as far as the severity allows without it.
    #[arg(long)]
    farthest: Option<String>,
    /// What is to be done.
    #[arg(long)]
    task: String,
    /// Where people meet.
    #[arg(long)]
    meeting_point: String,
    /// What to look out for.
    #[arg(long, default_value = "")]
    risk_note: String,
    /// Who starts it.
    #[command(flatten)]
    by: By,
}

/// Who acts at the desk, and in which role.
#[derive(Debug, Args)]
pub struct By {
    /// Pseudonymous id.
    #[arg(long)]
    staff: String,
    /// Role, such as DISTRICT_DISPATCHER.
    #[arg(long)]
    role: String,
}

/// What is answered.
#[derive(Debug, Args)]
pub struct SaidArgs {
    /// The answer.
    #[arg(value_enum)]
    answer: AnswerArg,
    /// Minutes until they arrive.
    #[arg(long)]
    minutes: Option<u32>,
    /// Why they cannot come.
    #[arg(long, default_value = "")]
    reason: String,
}

/// An answer to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AnswerArg {
    /// On the way.
    Coming,
    /// Cannot come; with a reason.
    Cannot,
    /// At the meeting point.
    Arrived,
    /// Has done their part.
    Done,
}

impl AnswerArg {
    fn answer(self) -> Answer {
        match self {
            Self::Coming => Answer::Coming,
            Self::Cannot => Answer::Cannot,
            Self::Arrived => Answer::Arrived,
            Self::Done => Answer::Done,
        }
    }
}

/// Carries a mobilisation command out.
pub fn run(screen: &Screen, data: &Path, command: &MobiliseCommand) -> Result<ExitCode, Failure> {
    match command {
        MobiliseCommand::Calls => {
            let calls = phone::open(data)?.calls()?;
            screen.show(&json!({"calls": calls}), || own(screen, &calls));
            return Ok(ExitCode::SUCCESS);
        }
        MobiliseCommand::Reply { id, said } => {
            let answer = CallAnswer {
                answer: said.answer.answer(),
                minutes: said.minutes,
                reason: said.reason.clone(),
            };
            phone::open(data)?.answer_call(id.parse()?, &answer)?;
            screen.show(&json!({"id": id, "answer": answer.answer}), || {
                screen
                    .say("已记下,下次同步时发出", "noted, goes out with the next sync")
                    .to_owned()
            });
            return Ok(ExitCode::SUCCESS);
        }
        _ => {}
    }
    let told = at_the_desk(command)?;
    screen.show(&told, || lines(&told));
    Ok(ExitCode::SUCCESS)
}

fn at_the_desk(command: &MobiliseCommand) -> Result<Value, Failure> {
    match command {
        MobiliseCommand::Start(start) => {
            let asked = json!({
                "record": start.incident, "staff": start.by.staff, "role": start.by.role, "people": start.people,
                "farthest": start.farthest, "task": start.task, "meeting_point": start.meeting_point,
                "risk_note": start.risk_note,
            });
            start.door.post("/admin/v1/mobilise", &asked)
        }
        MobiliseCommand::Answer {
            door,
            incident,
            staff,
            said,
        } => {
            let asked = json!({
                "record": incident, "staff": staff, "answer": said.answer.answer(), "minutes": said.minutes,
                "reason": said.reason,
            });
            door.post("/admin/v1/mobilise/answer", &asked)
        }
        MobiliseCommand::Show { door, incident } => {
            let id: fushan_grid_core::model::ids::RecordId = incident.parse()?;
            door.get(&format!("/admin/v1/mobilise/{id}"), &[])
        }
        MobiliseCommand::Stop {
            door,
            incident,
            by,
            reason,
        } => {
            let asked = json!({"record": incident, "staff": by.staff, "role": by.role, "reason": reason});
            door.post("/admin/v1/mobilise/stop", &asked)
        }
        MobiliseCommand::Calls | MobiliseCommand::Reply { .. } => Ok(Value::Null),
    }
}

fn own(screen: &Screen, calls: &[OwnCall]) -> String {
    let lines = calls.iter().map(|call| {
        let open = match call.open {
            true => screen.say("进行中", "open"),
            false => screen.say("已结束", "over"),
        };
        format!(
            "{}  {:?}  {open}  {:?}  {}  @ {}  {}",
            call.id, call.wave, call.answer, call.task, call.meeting_point, call.risk_note
        )
    });
    let lines: Vec<String> = lines.collect();
    match lines.is_empty() {
        true => screen.say("没有动员", "no call").to_owned(),
        false => lines.join("\n"),
    }
}

/// State, need, and a line for each call.
fn lines(told: &Value) -> String {
    let text = |of: &Value, name: &str| of.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let body = told.get("body").cloned().unwrap_or_default();
    let people = body.pointer("/need/people").cloned().unwrap_or_default();
    let mut lines = vec![format!("{}  {}  {people}", text(told, "id"), text(told, "state"))];
    for call in body.get("called").and_then(Value::as_array).into_iter().flatten() {
        lines.push(format!(
            "  {}  {}  {}",
            text(call, "wave"),
            text(call, "staff"),
            text(call, "answer")
        ));
    }
    lines.join("\n")
}
