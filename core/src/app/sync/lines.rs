//! What a pull brought: staged, and published scope by scope.

use crate::model::record::Scope;
use crate::model::time::UtcMillis;
use crate::planted::{Bug, planted};
use crate::store::{StoreError, Writer, identity, ops, pull, purge};
use crate::wire::enrol::ScopeSet;
use crate::wire::pull::{PullLine, PullRequest};

/// Takes a scope set: scopes that are not in it any more are let go from this moment; new ones are filled from the beginning. A
/// phone that is to be wiped holds none any more, whatever it is told: it only sends what waits.
pub(super) fn take_scope_set(w: &Writer<'_>, set: &ScopeSet) -> Result<(), StoreError> {
    let mut set = set.clone();
    if identity::wipe_ordered(w)? {
        set.scopes.clear();
    }
    // also one that was granted and never filled: work may have been begun in it
    let known = identity::scope_set(w)?;
    let mut before = pull::held(w)?;
    // a platform whose sets count anew was set back: what it may have lost goes again before a purge forgets it
    if set.version < known.version {
        ops::queue_settled(w)?;
    }
    before.extend(known.scopes);
    before.sort();
    before.dedup();
    for lost in before.iter().filter(|held| !set.scopes.contains(held)) {
        purge::begin(w, lost)?;
    }
    for scope in &set.scopes {
        purge::revive(w, scope)?;
    }
    identity::put_scope_set(w, &set)
}

/// What became of a reply's lines.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Taken {
    /// Lines published.
    pub(super) published: u64,
    /// Whether every asked scope has reached its head.
    pub(super) complete: bool,
    /// Whether the phone may now hold other scopes.
    pub(super) rescoped: bool,
}

/// Stages the lines of a reply and publishes the scopes that are complete.
pub(super) fn take_lines(
    w: &Writer<'_>,
    lines: &[PullLine],
    request: &PullRequest,
    now: UtcMillis,
) -> Result<Taken, StoreError> {
    let asked = |scope: &Scope| request.scopes.iter().any(|c| c.scope == *scope);
    let mut taken = Taken::default();
    let mut done = 0;
    pull::stage(w, lines)?;
    for line in lines {
        match line {
            PullLine::ScopeSet { set } => {
                take_scope_set(w, set)?;
                taken.rescoped = true;
            }
            PullLine::Resync { scope, epoch } if asked(scope) => {
                pull::resync(w, scope, *epoch)?;
                // the lines that follow start the scope again
                restage(w, lines, scope)?;
            }
            PullLine::ScopeDone {
                scope,
                epoch,
                seq,
                count,
                complete,
                digest,
            } if asked(scope) && pull::follows(w, scope)? => {
                if *complete || planted(Bug::PublishedIncomplete) {
                    let head = pull::Head {
                        epoch: *epoch,
                        seq: *seq,
                        count: *count,
                        digest: *digest,
                    };
                    taken.published += pull::publish(w, scope, head, now)?;
                    done += usize::from(*complete);
                } else {
                    pull::advance(w, scope, *epoch, *seq)?;
                }
            }
            _ => {}
        }
    }
    taken.complete = done == request.scopes.len() && !taken.rescoped;
    Ok(taken)
}

/// Stages a scope's lines again, after what was staged of it was thrown away.
fn restage(w: &Writer<'_>, lines: &[PullLine], wanted: &Scope) -> Result<(), StoreError> {
    let of_scope = |line: &&PullLine| match line {
        PullLine::Put { scope, .. } | PullLine::Leave { scope, .. } | PullLine::Gone { scope, .. } => scope == wanted,
        _ => false,
    };
    let again: Vec<PullLine> = lines.iter().filter(of_scope).cloned().collect();
    pull::stage(w, &again)
}
