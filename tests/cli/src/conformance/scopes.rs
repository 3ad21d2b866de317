//! Grants and revocations.

use serde_json::{Value, json};

use super::bench::{Bench, Phone, Reply, record_id, word};
use super::rule::{Judged, Miss, Rule, at, holds, same};

/// The rules.
pub fn rules() -> Vec<Rule> {
    let rule = |id, says, check| Rule { id, says, check };
    vec![
        rule(
            "scope.set",
            "a pull with an old version of the scope set is told the new one",
            set,
        ),
        rule(
            "scope.grant",
            "after a grant everything in the scope comes, also what is older than the grant",
            grant,
        ),
        rule(
            "scope.revoke",
            "after a revocation the scope is out of the set and gives nothing",
            revoke,
        ),
    ]
}

fn set(bench: &Bench) -> Judged {
    let phone = bench.phone(&bench.worker)?;
    let reply = phone.pull(&format!("grid:{}", phone.grid()), 0, 0, 1)?;
    let told = reply.lines().into_iter().find(|l| l["line"] == "scope_set");
    let scopes = told
        .as_ref()
        .and_then(|l| l["scopes"].as_array())
        .cloned()
        .unwrap_or_default();
    holds("no scope set", scopes.contains(&json!("district")))?;
    holds(
        "its own grid is missing",
        scopes.contains(&json!(format!("grid:{}", phone.grid()))),
    )
}

/// Sets what grids somebody works in.
fn assign(bench: &Bench, staff: &str, grids: &[String]) -> Judged {
    let reply = bench.operate("/admin/v1/staff", Some(&json!({"id": staff, "grids": grids})))?;
    if reply.status == 404 && reply.code() == "no_such_route" {
        return Err(Miss::Skipped("the operators' door has no /admin/v1/staff".into()));
    }
    same("an assignment", reply.status, 200)
}

/// Does something while the leader works in some grids, and gives them back afterwards.
fn while_in(bench: &Bench, all: &[String], some: &[String], act: impl FnOnce() -> Judged) -> Judged {
    assign(bench, &bench.leader, some)?;
    let judged = act();
    assign(bench, &bench.leader, all)?;
    judged
}

fn scopes_of(reply: &Reply) -> Vec<Value> {
    at(&reply.json, "/scope_set/scopes")
        .as_array()
        .cloned()
        .unwrap_or_default()
}

fn puts(phone: &Phone<'_>, scope: &str) -> Result<Vec<Value>, Miss> {
    let reply = phone.pull(scope, 0, 0, 8 * 1024 * 1024)?;
    let lines = reply.lines().into_iter().filter(|l| l["line"] == "put");
    Ok(lines.map(|l| l["record"]["id"].clone()).collect())
}

fn grant(bench: &Bench) -> Judged {
    let (leader, neighbour) = (bench.phone(&bench.leader)?, bench.phone(&bench.neighbour)?);
    let record = record_id();
    neighbour.does(neighbour.create(record, json!({"name": word()})))?;
    let scope = format!("grid:{}", neighbour.grid());
    let own: Vec<String> = leader
        .grids
        .iter()
        .filter(|g| **g != neighbour.grid())
        .cloned()
        .collect();
    while_in(bench, &leader.grids, &own, || {
        same("before", puts(&leader, &scope)?.len(), 0)
    })?;
    holds(
        "the scope is not in the set",
        scopes_of(&leader.hello()?).contains(&json!(scope)),
    )?;
    holds(
        "an old record does not come",
        puts(&leader, &scope)?.contains(&json!(record)),
    )
}

fn revoke(bench: &Bench) -> Judged {
    let (leader, neighbour) = (bench.phone(&bench.leader)?, bench.phone(&bench.neighbour)?);
    let scope = format!("grid:{}", neighbour.grid());
    let own: Vec<String> = leader
        .grids
        .iter()
        .filter(|g| **g != neighbour.grid())
        .cloned()
        .collect();
    let version = |reply: &Reply| at(&reply.json, "/scope_set/version").as_i64();
    let before = version(&leader.hello()?);
    while_in(bench, &leader.grids, &own, || {
        let hello = leader.hello()?;
        holds(
            "the scope is still in the set",
            !scopes_of(&hello).contains(&json!(scope)),
        )?;
        holds("the set has no new version", version(&hello) > before)?;
        same("records", puts(&leader, &scope)?.len(), 0)
    })
}
