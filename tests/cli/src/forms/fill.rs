//! `forms run`: fills a form in on the terminal, question by question, with skip logic.

use std::io::{BufRead as _, Write as _};
use std::path::Path;
use std::process::ExitCode;

use fushan_grid_core::forms::session::{QuestionView, Refusal, Screen as Kind, View};
use fushan_grid_core::forms::{Cycles, Outcome, Session};
use serde_json::json;

use super::{check, source};
use crate::failure::Failure;
use crate::host;
use crate::show::Screen;

/// Asks every visible question; an empty line goes on, `:clear` empties, `:back` goes back, `:quit` stops.
pub fn run(screen: &Screen, form: &Path, media: Option<&Path>, language: Option<&str>) -> Result<ExitCode, Failure> {
    let compiled = source::form(form, media, Cycles::Strict)?.map_err(Failure::Refused)?;
    let mut session = Session::open(compiled, check::setting(host::form_clock()));
    session.speak(language);
    let mut filling = Filling {
        session,
        screen: *screen,
        done: Vec::new(),
    };
    filling.ask_all()?;
    let finalized = filling.session.finalize();
    if let Err(refusal) = &finalized {
        filling.tell_refusal(refusal);
    }
    let submission = filling.session.submission();
    screen.show(
        &json!({"finalized": finalized.is_ok(), "submission": submission}),
        || submission.clone(),
    );
    Ok(ExitCode::from(if finalized.is_ok() { 0 } else { 3 }))
}

struct Filling {
    session: Session,
    screen: Screen,
    /// Paths that were passed, in order.
    done: Vec<String>,
}

/// What a person did at a place.
enum Step {
    Next,
    Again,
    Back,
    Quit,
}

impl Filling {
    /// Goes on until everything is answered, or the person stops.
    fn ask_all(&mut self) -> Result<(), Failure> {
        loop {
            self.session.at(host::form_clock());
            let views = self.session.views();
            let Some(view) = views.into_iter().find(|view| !self.done.contains(&view.path)) else {
                let Some(refusal) = self.session.validate() else {
                    return Ok(());
                };
                self.tell_refusal(&refusal);
                self.done.retain(|path| *path != refusal.path);
                continue;
            };
            match self.visit(&view)? {
                Step::Next => self.done.push(view.path),
                Step::Again => {}
                Step::Back => {
                    self.done.pop();
                }
                Step::Quit => return Ok(()),
            }
        }
    }

    fn visit(&mut self, view: &View) -> Result<Step, Failure> {
        let label = view.label.as_deref().unwrap_or(&view.path);
        match &view.screen {
            Kind::Group | Kind::Repeat { .. } => {
                eprintln!("── {label}");
                Ok(Step::Next)
            }
            Kind::NewRepeat => self.offer(view, label),
            Kind::Question(question) => self.ask(view, question, label),
        }
    }

    fn offer(&mut self, view: &View, label: &str) -> Result<Step, Failure> {
        let question = self.screen.say("再添加一个？(y/N)", "one more? (y/N)");
        Ok(match line(&format!("＋ {label} {question} "))?.as_deref() {
            None | Some(":quit") => Step::Quit,
            Some(":back") => Step::Back,
            // the offer comes again behind the new instance
            Some("y" | "Y" | "是") if self.session.add_repeat(&view.path) == Outcome::Accepted => Step::Again,
            Some(_) => Step::Next,
        })
    }

    fn ask(&mut self, view: &View, question: &QuestionView, label: &str) -> Result<Step, Failure> {
        present(view, question, label);
        if question.readonly {
            return Ok(Step::Next);
        }
        let old = question
            .answer
            .as_deref()
            .map(|answer| format!(" [{answer}]"))
            .unwrap_or_default();
        loop {
            let Some(answer) = line(&format!("  {:?}{old} > ", question.data_type))? else {
                return Ok(Step::Quit);
            };
            let value = match answer.as_str() {
                ":quit" => return Ok(Step::Quit),
                ":back" => return Ok(Step::Back),
                "" => return Ok(Step::Next),
                ":clear" => String::new(),
                text => chosen(text, question),
            };
            let outcome = self.session.answer(&view.path, &value);
            if outcome == Outcome::Accepted {
                return Ok(Step::Next);
            }
            eprintln!("  ! {}", self.why(outcome));
        }
    }

    fn why(&self, outcome: Outcome) -> &'static str {
        match outcome {
            Outcome::Required => self.screen.say("必填", "an answer is required"),
            Outcome::Constraint => self
                .screen
                .say("不符合题目要求", "the answer breaks the question's rule"),
            Outcome::NotAChoice => self.screen.say("没有这个选项", "no such choice"),
            Outcome::BadType => self.screen.say("类型不对", "not of the question's type"),
            _ => outcome.word(),
        }
    }

    fn tell_refusal(&self, refusal: &Refusal) {
        let said = refusal.message.as_deref().unwrap_or(refusal.why.word());
        eprintln!("! {}: {said}", refusal.path);
    }
}

/// Shows a question. Questions go to the error stream, so that the result can be taken from the other.
fn present(view: &View, question: &QuestionView, label: &str) {
    eprintln!("{label}{}", if question.required { " *" } else { "" });
    if let Some(hint) = &view.hint {
        eprintln!("  {hint}");
    }
    for (number, offer) in question.choices.iter().flatten().enumerate() {
        eprintln!("  {}) {} [{}]", number + 1, offer.label, offer.value);
    }
    if question.readonly {
        eprintln!("  = {}", question.answer.as_deref().unwrap_or(""));
    }
}

fn line(prompt: &str) -> Result<Option<String>, Failure> {
    eprint!("{prompt}");
    std::io::stderr().flush()?;
    let mut text = String::new();
    let read = std::io::stdin().lock().read_line(&mut text)?;
    Ok((read > 0).then(|| text.trim().to_owned()))
}

/// Numbers of choices become their values; everything else stays as typed.
fn chosen(text: &str, question: &QuestionView) -> String {
    let choices = question.choices.as_deref().unwrap_or_default();
    if choices.is_empty() {
        return text.to_owned();
    }
    let value = |part: &str| {
        let known = choices.iter().any(|offer| offer.value == part);
        let number = part
            .parse::<usize>()
            .ok()
            .and_then(|number| choices.get(number.checked_sub(1)?));
        number
            .filter(|_| !known)
            .map_or_else(|| part.to_owned(), |offer| offer.value.clone())
    };
    text.split_whitespace().map(value).collect::<Vec<_>>().join(" ")
}
