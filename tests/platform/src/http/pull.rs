//! Tells what changed, as lines of one snapshot; waits for news when a phone asks it to.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use fushan_grid_core::wire;
use fushan_grid_core::wire::enrol::ScopeSet;
use fushan_grid_core::wire::limits;
use fushan_grid_core::wire::pull::{PullLine, PullRequest, ScopeCursor};
use tokio::time::{Instant, timeout_at};

use super::Shared;
use super::call::{Call, blocking};
use super::phone::{caller, own};
use super::reply::Fault;
use crate::Platform;
use crate::store::{self, Head, Stored, Tx};

/// Longest wait for news.
const WAIT_MOST: Duration = Duration::from_secs(55);
/// How often a waiting phone's heads are read: another process may have written them.
const LOOK: Duration = Duration::from_secs(2);

/// Tells what changed; with `wait_ms`, not before something has or the time is over.
pub(super) async fn pull(State(platform): Shared, call: Call) -> Response {
    let call = Arc::new(call);
    let until = Instant::now;
    let mut deadline = None;
    let mut waiting = None;
    loop {
        let mut changed = platform.changed.subscribe();
        let asked = Arc::clone(&call);
        let answer = match blocking(&platform, move |platform| once(platform, &asked)).await {
            Ok(answer) => answer,
            Err(fault) => return fault.into_response(),
        };
        let wait = Duration::from_millis(answer.wait_ms).min(WAIT_MOST);
        if answer.news || wait.is_zero() || platform.inline {
            return answer.reply;
        }
        let deadline = *deadline.get_or_insert_with(|| until() + wait);
        if Instant::now() >= deadline {
            return answer.reply;
        }
        waiting.get_or_insert_with(|| platform.metrics.waiting());
        // however the wait ends, the heads are looked at again
        let _ = timeout_at(deadline.min(Instant::now() + LOOK), changed.changed()).await;
    }
}

struct Answer {
    reply: Response,
    news: bool,
    wait_ms: u64,
}

fn once(platform: &Platform, call: &Call) -> Result<Answer, Fault> {
    let caller = caller(platform, &call.headers)?;
    let request: PullRequest = call.message()?;
    own(&caller, request.device)?;
    let cursors: Vec<&ScopeCursor> = request
        .scopes
        .iter()
        .filter(|c| caller.scopes.scopes.contains(&c.scope))
        .collect();
    let set = (request.scope_set_version != caller.scopes.version).then_some(&caller.scopes);
    let scopes: Vec<_> = cursors.iter().map(|c| c.scope.clone()).collect();
    let heads = store::glance(&*platform.store, |tx| tx.heads(&scopes))?;
    let news = set.is_some() || cursors.iter().zip(&heads).any(|(c, head)| !is_current(c, head));
    let most = usize::try_from(request.max_bytes)
        .unwrap_or(usize::MAX)
        .min(limits::PULL_BYTES);
    let mut page = Page {
        lines: Vec::new(),
        budget: most,
    };
    if news {
        page = store::read(&*platform.store, |tx| {
            let mut page = Page {
                lines: Vec::new(),
                budget: most,
            };
            page.told(tx, set, &cursors)?;
            Ok(page)
        })?;
    } else {
        // one indexed read was enough
        for (cursor, head) in cursors.iter().zip(&heads) {
            page.done(cursor, head, head.seq)?;
        }
    }
    page.line(&PullLine::End {
        server_time: platform.now(),
    })?;
    let mut reply = page.lines.into_response();
    reply
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(wire::NDJSON));
    Ok(Answer {
        reply,
        news,
        wait_ms: request.wait_ms,
    })
}

fn is_current(cursor: &ScopeCursor, head: &Head) -> bool {
    cursor.epoch == head.epoch && cursor.since == head.seq && cursor.since >= head.floor
}

/// Records read at once.
const PAGE: u32 = 500;

/// Lines, as long as the budget reaches.
struct Page {
    lines: Vec<u8>,
    budget: usize,
}

impl Page {
    fn told(&mut self, tx: &mut Tx<'_>, set: Option<&ScopeSet>, cursors: &[&ScopeCursor]) -> Stored<()> {
        if let Some(set) = set {
            self.line(&PullLine::ScopeSet { set: set.clone() })?;
        }
        for cursor in cursors {
            if self.budget == 0 {
                break;
            }
            self.scope(tx, cursor)?;
        }
        Ok(())
    }

    fn scope(&mut self, tx: &mut Tx<'_>, cursor: &ScopeCursor) -> Stored<()> {
        let scope = &cursor.scope;
        let head = tx.head(scope)?;
        let mut since = cursor.since;
        let fresh = cursor.since == 0 && cursor.epoch == 0;
        // a pull that goes on in the middle of a scope has to see only what is there now
        let below = !cursor.unfinished && cursor.since < head.floor;
        if !fresh && (cursor.epoch != head.epoch || cursor.since > head.seq || below) {
            self.line(&PullLine::Resync {
                scope: scope.clone(),
                epoch: head.epoch,
            })?;
            since = 0;
        }
        while since < head.seq && self.budget > 0 {
            let members = tx.members(scope, since, PAGE)?;
            if members.is_empty() {
                break;
            }
            for member in members {
                let before = self.lines.len();
                since = member.seq;
                self.line(&member.line(scope))?;
                self.budget = self.budget.saturating_sub(self.lines.len() - before);
                if self.budget == 0 {
                    break;
                }
            }
        }
        self.done(cursor, &head, since)
    }

    fn done(&mut self, cursor: &ScopeCursor, head: &Head, seq: i64) -> Stored<()> {
        self.line(&PullLine::ScopeDone {
            scope: cursor.scope.clone(),
            epoch: head.epoch,
            seq,
            count: head.count,
            complete: seq >= head.seq,
            digest: (seq >= head.seq).then_some(head.digest),
        })
    }

    fn line(&mut self, line: &PullLine) -> Stored<()> {
        serde_json::to_writer(&mut self.lines, line)?;
        self.lines.push(b'\n');
        Ok(())
    }
}
