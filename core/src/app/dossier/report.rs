//! What a verification came to: one verdict for each link, never one for all.

use serde::Serialize;

/// Verdict on one link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// Checked and right.
    Pass,
    /// Not there to be checked; `code` says why when that is known.
    Absent,
    /// Checked and wrong; `code` says how.
    Fail,
}

/// One link of the evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Link {
    /// Where: `0003` for the third entry, empty for the folder.
    pub at: String,
    /// Which link: `text`, `key`, `signature`, `chain`, `bytes`, `receipt`, `log`, `log_key`, `stored`, `stamp`, `time`,
    /// `derived`, `attestation`, `c2pa`.
    pub link: &'static str,
    /// The verdict.
    pub told: Told,
    /// Why, by code; empty for a pass.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub code: String,
}

/// Links by verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Tally {
    /// Right.
    pub pass: usize,
    /// Wrong.
    pub fail: usize,
    /// Not there.
    pub absent: usize,
}

/// Everything that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Report {
    /// Every link.
    pub links: Vec<Link>,
    /// What the platform found amiss when the entries came, by entry: told, not judged here.
    pub findings: Vec<(String, String)>,
}

impl Report {
    pub(super) fn add(&mut self, at: &str, link: &'static str, result: Result<(), Missing>) {
        let (told, code) = match result {
            Ok(()) => (Told::Pass, String::new()),
            Err(Missing::Absent(code)) => (Told::Absent, code),
            Err(Missing::Wrong(code)) => (Told::Fail, code),
        };
        self.links.push(Link {
            at: at.to_owned(),
            link,
            told,
            code,
        });
    }

    /// Counts.
    #[must_use]
    pub fn tally(&self) -> Tally {
        let count = |told| self.links.iter().filter(|l| l.told == told).count();
        Tally {
            pass: count(Told::Pass),
            fail: count(Told::Fail),
            absent: count(Told::Absent),
        }
    }

    /// Codes of everything that is wrong.
    #[must_use]
    pub fn failures(&self) -> Vec<&str> {
        let wrong = self.links.iter().filter(|l| l.told == Told::Fail);
        wrong.map(|l| l.code.as_str()).collect()
    }
}

/// Why a link does not pass.
pub(super) enum Missing {
    /// Not there.
    Absent(String),
    /// Wrong.
    Wrong(String),
}

impl Missing {
    pub(super) fn wrong(code: &str) -> Self {
        Self::Wrong(code.to_owned())
    }

    pub(super) fn absent(code: &str) -> Self {
        Self::Absent(code.to_owned())
    }

    /// Wrong, with the code of an error.
    pub(super) fn of(error: &impl crate::model::fault::Coded) -> Self {
        Self::Wrong(error.fault().code.to_owned())
    }
}
