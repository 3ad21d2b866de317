//! Rows that begin and end groups, repeats and loops.

use std::collections::HashSet;

use super::columns::Row;
use super::item::{Item, Role};
use super::kinds;
use super::questions::Walk;
use super::references;
use super::value::{self, Value};
use crate::forms::trouble::Trouble;

/// A group or repeat that is open.
pub(super) struct Open {
    pub(super) item: Item,
    /// Names taken inside, as written and in small letters.
    pub(super) names: HashSet<String>,
    pub(super) lower: HashSet<String>,
}

impl Open {
    pub(super) fn new(item: Item) -> Self {
        Self {
            item,
            names: HashSet::new(),
            lower: HashSet::new(),
        }
    }
}

/// No real form nests its groups deeper.
const DEEPEST: usize = 64;

const CONTROLS: [(&str, Role); 5] = [
    ("group", Role::Group),
    ("lgroup", Role::Repeat),
    ("repeat", Role::Repeat),
    ("loop", Role::Loop),
    ("looped group", Role::Repeat),
];

/// `begin group`, `begin_repeat`, `begin loop over LIST`.
pub(super) fn begin(text: &str) -> Option<(Role, Option<&str>)> {
    let rest = text
        .strip_prefix("begin")?
        .strip_prefix(|c: char| c.is_whitespace() || c == '_')?;
    CONTROLS.iter().find_map(|(word, role)| {
        let after = rest.strip_prefix(word)?;
        if after.is_empty() {
            return Some((*role, None));
        }
        let list = after.strip_prefix(' ')?;
        let list = list
            .strip_prefix("over ")
            .filter(|list| !list.is_empty())
            .unwrap_or(list);
        let one_word = !list.is_empty() && !list.contains(char::is_whitespace);
        one_word.then_some((*role, Some(list)))
    })
}

/// `end group`, `end_repeat`.
pub(super) fn end(text: &str) -> Option<Role> {
    let rest = text
        .strip_prefix("end")?
        .strip_prefix(|c: char| c.is_whitespace() || c == '_')?;
    CONTROLS.iter().find(|(word, _)| *word == rest).map(|(_, role)| *role)
}

fn word(role: Role) -> &'static str {
    match role {
        Role::Repeat => "repeat",
        Role::Loop => "loop",
        _ => "group",
    }
}

impl Walk<'_> {
    pub(super) fn begin(&mut self, role: Role, list: Option<&str>, row: &Row, name: &str) {
        if self.stack.len() == DEEPEST {
            self.log
                .error("xls_too_deep", name, self.survey.spot(row.number, &["type"]));
        }
        // what lies deeper is read side by side: it was refused, and its own mistakes can still be told
        if self.stack.len() >= DEEPEST {
            self.close();
        }
        let mut item = Item::of_row(role, word(role), name, row);
        match role {
            Role::Repeat => self.begin_repeat(&mut item),
            Role::Loop => self.begin_loop(&mut item, list),
            _ => {}
        }
        self.count(&mut item);
        self.table_list(&mut item);
        if let Some(Value::Text(intent)) = value::get(&row.values, "intent") {
            item.set_control("intent", intent.clone());
        }
        self.stack.push(Open::new(item));
    }

    fn begin_repeat(&mut self, item: &mut Item) {
        let spot = self.survey.spot(item.row, &["name"]);
        if item.name == self.settings.name {
            self.log.error("xls_repeat_named_like_form", item.name.as_str(), spot);
        } else if !self.repeats.insert(item.name.clone()) {
            self.log.error("xls_repeat_name_twice", item.name.as_str(), spot);
        }
        if item.label.is_none() && item.media.is_empty() {
            self.log.warn(
                "xls_repeat_without_label",
                item.name.as_str(),
                self.survey.spot(item.row, &["label"]),
            );
        }
    }

    fn begin_loop(&mut self, item: &mut Item, list: Option<&str>) {
        let spot = self.survey.spot(item.row, &["type"]);
        match list {
            None => self.log.error("xls_loop_without_list", item.name.as_str(), spot),
            Some(list) if self.lists.get(list).is_none() => self.list_missing(list, item.row),
            Some(list) => item.itemset = Some(list.into()),
        }
    }

    /// A count that is more than the name of a question gets a node of its own.
    fn count(&mut self, item: &mut Item) {
        let Some(count) = value::text(&item.control, "jr:count").filter(|count| !count.is_empty()) else {
            return;
        };
        if references::only(count).is_some() {
            return;
        }
        let name = format!("{}_count", item.name);
        let mut node = Item::made(item.role, "calculate", &name);
        if let Some(kind) = kinds::kind("calculate") {
            node.role = Role::Question(kind);
        }
        node.row = item.row;
        node.set_bind("readonly", "true()");
        node.set_bind("calculate", count);
        self.add(node);
        item.set_control("jr:count", format!("${{{name}}}"));
    }

    /// A group that is shown as a table becomes a page with its heading as a note.
    fn table_list(&mut self, item: &mut Item) {
        let Some(appearance) = item.appearance().map(str::to_owned) else {
            return;
        };
        let words: Vec<&str> = appearance.split_whitespace().collect();
        if !words.contains(&"table-list") {
            return;
        }
        self.table_list = Some(None);
        let others = words.into_iter().filter(|word| *word != "table-list");
        let appearance: Vec<&str> = std::iter::once("field-list").chain(others).collect();
        item.set_control("appearance", appearance.join(" "));
        if item.label.is_some() || item.hint.is_some() {
            let Some(kind) = kinds::kind("note") else {
                return;
            };
            let mut note = Item::made(
                Role::Question(kind),
                "note",
                &format!("generated_table_list_label_{}", item.row),
            );
            note.row = item.row;
            note.label = item.label.take();
            note.hint = item.hint.take();
            item.children.push(note);
        }
    }

    pub(super) fn end(&mut self, role: Role, row: &Row) {
        let fits = self.stack.len() > 1 && self.stack.last().is_some_and(|open| open.item.role == role);
        if !fits {
            let open = self
                .stack
                .iter()
                .skip(1)
                .last()
                .map(|open| format!("end {}", word(open.item.role)));
            let spot = self.survey.spot(row.number, &["type"]);
            let trouble = Trouble::error("xls_end_without_begin", word(role))
                .at(spot)
                .suggest(open);
            self.log.push(trouble);
            // when the group is open further out, what was left open inside ends with it
            let Some(at) = self.stack.iter().rposition(|open| open.item.role == role) else {
                return;
            };
            while self.stack.len() > at + 1 {
                self.close();
            }
        }
        self.close();
        self.table_list = None;
    }

    fn close(&mut self) {
        if self.stack.len() > 1
            && let Some(open) = self.stack.pop()
        {
            self.add(open.item);
        }
    }

    /// Closes what is still open at the end of the sheet; the innermost is told.
    pub(super) fn finish(&mut self) {
        if let Some(open) = self.stack.iter().skip(1).last() {
            let spot = self.survey.spot(open.item.row, &["type"]);
            self.log.error("xls_begin_without_end", open.item.name.as_str(), spot);
        }
        while self.stack.len() > 1 {
            self.close();
        }
    }
}
