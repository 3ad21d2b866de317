//! A rule set that contradicts itself is refused as a whole; the one in force stays in force.

use std::collections::BTreeSet;

use crate::model::dispatch::{Org, Rule, RuleSet};
use crate::model::fault::{Coded, Fault};
use crate::model::incident::Taxonomy;
use crate::rules::deadline::{Limit, LimitError};

use super::condition::{SEVERITIES, class};

/// Why a rule set is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleSetError {
    /// An id is there twice.
    #[error("{0} is there twice")]
    Twice(String),
    /// A rule names an organisation that is not there.
    #[error("rule {rule} names the unknown organisation {org}")]
    UnknownOrg {
        /// The rule.
        rule: String,
        /// The organisation.
        org: String,
    },
    /// A rule names a category whose class the taxonomy does not have.
    #[error("rule {rule} names the unknown category {category}")]
    UnknownCategory {
        /// The rule.
        rule: String,
        /// The category.
        category: String,
    },
    /// A rule names a severity that is none.
    #[error("rule {0} names an unknown severity")]
    UnknownSeverity(String),
    /// A level outside 1 to 3.
    #[error("{0} has a level outside 1 to 3")]
    Level(String),
    /// A limit that is none.
    #[error("rule {0} has a limit that is none")]
    Limit(String),
    /// A rule without condition would catch everything.
    #[error("rule {0} has no condition")]
    Unconditional(String),
    /// The main handler is also a helper.
    #[error("rule {0} names its main handler as a helper too")]
    MainHelps(String),
    /// Two rules say the same condition and priority and name different handlers.
    #[error("rules {0} and {1} contradict each other")]
    Contradiction(String, String),
    /// A threshold over 100 percent.
    #[error("a threshold over 100 percent")]
    Threshold,
}

impl Coded for RuleSetError {
    fn fault(&self) -> Fault {
        Fault::of("dispatch_rules_refused").with("why", self)
    }
}

/// A rule set that does not contradict itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispatch {
    pub(super) set: RuleSet,
    pub(super) limits: Vec<Limit>,
}

impl Dispatch {
    /// Takes a rule set.
    ///
    /// # Errors
    /// The first contradiction.
    pub fn new(set: RuleSet, taxonomy: &Taxonomy) -> Result<Self, RuleSetError> {
        if set.threshold > 100 {
            return Err(RuleSetError::Threshold);
        }
        check_orgs(&set.orgs)?;
        let mut ids = BTreeSet::new();
        for rule in &set.rules {
            if !ids.insert(&rule.id) {
                return Err(RuleSetError::Twice(rule.id.clone()));
            }
            check_rule(rule, &set.orgs, taxonomy)?;
        }
        check_pairs(&set.rules)?;
        let limit = |rule: &Rule| {
            rule.limit
                .parse()
                .map_err(|_: LimitError| RuleSetError::Limit(rule.id.clone()))
        };
        let limits = set.rules.iter().map(limit).collect::<Result<_, _>>()?;
        Ok(Self { set, limits })
    }

    /// Version of the pack.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.set.version
    }

    /// An organisation of the pack.
    #[must_use]
    pub fn org(&self, id: &str) -> Option<&Org> {
        self.set.orgs.iter().find(|org| org.id == id)
    }
}

fn check_orgs(orgs: &[Org]) -> Result<(), RuleSetError> {
    let mut ids = BTreeSet::new();
    for org in orgs {
        if !ids.insert(&org.id) {
            return Err(RuleSetError::Twice(org.id.clone()));
        }
        if !(1..=3).contains(&org.level) {
            return Err(RuleSetError::Level(org.id.clone()));
        }
    }
    Ok(())
}

fn check_rule(rule: &Rule, orgs: &[Org], taxonomy: &Taxonomy) -> Result<(), RuleSetError> {
    let id = || rule.id.clone();
    if rule.when == crate::model::dispatch::Condition::default() {
        return Err(RuleSetError::Unconditional(id()));
    }
    if !(1..=3).contains(&rule.level) {
        return Err(RuleSetError::Level(id()));
    }
    if rule.first.as_ref().is_some_and(|first| first.parse::<Limit>().is_err()) {
        return Err(RuleSetError::Limit(id()));
    }
    if rule.co.contains(&rule.main) {
        return Err(RuleSetError::MainHelps(id()));
    }
    let named = std::iter::once(&rule.main).chain(&rule.co);
    if let Some(org) = named.into_iter().find(|name| !orgs.iter().any(|org| org.id == **name)) {
        return Err(RuleSetError::UnknownOrg {
            rule: id(),
            org: org.clone(),
        });
    }
    let known = |category: &&String| taxonomy.category(class(category)).is_some();
    if let Some(category) = rule.when.categories.iter().find(|category| !known(category)) {
        return Err(RuleSetError::UnknownCategory {
            rule: id(),
            category: category.clone(),
        });
    }
    match &rule.when.severity_at_least {
        Some(severity) if !SEVERITIES.contains(&severity.as_str()) => Err(RuleSetError::UnknownSeverity(id())),
        _ => Ok(()),
    }
}

fn check_pairs(rules: &[Rule]) -> Result<(), RuleSetError> {
    for (index, one) in rules.iter().enumerate() {
        let other = rules
            .iter()
            .skip(index + 1)
            .find(|other| other.when == one.when && other.priority == one.priority && other.main != one.main);
        if let Some(other) = other {
            return Err(RuleSetError::Contradiction(one.id.clone(), other.id.clone()));
        }
    }
    Ok(())
}
