//! What a pull brought: staged, and published scope by scope.

use crate::model::record::Scope;
use crate::model::time::UtcMillis;
use crate::store::{StoreError, Writer, identity, pull};
use crate::wire::enrol::ScopeSet;
use crate::wire::pull::{PullLine, PullRequest};

/// Takes a scope set: scopes that are not in it any more are let go; new ones are pulled from the beginning.
pub(super) fn take_scope_set(w: &Writer<'_>, set: &ScopeSet) -> Result<(), StoreError> {
    for held in pull::held(w)? {
        if !set.scopes.contains(&held) {
            pull::drop_scope(w, &held)?;
        }
    }
    identity::put_scope_set(w, set)
}

/// Stages the lines of a reply and publishes the scopes that are complete. Tells how many lines were published, and whether
/// every asked scope has reached its head.
pub(super) fn take_lines(
    w: &Writer<'_>,
    lines: &[PullLine],
    request: &PullRequest,
    now: UtcMillis,
) -> Result<(u64, bool), StoreError> {
    let asked = |scope: &Scope| request.scopes.iter().any(|c| c.scope == *scope);
    let mut published = 0;
    let mut done = 0;
    let mut rescoped = false;
    pull::stage(w, lines)?;
    for line in lines {
        match line {
            PullLine::ScopeSet { set } => {
                take_scope_set(w, set)?;
                rescoped = true;
            }
            PullLine::Resync { scope, epoch } if asked(scope) => pull::resync(w, scope, *epoch)?,
            PullLine::ScopeDone {
                scope,
                epoch,
                seq,
                count,
                complete: true,
            } if asked(scope) => {
                published += pull::publish(w, scope, *epoch, *seq, *count, now)?;
                done += 1;
            }
            PullLine::ScopeDone {
                scope,
                epoch,
                seq,
                complete: false,
                ..
            } if asked(scope) => {
                pull::advance(w, scope, *epoch, *seq)?;
            }
            _ => {}
        }
    }
    Ok((published, done == request.scopes.len() && !rescoped))
}
