//! `forms`: checking, showing and filling in forms, without a phone's data.

mod bench;
mod chance;
mod check;
mod checklists;
mod export;
mod fill;
mod import;
mod run;
mod server;
mod show;
mod source;
mod walk;

pub use source::{Folder, definition};

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
    /// Turn a workbook (.xlsx, .xls, .csv) or an XForms document into GF/1.
    Import {
        /// The workbook or document.
        form: PathBuf,
        /// Where to write it; the screen when absent.
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Build the shipped checklists from their dictionary: workbooks and GF/1, always the same bytes.
    BuildChecklists {
        /// Folder for the workbooks.
        #[arg(long, value_name = "DIR")]
        workbooks: PathBuf,
        /// Folder for the forms and their index.
        #[arg(long, value_name = "DIR")]
        forms: PathBuf,
    },
    /// Write submissions in another format: CSV, XLSX, GeoJSON, JSON, or the JSON Schema of the answers.
    Export {
        /// The form.
        form: PathBuf,
        /// Submissions in XML, as `forms run` and phones write them.
        submissions: Vec<PathBuf>,
        /// What to write.
        #[arg(long, value_enum)]
        format: export::Format,
        /// Where to write it; for CSV a folder.
        #[arg(short, long, value_name = "PATH")]
        output: PathBuf,
    },
    /// List the forms of an ODK Central, Kobo or other OpenRosa server, or fetch one with its files.
    Fetch {
        #[command(flatten)]
        server: server::Server,
        /// Id of the form; without it the list is shown.
        #[arg(long, value_name = "ID")]
        form: Option<String>,
        /// Folder to write to.
        #[arg(short, long, value_name = "DIR")]
        output: Option<PathBuf>,
    },
    /// Submit a filled-in form with its files to such a server.
    Submit {
        #[command(flatten)]
        server: server::Server,
        /// The submission document.
        #[arg(long, value_name = "FILE")]
        document: PathBuf,
        /// Its files.
        files: Vec<PathBuf>,
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
    /// Measure: load from XML and from GF/1, open, answers, memory. Build with --release.
    Bench {
        /// The form; without it one of 1,000 items and 200 repeats is made.
        form: Option<PathBuf>,
        /// Write the form that was made there, to measure other engines with it.
        #[arg(long, value_name = "FILE")]
        write: Option<PathBuf>,
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
        FormsCommand::BuildChecklists { workbooks, forms } => checklists::build(screen, workbooks, forms),
        FormsCommand::Export {
            form,
            submissions,
            format,
            output,
        } => export::run(screen, form, submissions, *format, output),
        FormsCommand::Fetch { server, form, output } => {
            server::fetch(screen, server, form.as_deref(), output.as_deref())
        }
        FormsCommand::Submit {
            server,
            document,
            files,
        } => server::submit(screen, server, document, files),
        FormsCommand::Import { form, output } => import::run(screen, form, output.as_deref()),
        FormsCommand::Run {
            form,
            media,
            script: Some(script),
            ..
        } => run::script(screen, form, media.as_deref(), script),
        FormsCommand::Run {
            form, media, language, ..
        } => fill::run(screen, form, media.as_deref(), language.as_deref()),
        FormsCommand::Bench { form, write } => bench::run(screen, form.as_deref(), write.as_deref()),
        FormsCommand::Show { form, media, language } => show::run(screen, form, media.as_deref(), language.as_deref()),
        FormsCommand::Walk { form, media, seed } => walk::run(screen, form, media.as_deref(), *seed),
    }
}
