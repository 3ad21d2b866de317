//! `forms walk`: a random walk through a form that its rules allow.

use std::path::Path;
use std::process::ExitCode;

use fushan_grid_core::forms::definition::Control;
use fushan_grid_core::forms::session::{QuestionView, Screen as Kind};
use fushan_grid_core::forms::{Cycles, DataType, FormClock, Outcome, Session, Setting};
use serde_json::{Value, json};

use super::chance::Dice;
use super::source;
use crate::failure::Failure;
use crate::show::Screen;

/// When walks start.
pub const START: &str = "2026-03-04T09:30:00.000+08:00";
const STEP_MS: i64 = 60_000;
const MOST_STEPS: usize = 500;
const TRIES: usize = 24;

/// Walks and prints the walk with what became of it.
pub fn run(screen: &Screen, form: &Path, media: Option<&Path>, seed: u64) -> Result<ExitCode, Failure> {
    let compiled = source::form(form, media, Cycles::Strict)?.map_err(Failure::Refused)?;
    let clock = FormClock::parse(START).unwrap_or(FormClock {
        now_ms: 0,
        offset_min: 480,
    });
    let setting = Setting {
        clock,
        properties: Default::default(),
        language: None,
        chance: Box::new(Dice::seeded(seed)),
    };
    let mut walker = Walker {
        session: Session::open(compiled, setting),
        dice: Dice::seeded(seed ^ 0x5eed),
        clock,
        steps: Vec::new(),
        seen: Vec::new(),
    };
    walker.fill();
    walker.repair();
    walker.tick();
    let finalized = walker.session.finalize();
    let finalize = match &finalized {
        Ok(()) => json!({"outcome": "ok"}),
        Err(refusal) => json!({"outcome": "refused", "path": refusal.path, "why": refusal.why.word()}),
    };
    let document = json!({
        "format": "fushan-walk/1",
        "form": form.file_name().map(|name| name.to_string_lossy()),
        "seed": seed,
        "language": null,
        "clock": {"start": START, "step_ms": STEP_MS},
        "properties": {},
        "steps": walker.steps,
        "finalize": finalize,
        "submission": walker.session.submission(),
    });
    screen.show(&document, || walker.session.submission());
    Ok(ExitCode::from(if finalized.is_ok() { 0 } else { 3 }))
}

struct Walker {
    session: Session,
    dice: Dice,
    clock: FormClock,
    steps: Vec<Value>,
    seen: Vec<String>,
}

impl Walker {
    fn tick(&mut self) {
        self.clock = self.clock.later(STEP_MS);
        self.session.at(self.clock);
    }

    /// Visits every place once, in the order of the form as it unfolds.
    fn fill(&mut self) {
        while self.steps.len() < MOST_STEPS {
            let next = self
                .session
                .views()
                .into_iter()
                .find(|view| !self.seen.contains(&view.path));
            let Some(view) = next else {
                return;
            };
            match &view.screen {
                Kind::NewRepeat if self.dice.below(2) == 0 => {
                    self.tick();
                    let outcome = self.session.add_repeat(&view.path);
                    self.steps
                        .push(json!({"add_repeat": {"path": view.path}, "outcome": outcome.word()}));
                    if outcome == Outcome::Accepted && self.dice.below(3) > 0 {
                        continue;
                    }
                }
                Kind::Question(question) if question.required || self.dice.below(4) > 0 => {
                    self.answer(&view.path, question);
                }
                _ => {}
            }
            self.seen.push(view.path);
        }
    }

    fn answer(&mut self, path: &str, question: &QuestionView) {
        if question.readonly {
            return;
        }
        for _ in 0..TRIES {
            let Some(value) = self.value(question) else {
                return;
            };
            self.tick();
            let outcome = self.session.answer(path, &value);
            self.steps
                .push(json!({"answer": {"path": path, "value": value}, "outcome": outcome.word()}));
            if outcome == Outcome::Accepted {
                return;
            }
        }
    }

    /// Answers what stands in the way, as long as that helps.
    fn repair(&mut self) {
        for _ in 0..40 {
            self.tick();
            let Some(refusal) = self.session.validate() else {
                self.steps.push(json!({"validate": {}, "outcome": "ok"}));
                return;
            };
            self.steps
                .push(json!({"validate": {}, "outcome": "refused", "path": refusal.path}));
            let view = self.session.views().into_iter().find(|view| view.path == refusal.path);
            match view.map(|view| view.screen) {
                Some(Kind::Question(question)) => self.answer(&refusal.path, &question),
                _ => return,
            }
        }
    }

    fn value(&mut self, question: &QuestionView) -> Option<String> {
        let choices = question.choices.as_deref().unwrap_or_default();
        let values: Vec<&str> = choices.iter().map(|choice| choice.value.as_str()).collect();
        Some(match question.control {
            Control::SelectOne => (*values.get(self.dice.below(values.len()))?).to_owned(),
            Control::SelectMany => {
                let some: Vec<&str> = values.iter().copied().filter(|_| self.dice.below(3) == 0).collect();
                if some.is_empty() {
                    (*values.first()?).to_owned()
                } else {
                    some.join(" ")
                }
            }
            Control::Rank => values.join(" "),
            Control::Upload => format!("file-{}.jpg", self.dice.below(1000)),
            Control::Trigger => "OK".to_owned(),
            Control::Input | Control::Secret | Control::Range => self.typed(question.data_type),
        })
    }

    fn typed(&mut self, data_type: DataType) -> String {
        const WORDS: [&str; 6] = ["网格", "消防通道", "OK", "A-1", "13800000000", "3 号楼"];
        let dice = &mut self.dice;
        let size = [10, 100, 1000, 100_000].get(dice.below(4)).copied().unwrap_or(10);
        match data_type {
            DataType::GeoPoint => point(dice),
            DataType::GeoTrace => format!("{};{}", point(dice), point(dice)),
            DataType::GeoShape => {
                let first = point(dice);
                format!("{first};{};{};{first}", point(dice), point(dice))
            }
            DataType::Integer | DataType::Long => dice.below(size).to_string(),
            DataType::Decimal => format!("{}.{}", dice.below(size), dice.below(100)),
            DataType::Date => day(dice),
            DataType::Time => time(dice),
            DataType::DateTime => format!("{}T{}", day(dice), time(dice)),
            _ if dice.below(3) == 0 => dice.below(size).to_string(),
            _ => WORDS.get(dice.below(WORDS.len())).copied().unwrap_or("OK").to_owned(),
        }
    }
}

fn point(dice: &mut Dice) -> String {
    format!("37.{:04} 121.{:04} 0 5", dice.below(10_000), dice.below(10_000))
}

fn day(dice: &mut Dice) -> String {
    format!(
        "20{:02}-{:02}-{:02}",
        20 + dice.below(8),
        1 + dice.below(12),
        1 + dice.below(28)
    )
}

fn time(dice: &mut Dice) -> String {
    format!("{:02}:{:02}:00.000+08:00", dice.below(24), dice.below(60))
}
