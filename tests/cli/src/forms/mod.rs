//! `forms`: checking, showing and filling in forms, without a phone's data.

mod chance;
mod check;
mod fill;
mod run;
mod show;
mod source;
mod walk;

pub use source::definition;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;

use crate::failure::Failure;
use crate::show::Screen;

/// Form verbs.
#[derive(Debug, Subcommand)]
pub enum FormsCommand {
    /// Judge a form: an ODK XForms document or our own GF/1 JSON.
    Check {
        /// The form.
        form: PathBuf,
        /// Folder of the files it refers to; the form's own folder is always looked at.
        #[arg(long, value_name = "DIR")]
        media: Option<PathBuf>,
        /// Accept rules that depend on each other in a circle, as Enketo does.
        #[arg(long)]
        enketo: bool,
    },
    /// Fill a form in: question by question on the terminal, or from a script of steps.
    Run {
        /// The form.
        form: PathBuf,
        /// Folder of the files it refers to.
        #[arg(long, value_name = "DIR")]
        media: Option<PathBuf>,
        /// Steps to carry out, a walk in JSON.
        #[arg(long, value_name = "FILE")]
        script: Option<PathBuf>,
        /// Language of the form's texts, as its author named it.
        #[arg(long, value_name = "NAME")]
        language: Option<String>,
    },
    /// Show what a form asks at first: questions with types, choices and looks.
    Show {
        /// The form.
        form: PathBuf,
        /// Folder of the files it refers to.
        #[arg(long, value_name = "DIR")]
        media: Option<PathBuf>,
        /// Language of the form's texts, as its author named it.
        #[arg(long, value_name = "NAME")]
        language: Option<String>,
    },
    /// Fill a form in at random, as its rules allow, and print the walk: `forms run --script` repeats it.
    Walk {
        /// The form.
        form: PathBuf,
        /// Folder of the files it refers to.
        #[arg(long, value_name = "DIR")]
        media: Option<PathBuf>,
        /// The same seed walks the same way.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
}

/// Carries a verb out.
pub fn run(screen: &Screen, command: &FormsCommand) -> Result<ExitCode, Failure> {
    match command {
        FormsCommand::Check { form, media, enketo } => check::run(screen, form, media.as_deref(), *enketo),
        FormsCommand::Run {
            form,
            media,
            script: Some(script),
            ..
        } => run::script(screen, form, media.as_deref(), script),
        FormsCommand::Run {
            form, media, language, ..
        } => fill::run(screen, form, media.as_deref(), language.as_deref()),
        FormsCommand::Show { form, media, language } => show::run(screen, form, media.as_deref(), language.as_deref()),
        FormsCommand::Walk { form, media, seed } => walk::run(screen, form, media.as_deref(), *seed),
    }
}
