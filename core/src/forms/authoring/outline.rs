//! The whole form as a tree with parents: where everything is, and how far from everything else.

use std::collections::HashMap;

use super::item::{Item, Role};
use super::log::Log;

/// Index of a part.
pub(super) type Id = usize;

/// All parts of a form in document order; the first is the form itself.
pub(super) struct Outline {
    items: Vec<Item>,
    parents: Vec<Option<Id>>,
    children: Vec<Vec<Id>>,
    names: HashMap<String, Named>,
    nobody: Item,
}

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    One(Id),
    /// Nobody can say which.
    Many,
}

impl Outline {
    pub(super) fn new(root: Item) -> Self {
        let mut outline = Self {
            items: Vec::new(),
            parents: Vec::new(),
            children: Vec::new(),
            names: HashMap::new(),
            nobody: Item::made(Role::Group, "", ""),
        };
        outline.add(root, None);
        outline
    }

    fn add(&mut self, mut item: Item, parent: Option<Id>) -> Id {
        let id = self.items.len();
        let inside = std::mem::take(&mut item.children);
        if item.kind().is_some() || item.is_section() {
            let named = self.names.entry(item.name.clone());
            named.and_modify(|named| *named = Named::Many).or_insert(Named::One(id));
        }
        self.items.push(item);
        self.parents.push(parent);
        self.children.push(Vec::new());
        for child in inside {
            let child = self.add(child, Some(id));
            if let Some(children) = self.children.get_mut(id) {
                children.push(child);
            }
        }
        id
    }

    pub(super) fn ids(&self) -> std::ops::Range<Id> {
        0..self.items.len()
    }

    pub(super) fn item(&self, id: Id) -> &Item {
        self.items.get(id).unwrap_or(&self.nobody)
    }

    pub(super) fn item_mut(&mut self, id: Id) -> Option<&mut Item> {
        self.items.get_mut(id)
    }

    pub(super) fn parent(&self, id: Id) -> Option<Id> {
        self.parents.get(id).copied().flatten()
    }

    pub(super) fn children(&self, id: Id) -> &[Id] {
        self.children.get(id).map(Vec::as_slice).unwrap_or_default()
    }

    pub(super) fn named(&self, name: &str) -> Option<Named> {
        self.names.get(name).copied()
    }

    /// The part of that name, when there is exactly one.
    pub(super) fn one(&self, name: &str) -> Option<Id> {
        match self.named(name)? {
            Named::One(id) => Some(id),
            Named::Many => None,
        }
    }

    /// The parts around one, from the nearest out, with the distance.
    pub(super) fn around(&self, id: Id) -> impl Iterator<Item = (Id, usize)> {
        std::iter::successors(self.parent(id), |id| self.parent(*id)).zip(1..)
    }

    /// The nearest repeat around a part.
    pub(super) fn repeat_around(&self, id: Id) -> Option<Id> {
        self.around(id)
            .map(|(id, _)| id)
            .find(|id| self.item(*id).role == Role::Repeat)
    }

    /// The nearest group or repeat around both parts, and its distance from the first.
    pub(super) fn common(&self, a: Id, b: Id, only_repeats: bool) -> Option<(Id, usize)> {
        self.around(a).find(|(id, _)| {
            let role = self.item(*id).role;
            let fits = role == Role::Repeat || role == Role::Group && !only_repeats;
            fits && self.around(b).any(|(other, _)| other == *id)
        })
    }

    /// The path of a part from the root.
    pub(super) fn path(&self, id: Id) -> String {
        self.path_below(id, None)
    }

    /// The path of a part from below another.
    pub(super) fn path_below(&self, id: Id, above: Option<Id>) -> String {
        let chain = std::iter::successors(Some(id), |id| self.parent(*id)).take_while(|id| Some(*id) != above);
        let mut ids: Vec<Id> = chain.collect();
        ids.reverse();
        ids.into_iter().fold(String::new(), |path, id| {
            let item = self.item(id);
            let mark = if item.role == Role::Attribute { "@" } else { "" };
            format!("{path}/{mark}{}", item.name)
        })
    }

    /// Names that were given by the importer itself may meet names of the author.
    pub(super) fn check_names(&self, survey: &super::columns::Table, log: &mut Log) {
        for id in self.ids() {
            let mut seen = std::collections::HashSet::new();
            for child in self.children(id) {
                let item = self.item(*child);
                if !seen.insert(item.name.as_str()) && item.name != "meta" {
                    log.error("xls_name_twice", item.name.as_str(), survey.spot(item.row, &["name"]));
                }
            }
        }
    }
}
