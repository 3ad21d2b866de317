//! A command's failure: the machine's matter, or one that ends the run with an error.

use crate::app::error::AppError;
use crate::evidence::EvidenceError;
use crate::model::fault::Coded as _;
use crate::platform::reply::ReplyError;
use crate::store::StoreError;
use crate::sync::Failure;

pub(super) enum Trouble {
    Machine(Failure),
    Fatal(AppError),
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        match error {
            // what needs space or the file waits; what can go on without goes on
            StoreError::DiskFull | StoreError::Locked => Self::Machine(Failure::Local {
                code: error.fault().code.to_owned(),
            }),
            other => Self::Fatal(other.into()),
        }
    }
}

impl From<AppError> for Trouble {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Store(error) => error.into(),
            other => Self::Fatal(other),
        }
    }
}

impl From<EvidenceError> for Trouble {
    fn from(error: EvidenceError) -> Self {
        Self::Machine(Failure::Media {
            code: error.fault().code.to_owned(),
        })
    }
}

impl From<ReplyError> for Trouble {
    fn from(error: ReplyError) -> Self {
        Self::Machine(match error {
            ReplyError::Retryable { code, after_ms } => {
                let served = matches!(
                    code,
                    "server_error" | "busy" | "rate_limited" | "unreadable" | "reply_cut"
                );
                Failure::Retryable {
                    code: code.to_owned(),
                    after_ms,
                    network: !served,
                }
            }
            ReplyError::Sequence {
                code,
                expected_n,
                offset,
            } => Failure::Sequence {
                code,
                expected_n,
                offset,
            },
            ReplyError::Auth { code } => Failure::Auth { code },
            ReplyError::Refused { code } => Failure::Refused { code },
            ReplyError::Cancelled => Failure::Cancelled,
        })
    }
}
