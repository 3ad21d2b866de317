//! Texts by language: labels, hints, messages and media, with a dash where a translation is missing.

use std::collections::BTreeMap;

use crate::forms::authoring::choices::List;
use crate::forms::authoring::item::Item;
use crate::forms::authoring::log::Log;
use crate::forms::authoring::outline::Id;
use crate::forms::authoring::survey::Form;
use crate::forms::authoring::value::{Map, Value};
use crate::forms::definition::{Language, Piece, TextForm};

/// Forms of one text: the words by the part they are read from.
type Forms = Vec<(String, Option<Id>, String)>;

/// Languages in order of their first text, each with texts by id.
#[derive(Default)]
struct Gathered {
    languages: Vec<(String, BTreeMap<String, Forms>)>,
}

const LONG: &str = "long";
const GUIDANCE: &str = "guidance";
const MEDIA: [&str; 4] = ["image", "big-image", "audio", "video"];

/// Whether a message stands among the texts and not in the bind itself.
pub(super) fn is_message_text(key: &str, value: &Value) -> bool {
    value.map().is_some() || key != "jr:noAppErrorString" && super::binds::has_parts(value)
}

/// Whether the label of a part is a text by id.
pub(super) fn has_text_label(item: &Item) -> bool {
    matches!(item.label, Some(Value::Map(_))) || !item.media.is_empty()
}

/// Whether the hint of a part is a text by id.
pub(super) fn has_text_hint(item: &Item) -> bool {
    matches!(item.hint, Some(Value::Map(_))) || item.guidance.is_some()
}

pub(super) fn gather(form: &Form, log: &mut Log) -> Vec<Language> {
    let mut gathered = Gathered::default();
    let default = form.settings.default_language.as_str();
    for list in form.lists.lists.iter().filter(|list| list.has_texts()) {
        gathered.list(list, default);
    }
    let parts = || form.outline.ids().filter(|id| is_told(form.outline.item(*id)));
    for id in parts() {
        gathered.part(form, id, default);
    }
    for id in parts() {
        gathered.media(form, id, default, log);
    }
    gathered.fill();
    gathered.finish(form, default)
}

fn is_told(item: &Item) -> bool {
    item.kind().is_some() || item.is_section()
}

impl Gathered {
    fn add(&mut self, language: &str, id: &str, form: &str, from: Option<Id>, text: &str) {
        let at = self
            .languages
            .iter()
            .position(|(known, _)| known == language)
            .unwrap_or_else(|| {
                self.languages.push((language.into(), BTreeMap::new()));
                self.languages.len() - 1
            });
        let Some((_, texts)) = self.languages.get_mut(at) else {
            return;
        };
        let forms = texts.entry(id.to_owned()).or_default();
        match forms.iter_mut().find(|(known, ..)| known == form) {
            Some(known) => *known = (form.into(), from, text.into()),
            None => forms.push((form.into(), from, text.into())),
        }
    }

    fn add_value(&mut self, value: &Value, default: &str, id: &str, form: &str, from: Option<Id>) {
        match value {
            Value::Text(text) => self.add(default, id, form, from, text),
            Value::Map(map) => {
                for (language, value) in map {
                    match value {
                        Value::Text(text) => self.add(language, id, form, from, text),
                        Value::Map(inner) => self.inner(inner, id, language, from),
                    }
                }
            }
        }
    }

    /// A heading with a form before its language (`label::short::English`).
    fn inner(&mut self, map: &Map, id: &str, form: &str, from: Option<Id>) {
        for (language, value) in map {
            if let Some(text) = value.text() {
                self.add(language, id, form, from, text);
            }
        }
    }

    fn list(&mut self, list: &List, default: &str) {
        for (index, choice) in list.choices.iter().enumerate() {
            let id = format!("{}-{index}", list.name);
            if let Some(label) = &choice.label {
                self.add_value(label, default, &id, LONG, None);
            }
            for (kind, value) in &choice.media {
                self.add_value(value, default, &id, kind, None);
            }
        }
    }

    fn part(&mut self, form: &Form, id: Id, default: &str) {
        let item = form.outline.item(id);
        let path = form.outline.path(id);
        for key in ["jr:constraintMsg", "jr:requiredMsg", "jr:noAppErrorString"] {
            let message = item
                .bind
                .as_ref()
                .and_then(|bind| crate::forms::authoring::value::get(bind, key));
            if let Some(message) = message.filter(|message| is_message_text(key, message)) {
                self.add_value(message, default, &format!("{path}:{key}"), LONG, Some(id));
            }
        }
        if let Some(label) = item.label.as_ref().filter(|_| has_text_label(item)) {
            self.add_value(label, default, &format!("{path}:label"), LONG, Some(id));
        }
        let hint = format!("{path}:hint");
        let guided = item.guidance.is_some() && item.kind().is_some();
        if let Some(value) = item.hint.as_ref().filter(|hint| hint.map().is_some() || guided) {
            self.add_value(value, default, &hint, LONG, Some(id));
        }
        if let Some(value) = item.guidance.as_ref().filter(|_| guided) {
            self.add_value(value, default, &hint, GUIDANCE, Some(id));
        }
    }

    fn media(&mut self, form: &Form, id: Id, default: &str, log: &mut Log) {
        let item = form.outline.item(id);
        let label = format!("{}:label", form.outline.path(id));
        for (kind, value) in &item.media {
            if !MEDIA.contains(&kind.as_str()) {
                log.error(
                    "xls_media_unknown",
                    kind.as_str(),
                    form.survey.spot(item.row, &["media", kind]),
                );
            }
            self.add_value(value, default, &label, kind, None);
        }
    }

    /// Every language gets every text in every form; what is missing is a dash.
    fn fill(&mut self) {
        let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (id, forms) in self.languages.iter().flat_map(|(_, texts)| texts) {
            let known = all.entry(id.clone()).or_default();
            known.extend(forms.iter().map(|(form, ..)| form.clone()));
        }
        for (_, texts) in &mut self.languages {
            for (id, kinds) in &all {
                let forms = texts.entry(id.clone()).or_default();
                for kind in kinds {
                    if !forms.iter().any(|(known, ..)| known == kind) {
                        forms.push((kind.clone(), None, "-".into()));
                    }
                }
            }
        }
    }

    fn finish(self, form: &Form, default: &str) -> Vec<Language> {
        let mut languages: Vec<Language> = Vec::new();
        for (name, texts) in self.languages {
            let texts = texts.into_iter().map(|(id, forms)| {
                let is_hint = id.split_once(':').is_some_and(|(_, kind)| kind == "hint");
                let mut forms: Vec<TextForm> = forms.iter().filter_map(|f| text_form(form, f, is_hint)).collect();
                forms.sort_by(|a, b| a.form.cmp(&b.form));
                (id, forms)
            });
            languages.push(Language {
                default: name == default,
                texts: texts.collect(),
                name,
            });
        }
        if !languages.iter().any(|language| language.default)
            && let Some(first) = languages.first_mut()
        {
            first.default = true;
        }
        languages
    }
}

fn text_form(form: &Form, (kind, from, text): &(String, Option<Id>, String), is_hint: bool) -> Option<TextForm> {
    let mut words = form.outline.words(text, *from);
    let kind = match kind.as_str() {
        GUIDANCE if is_hint => Some(GUIDANCE),
        LONG => None,
        _ if is_hint => None,
        _ if text == "-" => return None,
        other => Some(other),
    };
    if let Some(media) = kind.filter(|kind| *kind != GUIDANCE) {
        let folder = if media == "big-image" || media == "image" {
            "images"
        } else {
            media
        };
        let address = format!("jr://{folder}/");
        match words.first_mut() {
            Some(Piece::Plain(first)) => first.insert_str(0, &address),
            _ => words.insert(0, Piece::Plain(address)),
        }
    }
    Some(TextForm {
        form: kind.map(Into::into),
        text: words,
    })
}
