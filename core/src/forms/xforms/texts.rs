//! Translations and everything that people read.

use std::collections::btree_map::Entry;

use roxmltree::Node;

use super::{Reader, attr, elements, local};
use crate::forms::definition::{Label, Language, Piece, TextForm, Words};

const XHTML: &str = "http://www.w3.org/1999/xhtml";

impl Reader {
    pub(super) fn itext(&mut self, node: Node<'_, '_>) {
        for translation in elements(node).filter(|child| local(*child) == "translation") {
            self.translation(translation);
        }
        if self.definition.languages.is_empty() {
            self.error(node, "form_no_translation", "");
        } else if !self.definition.languages.iter().any(|language| language.default)
            && let Some(first) = self.definition.languages.first_mut()
        {
            first.default = true;
        }
    }

    fn translation(&mut self, node: Node<'_, '_>) {
        let name = attr(node, "lang").unwrap_or("");
        if name.is_empty() {
            self.error(node, "form_translation_without_language", "");
            return;
        }
        if self.definition.languages.iter().any(|language| language.name == name) {
            self.error(node, "form_second_translation", name);
            return;
        }
        let default = attr(node, "default").is_some();
        if default && self.definition.languages.iter().any(|language| language.default) {
            self.error(node, "form_second_default_language", name);
        }
        let mut language = Language {
            name: name.into(),
            default,
            ..Language::default()
        };
        for text in elements(node).filter(|child| local(*child) == "text") {
            self.text(text, &mut language);
        }
        self.definition.languages.push(language);
    }

    fn text(&mut self, node: Node<'_, '_>, language: &mut Language) {
        let id = attr(node, "id").unwrap_or("");
        if id.is_empty() {
            self.error(node, "form_text_without_id", "");
            return;
        }
        let mut forms: Vec<TextForm> = Vec::new();
        for value in elements(node) {
            if local(value) != "value" {
                self.error(value, "form_unknown_in_text", local(value));
                continue;
            }
            let form = attr(value, "form").filter(|form| !form.is_empty()).map(str::to_owned);
            if forms.iter().any(|known| known.form == form) {
                self.error(value, "form_second_text", id);
            }
            let text = self.words(value);
            forms.push(TextForm { form, text });
        }
        match language.texts.entry(id.into()) {
            Entry::Vacant(entry) => {
                entry.insert(forms);
            }
            Entry::Occupied(_) => self.error(node, "form_second_text", id),
        }
    }

    /// Words with computed parts; markup inside keeps its words.
    pub(super) fn words(&mut self, node: Node<'_, '_>) -> Words {
        let mut words = Vec::new();
        self.collect(node, &mut words);
        trim(&mut words);
        words
    }

    fn collect(&mut self, node: Node<'_, '_>, words: &mut Words) {
        for child in node.children() {
            if child.is_text() {
                push_plain(words, child.text().unwrap_or(""));
            } else if child.is_element() && local(child) == "output" {
                match attr(child, "ref").or_else(|| attr(child, "value")) {
                    Some(source) => words.push(Piece::Output(source.into())),
                    None => self.error(child, "form_output_without_value", ""),
                }
            } else if child.is_element() && child.tag_name().namespace() == Some(XHTML) {
                self.collect(child, words);
            }
        }
    }

    /// A label or hint: the id of a text, or words in place.
    pub(super) fn label(&mut self, node: Node<'_, '_>) -> Option<Label> {
        let Some(reference) = attr(node, "ref") else {
            return Some(Label::Words(self.words(node)));
        };
        let id = reference
            .strip_prefix("jr:itext('")
            .and_then(|rest| rest.strip_suffix("')"));
        let Some(id) = id else {
            self.error(node, "form_bad_label_ref", reference);
            return None;
        };
        self.check_text(node, id);
        Some(Label::Id(id.into()))
    }

    fn check_text(&mut self, node: Node<'_, '_>, id: &str) {
        let missing: Vec<(String, bool)> = self
            .definition
            .languages
            .iter()
            .filter(|language| !language.texts.contains_key(id))
            .map(|language| (language.name.clone(), language.default))
            .collect();
        if self.definition.languages.is_empty() {
            self.error(node, "form_text_not_translated", id);
        }
        for (name, default) in missing {
            if default {
                self.error(node, "form_text_not_translated", id);
            } else {
                self.warn(node, "form_text_missing_in_language", format!("{id} ({name})"));
            }
        }
    }
}

fn push_plain(words: &mut Words, text: &str) {
    if let Some(Piece::Plain(last)) = words.last_mut() {
        last.push_str(text);
    } else if !text.is_empty() {
        words.push(Piece::Plain(text.into()));
    }
}

fn trim(words: &mut Words) {
    if let Some(Piece::Plain(first)) = words.first_mut() {
        *first = first.trim_start().into();
    }
    if let Some(Piece::Plain(last)) = words.last_mut() {
        *last = last.trim_end().into();
    }
    words.retain(|piece| !matches!(piece, Piece::Plain(text) if text.is_empty()));
}
