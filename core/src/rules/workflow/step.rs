//! The steps with their arguments, as people and programs ask for them: one shape for phone, platform and command line.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::geo::Point;
use crate::model::ids::{RecordId, StaffId};
use crate::model::record::Body;
use crate::model::time::UtcMillis;
use crate::rules::deadline::Limit;

/// To whom a case is dispatched.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Assignment {
    /// The main handler: an organisation, or the code of a community or grid for whoever works there.
    pub main: String,
    /// Organisations that help.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub co: Vec<String>,
    /// The person, when one is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<StaffId>,
    /// Limit to dispose, when it is not the category's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
    /// Rule of dispatch that said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Version of the rule set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule_set: Option<String>,
    /// Dispatched by force after two refusals: the handler may not refuse.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub forced: bool,
    /// Why; needed when it is forced or given to somebody else.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// A step with its arguments (domain dictionary 4.4). `T01_SAVE_DRAFT` and `T04_SELF_CLOSE` are use cases of their own; `T03_INTAKE`
/// belongs to the channels.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event")]
#[allow(missing_docs)] // the arguments are those of the dictionary's table
pub enum Step {
    #[serde(rename = "T02_SUBMIT")]
    Submit,
    #[serde(rename = "T05_WITHDRAW")]
    Withdraw { reason: String },
    #[serde(rename = "T06_ORDER_VERIFY")]
    OrderVerify { person: Option<StaffId> },
    #[serde(rename = "T07_VERIFY_RESULT")]
    VerifyResult { result: String, note: String },
    #[serde(rename = "T08_ACCEPT")]
    Accept { note: String },
    #[serde(rename = "T09_REJECT")]
    Reject { reason_code: String, reply: String },
    #[serde(rename = "T10_RETURN_FOR_INFO")]
    ReturnForInfo { missing: Vec<String> },
    #[serde(rename = "T11_RESUBMIT")]
    Resubmit { note: String },
    #[serde(rename = "T12_MERGE")]
    Merge { merged_into: RecordId, reason: String },
    #[serde(rename = "T13_DISPATCH")]
    Dispatch(Assignment),
    #[serde(rename = "T14_REASSIGN")]
    Reassign(Assignment),
    #[serde(rename = "T15_ESCALATE")]
    Escalate { reason: String, level: Option<u8> },
    #[serde(rename = "T16_DELEGATE_DOWN")]
    Delegate { reason: String },
    #[serde(rename = "T17_SIGN")]
    Sign,
    #[serde(rename = "T18_REFUSE")]
    Refuse { reason: String },
    #[serde(rename = "T19_PROGRESS")]
    Progress { note: String },
    #[serde(rename = "T20_REQUEST_EXTENSION")]
    AskExtension { limit: Limit, reason: String },
    #[serde(rename = "T21_DECIDE_EXTENSION")]
    DecideExtension { granted: Option<Limit>, reason: String },
    #[serde(rename = "T22_SUSPEND")]
    Suspend {
        reason_code: String,
        until: UtcMillis,
        note: String,
    },
    #[serde(rename = "T23_RESUME")]
    Resume { note: String },
    #[serde(rename = "T24_FEEDBACK")]
    Feedback { result: String, note: String },
    #[serde(rename = "T25_ORDER_CHECK")]
    OrderCheck { person: Option<StaffId> },
    #[serde(rename = "T26_CHECK_RESULT")]
    CheckResult {
        result: String,
        point: Option<Point>,
        reason: String,
        note: String,
    },
    #[serde(rename = "T27_REWORK")]
    Rework { reason: String },
    #[serde(rename = "T28_CLOSE")]
    Close {
        close_type: String,
        reply: String,
        note: String,
    },
    #[serde(rename = "T29_FORCE_CLOSE")]
    ForceClose { reason: String, second: StaffId },
    #[serde(rename = "T30_EVALUATE")]
    Evaluate {
        satisfaction: u8,
        contacted: Option<bool>,
        solved: Option<bool>,
        note: String,
    },
    #[serde(rename = "T31_REDO")]
    Redo { reason: String },
    #[serde(rename = "T32_SUPERVISE")]
    Supervise {
        level: Option<u8>,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        cancel: bool,
        reason: String,
    },
    #[serde(rename = "T33_URGE")]
    Urge { note: String },
    #[serde(rename = "T34_SET_URGENCY")]
    SetUrgency { urgency: String, reason: String },
    #[serde(rename = "T35_INSTRUCT")]
    Instruct { note: String },
    #[serde(rename = "T36_DIRECT_ANSWER")]
    DirectAnswer { answer: String },
}

impl Step {
    /// Id of the transition, and the arguments as they stand in the history: what is empty is left out.
    #[must_use]
    pub fn into_parts(self) -> (String, Body) {
        let Ok(Value::Object(mut args)) = serde_json::to_value(self) else {
            return (String::new(), Body::new());
        };
        let event = args.remove("event").and_then(|event| event.as_str().map(str::to_owned));
        args.retain(|_, value| !value.is_null() && value.as_str() != Some(""));
        (event.unwrap_or_default(), args)
    }
}
