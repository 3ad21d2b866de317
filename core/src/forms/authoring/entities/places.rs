//! Which group each entity goes to: its own scope, as deep as its properties stand, one entity a group.

use std::collections::HashMap;

use super::{Entities, Path, Place, Said, meta, renew_in_repeats};
use crate::forms::authoring::item::{Item, Role};
use crate::forms::authoring::log::Log;

/// Where an entity wants to go.
struct Request {
    scope: Path,
    dataset: String,
    row: u32,
    wanted: Path,
    /// Distinct paths of saved questions, in order.
    lineages: Vec<Path>,
}

fn repeats(path: &Path) -> usize {
    path.iter().filter(|(_, role)| *role == Role::Repeat).count()
}

/// The path down to its innermost repeat.
fn scope(path: &Path) -> Path {
    let end = path
        .iter()
        .rposition(|(_, role)| *role == Role::Repeat)
        .map_or(0, |at| at + 1);
    path.iter().take(end).cloned().collect()
}

/// How many groups stand inside the innermost repeat.
fn below_scope(path: &Path) -> usize {
    path.iter().rev().take_while(|(_, role)| *role != Role::Repeat).count()
}

fn head(path: &Path, length: usize) -> Path {
    path.iter().take(length).cloned().collect()
}

fn starts_with(path: &Path, start: &Path) -> bool {
    path.len() >= start.len() && path.iter().zip(start).all(|(a, b)| a == b)
}

impl Entities {
    /// The group of each entity.
    pub(super) fn allocate(&self, log: &mut Log) -> Vec<(Path, String)> {
        let mut scopes: Vec<(Path, Vec<Request>)> = Vec::new();
        let said = self.said.iter().filter_map(|said| self.request(said, log));
        let mut requests: Vec<Request> = said.collect();
        for declared in &self.declared {
            if !self.said.iter().any(|said| said.dataset == declared.dataset) {
                requests.push(Request {
                    scope: Path::new(),
                    dataset: declared.dataset.clone(),
                    row: declared.row,
                    wanted: Path::new(),
                    lineages: Vec::new(),
                });
            }
        }
        for request in requests {
            match scopes.iter_mut().find(|(scope, _)| *scope == request.scope) {
                Some((_, requests)) => requests.push(request),
                None => scopes.push((request.scope.clone(), vec![request])),
            }
        }
        if let [(scope, requests)] = scopes.as_slice()
            && let ([], [only]) = (scope.as_slice(), requests.as_slice())
        {
            return vec![(Path::new(), only.dataset.clone())];
        }
        let mut given: Vec<(Path, String)> = Vec::new();
        let mut reserved: HashMap<Vec<String>, String> = HashMap::new();
        for (scope, mut requests) in scopes {
            requests.sort_by_key(|request| request.row);
            for request in requests {
                if !give(&request, scope.len(), &mut given, &mut reserved) {
                    let spot = self.table.spot(request.row, &["dataset"]);
                    log.error("xls_entity_no_room", request.dataset.as_str(), spot);
                }
            }
        }
        given
    }

    fn request(&self, said: &Said, log: &mut Log) -> Option<Request> {
        let row = self.declared.iter().find(|known| known.dataset == said.dataset)?.row;
        let deepest = said.places.iter().fold(None, |best: Option<Path>, place| {
            let own = scope(&place.path);
            match best {
                Some(best) if repeats(&best) >= repeats(&own) => Some(best),
                _ => Some(own),
            }
        })?;
        let saved: Vec<&Place> = said.places.iter().filter(|place| place.property.is_some()).collect();
        let mut lineages: Vec<Path> = Vec::new();
        for place in &saved {
            if !lineages.contains(&place.path) {
                lineages.push(place.path.clone());
            }
        }
        let wanted = if saved.is_empty() {
            deepest_of(&said.places.iter().collect::<Vec<_>>(), &deepest)
        } else {
            common(&lineages, &deepest_of(&saved, &deepest))
        };
        let wanted_scope = scope(&wanted);
        for place in &said.places {
            let own = scope(&place.path);
            let astray = !starts_with(&deepest, &own) || place.property.is_some() && own != wanted_scope;
            if astray && place.property.is_some() {
                let spot = crate::forms::trouble::Spot {
                    sheet: Some("survey".into()),
                    row: Some(place.row),
                    heading: Some("save_to".into()),
                    ..Default::default()
                };
                log.error("xls_save_to_scope", said.dataset.as_str(), spot);
            } else if astray {
                log.error(
                    "xls_entity_scope",
                    said.dataset.as_str(),
                    self.table.spot(row, &["dataset"]),
                );
            }
        }
        Some(Request {
            scope: deepest,
            dataset: said.dataset.clone(),
            row,
            wanted,
            lineages,
        })
    }
}

/// The first place that stands deepest in a scope; the first of all when none does.
fn deepest_of(places: &[&Place], scope_path: &Path) -> Path {
    let mut best: Option<&Place> = None;
    for place in places {
        let here = scope(&place.path) == *scope_path;
        let better = match best {
            None => true,
            Some(best) if scope(&best.path) != *scope_path => here,
            Some(best) => here && below_scope(&place.path) > below_scope(&best.path),
        };
        if better {
            best = Some(place);
        }
    }
    best.map(|place| place.path.clone()).unwrap_or_default()
}

/// What the paths of all saved questions have in common, but no less than the scope of the deepest.
fn common(lineages: &[Path], deepest: &Path) -> Path {
    let (Some(first), Some(shortest)) = (lineages.first(), lineages.iter().map(Vec::len).min()) else {
        return deepest.clone();
    };
    if lineages.len() == 1 {
        return first.clone();
    }
    let differ = |at: usize| lineages.iter().any(|path| path.get(at) != first.get(at));
    let length = (0..shortest).rev().find(|at| differ(*at)).unwrap_or(shortest);
    let common = head(first, length);
    let scope = scope(deepest);
    let rank = |path: &Path| (repeats(path), below_scope(path));
    if rank(&common) > rank(&scope) { common } else { scope }
}

fn names(path: &Path) -> Vec<String> {
    path.iter().map(|(name, _)| name.clone()).collect()
}

/// Takes the deepest free group of a request. Gives up when another entity's property stands in the way.
fn give(
    request: &Request,
    scope: usize,
    given: &mut Vec<(Path, String)>,
    reserved: &mut HashMap<Vec<String>, String>,
) -> bool {
    for depth in (scope..=request.wanted.len()).rev() {
        let path = head(&request.wanted, depth);
        if reserved.contains_key(&names(&path)) {
            if request
                .lineages
                .iter()
                .any(|lineage| reserved.contains_key(&names(lineage)))
            {
                return false;
            }
            continue;
        }
        reserved.insert(names(&path), request.dataset.clone());
        for lineage in &request.lineages {
            for length in path.len()..=lineage.len() {
                reserved.insert(names(&head(lineage, length)), request.dataset.clone());
            }
        }
        given.push((path, request.dataset.clone()));
        return true;
    }
    false
}

/// Puts an entity into its group.
pub(super) fn insert(root: &mut Item, path: &Path, mut entity: Item) {
    let mut at = root;
    let mut in_repeat = false;
    for (name, role) in path {
        // a repeat before the group on the way counts as one around it, as pyxform has it
        let index = at
            .children
            .iter()
            .position(|child| child.name == *name && child.role == *role);
        let Some(index) = index else {
            return;
        };
        in_repeat |= at
            .children
            .iter()
            .take(index + 1)
            .any(|child| child.role == Role::Repeat);
        let Some(child) = at.children.get_mut(index) else {
            return;
        };
        at = child;
    }
    if in_repeat {
        renew_in_repeats(&mut entity);
    }
    at.children.push(meta(vec![entity]));
}
