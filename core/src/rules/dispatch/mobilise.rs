//! Emergency mobilisation of 1+1+X+N in waves, with answers and a stop rule (domain dictionary 6.5).

use serde::{Deserialize, Serialize};

use crate::model::fault::{Coded, Fault};
use crate::model::ids::StaffId;
use crate::model::time::UtcMillis;

/// Shortest time between two calls to one person: ten minutes.
const CALL_GAP_MS: i64 = 10 * 60_000;

/// So many people are more than the grid's own two: the second wave is called with the first.
const MANY: usize = 3;

/// A wave, from the grid outwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Wave {
    /// Staff and leader of the grid.
    W0,
    /// X of the grid: building heads, property, police.
    W1,
    /// Staff of neighbouring grids, the community team.
    W2,
    /// N: the reserve of the community, then of the town.
    W3,
    /// The district's reserve and departments.
    W4,
}

impl Wave {
    /// Time within which an answer is wanted, in minutes; the fourth wave goes by its own plan.
    #[must_use]
    pub fn answer_within_minutes(self) -> Option<i64> {
        match self {
            Self::W0 => Some(2),
            Self::W1 => Some(5),
            Self::W2 => Some(10),
            Self::W3 => Some(20),
            Self::W4 => None,
        }
    }

    fn next(self) -> Option<Self> {
        match self {
            Self::W0 => Some(Self::W1),
            Self::W1 => Some(Self::W2),
            Self::W2 => Some(Self::W3),
            Self::W3 => Some(Self::W4),
            Self::W4 => None,
        }
    }
}

/// How many people are needed, and how far the call may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Need {
    /// People who must have arrived.
    pub people: usize,
    /// The farthest wave: W4 only for SERIOUS and EXTREME.
    pub farthest: Wave,
}

/// Most people that one mobilisation asks for.
const MOST_PEOPLE: usize = 1_000;

/// Why a need cannot be met by a mobilisation, or an answer not be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MobilisationError {
    /// Nobody, or more than the district has.
    #[error("so many people cannot be called")]
    People,
    /// The district's reserve is called for SERIOUS and EXTREME incidents only.
    #[error("the fourth wave is for serious incidents")]
    TooWide,
    /// Somebody who was not called.
    #[error("not called")]
    NotCalled,
    /// Who has arrived does not set out again; who was not there is not done.
    #[error("the answer goes back")]
    Backwards,
}

impl Coded for MobilisationError {
    fn fault(&self) -> Fault {
        Fault::of(match self {
            Self::People => "mobilisation_people",
            Self::TooWide => "mobilisation_too_wide",
            Self::NotCalled => "mobilisation_not_called",
            Self::Backwards => "mobilisation_answer_backwards",
        })
    }
}

impl Need {
    /// The need of an incident: without a farthest wave as far as its severity allows.
    ///
    /// # Errors
    /// [`MobilisationError::People`], [`MobilisationError::TooWide`].
    pub fn of(people: usize, farthest: Option<Wave>, severity: &str) -> Result<Self, MobilisationError> {
        let widest = match severity {
            "SERIOUS" | "EXTREME" => Wave::W4,
            _ => Wave::W3,
        };
        let farthest = farthest.unwrap_or(widest);
        if !(1..=MOST_PEOPLE).contains(&people) {
            return Err(MobilisationError::People);
        }
        if farthest > widest {
            return Err(MobilisationError::TooWide);
        }
        Ok(Self { people, farthest })
    }
}

/// What somebody answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Nothing yet.
    None,
    /// On the way.
    Coming,
    /// Cannot come.
    Cannot,
    /// Checked in at the meeting point.
    Arrived,
    /// Has done their part.
    Done,
}

impl Answer {
    /// Whether it may follow another one; the same one again changes nothing.
    #[must_use]
    pub fn follows(self, before: Self) -> bool {
        let onwards: &[Self] = match before {
            Self::None => &[Self::Coming, Self::Cannot, Self::Arrived],
            Self::Coming => &[Self::Cannot, Self::Arrived],
            Self::Cannot => &[Self::Coming, Self::Arrived],
            Self::Arrived => &[Self::Done],
            Self::Done => &[],
        };
        self == before || onwards.contains(&self)
    }
}

/// Somebody who was called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Called {
    /// Who.
    pub staff: StaffId,
    /// In which wave.
    pub wave: Wave,
    /// When, by the platform's time.
    pub at: UtcMillis,
    /// Their answer.
    pub answer: Answer,
}

/// A call that goes out now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Call {
    /// Who.
    pub staff: StaffId,
    /// In which wave.
    pub wave: Wave,
    /// Until when an answer is wanted; the offline phone drops the call after that.
    pub until: Option<UtcMillis>,
}

/// A mobilisation: who can be called in which wave, and who was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mobilisation {
    /// What is needed.
    pub need: Need,
    /// Who can be called, in the order in which to call.
    pub people: Vec<(Wave, StaffId)>,
    /// Who was called.
    pub called: Vec<Called>,
    /// Who was called for another incident, and when last: they are not called again within ten minutes.
    #[serde(default)]
    pub elsewhere: Vec<(StaffId, UtcMillis)>,
}

impl Mobilisation {
    /// Takes an answer to the last call of a person; whether it changed anything.
    ///
    /// # Errors
    /// [`MobilisationError::NotCalled`], [`MobilisationError::Backwards`].
    pub fn answer(&mut self, staff: &StaffId, answer: Answer) -> Result<bool, MobilisationError> {
        let last = self.called.iter_mut().rev().find(|call| call.staff == *staff);
        let call = last.ok_or(MobilisationError::NotCalled)?;
        if !answer.follows(call.answer) || answer == Answer::None {
            return Err(MobilisationError::Backwards);
        }
        let changed = call.answer != answer;
        call.answer = answer;
        Ok(changed)
    }

    /// When time alone may let a further call go out: an answer is overdue, or ten minutes have passed since a call.
    #[must_use]
    pub fn next_look(&self, now: UtcMillis) -> Option<UtcMillis> {
        if self.enough() {
            return None;
        }
        let waits = self.called.iter().filter(|call| call.answer == Answer::None);
        let answers = waits.filter_map(|call| Some(call.at.plus(call.wave.answer_within_minutes()? * 60_000)));
        let lately = self.called.iter().map(|call| call.at);
        let gaps = lately
            .chain(self.elsewhere.iter().map(|(_, at)| *at))
            .map(|at| at.plus(CALL_GAP_MS));
        answers.chain(gaps).filter(|at| *at > now).min()
    }

    /// Whether people are still wanted and nobody is left to call or to wait for.
    #[must_use]
    pub fn exhausted(&self, now: UtcMillis) -> bool {
        self.hopeful() < self.need.people && self.calls(now).is_empty() && self.next_look(now).is_none()
    }

    /// Whether enough people have arrived: no further call goes out.
    #[must_use]
    pub fn enough(&self) -> bool {
        self.count(|answer| matches!(answer, Answer::Arrived | Answer::Done)) >= self.need.people
    }

    /// The calls that go out at a moment. The first wave at once, a further one when the people coming and arrived are too
    /// few and the wave before has run out of time, has all answered, or has nobody.
    #[must_use]
    pub fn calls(&self, now: UtcMillis) -> Vec<Call> {
        if self.enough() {
            return Vec::new();
        }
        let mut wave = Wave::W0;
        if self.need.people >= MANY {
            let mut calls = self.wave_calls(Wave::W0, now);
            calls.extend(self.wave_calls(Wave::W1, now));
            if !calls.is_empty() {
                return calls;
            }
            wave = Wave::W1;
        }
        loop {
            let calls = self.wave_calls(wave, now);
            if !calls.is_empty() {
                return calls;
            }
            if self.hopeful() >= self.need.people || !self.is_over(wave, now) {
                return Vec::new();
            }
            match wave.next().filter(|next| *next <= self.need.farthest) {
                Some(next) => wave = next,
                None => return Vec::new(),
            }
        }
    }

    fn wave_calls(&self, wave: Wave, now: UtcMillis) -> Vec<Call> {
        let lately = |staff: &StaffId| {
            let here = self.called.iter();
            let mut here = here.filter(|call| call.staff == *staff);
            let mut elsewhere = self.elsewhere.iter().filter(|(other, _)| other == staff);
            here.any(|call| call.wave == wave || now.since(call.at) < CALL_GAP_MS)
                || elsewhere.any(|(_, at)| now.since(*at) < CALL_GAP_MS)
        };
        let until = wave.answer_within_minutes().map(|minutes| now.plus(minutes * 60_000));
        let due = self.people.iter().filter(|(of, staff)| *of == wave && !lately(staff));
        due.map(|(_, staff)| Call {
            staff: staff.clone(),
            wave,
            until,
        })
        .collect()
    }

    fn is_over(&self, wave: Wave, now: UtcMillis) -> bool {
        let minutes = wave.answer_within_minutes().unwrap_or(i64::MAX / 60_000);
        let waits = |call: &Called| call.answer == Answer::None && now.since(call.at) < minutes * 60_000;
        !self.called.iter().any(|call| call.wave == wave && waits(call))
    }

    /// People who are coming or have come.
    fn hopeful(&self) -> usize {
        self.count(|answer| matches!(answer, Answer::Coming | Answer::Arrived | Answer::Done))
    }

    fn count(&self, counts: impl Fn(Answer) -> bool) -> usize {
        self.called.iter().filter(|call| counts(call.answer)).count()
    }
}
