//! Ends a run that did not succeed: message, advice, exit code.

use std::process::ExitCode;

use fushan_grid_core::app::AppError;
use fushan_grid_core::app::messages::{Lang, message};
use fushan_grid_core::forms::Refused;
use fushan_grid_core::model::fault::{Coded, Fault};
use fushan_grid_core::model::geo::GeoError;
use fushan_grid_core::model::ids::IdError;
use serde_json::json;

use crate::show::Screen;

/// Why a command did not succeed.
#[derive(Debug)]
pub enum Failure {
    /// The engine said no.
    Engine(AppError),
    /// A file or folder of this machine.
    Machine(std::io::Error),
    /// An argument that clap cannot judge.
    Input(Fault),
    /// A form that cannot be used, with everything that is wrong with it.
    Refused(Refused),
    /// The demo or a check found what must not be.
    Check(String),
}

impl Failure {
    /// Prints the failure and gives the exit code.
    pub fn report(&self, screen: &Screen) -> ExitCode {
        let fault = self.fault();
        let shown = message(&fault, screen.lang);
        let detail = match self {
            Self::Machine(error) => Some(error.to_string()),
            Self::Check(what) => Some(what.clone()),
            Self::Engine(error) => error.detail(screen.lang),
            Self::Input(_) => None,
            Self::Refused(refused) => Some(refused.to_string()),
        };
        if screen.json {
            let args = &fault.args;
            println!(
                "{:#}",
                json!({"error": {"code": fault.code, "args": args, "message": shown.text, "next": shown.next,
                "detail": detail}})
            );
        } else {
            let colon = if screen.lang == Lang::Zh { ":" } else { ": " };
            eprintln!("{} [{}]", shown.text, fault.code);
            if let Some(detail) = detail {
                eprintln!("{}{colon}{detail}", screen.say("详情", "details"));
            }
            if !shown.next.is_empty() {
                eprintln!("{}{colon}{}", screen.say("下一步", "next"), shown.next);
            }
        }
        ExitCode::from(exit_code(&fault))
    }

    fn fault(&self) -> Fault {
        match self {
            Self::Engine(error) => error.fault(),
            Self::Machine(_) => Fault::of("machine"),
            Self::Input(fault) => fault.clone(),
            Self::Refused(_) => Fault::of("form_refused"),
            Self::Check(_) => Fault::of("check_failed"),
        }
    }
}

/// The documented exit code of a fault.
fn exit_code(fault: &Fault) -> u8 {
    match fault.code {
        "machine" | "check_failed" | "disk_full" | "io" => 1,
        "not_found" | "missing_media" | "staff_unknown" | "post_unknown" => 4,
        "key_missing" | "key_wrong" | "key_unavailable" | "key_header_bad" | "db_corrupt" | "newer_schema"
        | "store_closed" | "not_initialised" | "store" => 5,
        "offline" | "timeout" | "captive_portal" | "unreadable" | "busy" | "rate_limited" | "tls_untrusted"
        | "token_expired" | "device_revoked" | "server_error" => 6,
        _ => 3,
    }
}

impl From<AppError> for Failure {
    fn from(error: AppError) -> Self {
        Self::Engine(error)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Machine(error)
    }
}

impl From<IdError> for Failure {
    fn from(error: IdError) -> Self {
        Self::Input(error.fault())
    }
}

impl From<GeoError> for Failure {
    fn from(error: GeoError) -> Self {
        Self::Input(error.fault())
    }
}
