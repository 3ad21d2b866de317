//! What stands in the rows of a checklist's workbook.

use super::{Checklist, Item, Sheet, words};
use crate::forms::grid::NAMESPACE;

const ZH: &str = "label::简体中文 (zh-Hans)";
const EN: &str = "label::English (en)";
const ZH_HINT: &str = "hint::简体中文 (zh-Hans)";
const EN_HINT: &str = "hint::English (en)";
const SURVEY: [&str; 26] = [
    "type",
    "name",
    ZH,
    EN,
    ZH_HINT,
    EN_HINT,
    "required",
    "relevant",
    "constraint",
    "calculation",
    "appearance",
    "parameters",
    "bind::grid:item",
    "bind::grid:fail_when",
    "bind::grid:na_when",
    "bind::grid:score",
    "bind::grid:weight",
    "bind::grid:critical",
    "bind::grid:severity",
    "bind::grid:photos",
    "bind::grid:photos_on_hazard",
    "bind::grid:photo_ref",
    "bind::grid:on_the_spot",
    "bind::grid:category",
    "bind::grid:prefill",
    "bind::grid:save_to",
];
const CHOICES: [&str; 4] = ["list_name", "name", ZH, EN];
const SETTINGS: [&str; 5] = ["form_title", "form_id", "version", "default_language", "namespaces"];

/// Points of an item that is in order; its weight is the severity of its hazard.
const POINTS: &str = "10";

type Row = Vec<(&'static str, String)>;

pub(super) fn sheets(checklist: &Checklist) -> Vec<Sheet> {
    let mut choices = yes_no();
    let mut survey = head(checklist);
    for item in &checklist.items {
        choices.extend(own_choices(item));
        survey.extend(item_rows(checklist, item));
    }
    survey.push(vec![("type", "end group".into())]);
    let settings = vec![
        ("form_title", checklist.zh.clone()),
        ("form_id", format!("fushan_{}", checklist.code.to_lowercase())),
        ("version", checklist.version.to_string()),
        ("default_language", "简体中文 (zh-Hans)".into()),
        ("namespaces", format!("grid=\"{NAMESPACE}\"")),
    ];
    vec![
        sheet("survey", &SURVEY, survey),
        sheet("choices", &CHOICES, choices),
        sheet("settings", &SETTINGS, vec![settings]),
    ]
}

fn sheet(name: &'static str, columns: &'static [&'static str], rows: Vec<Row>) -> Sheet {
    Sheet { name, columns, rows }
}

/// Where the inspection is, filled in from the registry; then the group of the items.
fn head(checklist: &Checklist) -> Vec<Row> {
    let kind = words::registry_kind(&checklist.code);
    let question = |name: &str, zh: &str, en: &str, field: &str| {
        vec![
            ("type", "text".to_owned()),
            ("name", name.to_owned()),
            (ZH, zh.to_owned()),
            (EN, en.to_owned()),
            ("bind::grid:prefill", format!("{kind}.{field}")),
        ]
    };
    let group = |name: &str, zh: &str, en: &str| {
        vec![
            ("type", "begin group".to_owned()),
            ("name", name.to_owned()),
            (ZH, zh.to_owned()),
            (EN, en.to_owned()),
            ("appearance", "field-list".to_owned()),
        ]
    };
    let mut rows = vec![
        vec![("type", "start".to_owned()), ("name", "start".to_owned())],
        vec![("type", "end".to_owned()), ("name", "end".to_owned())],
        group("target", "检查对象", "What is inspected"),
    ];
    if kind != "dwelling" {
        rows.push(question("target_name", "名称", "Name", "name"));
    }
    rows.push(question("target_address", "地址", "Address", "address"));
    rows.push(vec![("type", "end group".into())]);
    let mut items = group("items", &checklist.zh, &checklist.en);
    items.retain(|(column, _)| *column != "appearance");
    rows.push(items);
    rows
}

fn yes_no() -> Vec<Row> {
    [
        ("yes", "是", "Yes"),
        ("no", "否", "No"),
        ("na", "不适用", "Not applicable"),
    ]
    .map(|c| choice("ynna", c))
    .into()
}

fn choice(list: &str, (name, zh, en): (&str, &str, &str)) -> Row {
    vec![
        ("list_name", list.into()),
        ("name", name.into()),
        (ZH, zh.into()),
        (EN, en.into()),
    ]
}

/// The options of an item, in order, with the values that are stored.
fn options(item: &Item) -> Vec<(String, String)> {
    let texts = item
        .options
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|option| option.as_str());
    (1..)
        .zip(texts)
        .map(|(number, text)| (format!("c{number}"), text.to_owned()))
        .collect()
}

fn own_choices(item: &Item) -> Vec<Row> {
    if !matches!(item.kind.as_str(), "CH" | "MU") {
        return Vec::new();
    }
    let list = name_of(&item.no);
    options(item)
        .iter()
        .map(|(value, zh)| choice(&list, (value, zh, words::option(zh))))
        .collect()
}

fn name_of(no: &str) -> String {
    no.to_lowercase().replace('-', "_")
}

fn bound(item: &Item, key: &str) -> Option<i64> {
    item.options.get(key).and_then(serde_json::Value::as_i64)
}

fn item_rows(checklist: &Checklist, item: &Item) -> Vec<Row> {
    let name = name_of(&item.no);
    let mut row: Row = vec![
        ("type", question_type(item)),
        ("name", name.clone()),
        (ZH, with_unit(&item.zh, item, |unit| unit.to_owned())),
        (EN, with_unit(&item.en, item, |unit| format!(" {}", words::unit(unit)))),
        ("bind::grid:item", item.no.clone()),
    ];
    if matches!(item.kind.as_str(), "YN" | "CH" | "MU" | "N") {
        row.push(("required", "yes".into()));
    }
    row.push(("relevant", words::relevant(&item.no).into()));
    row.push(("constraint", constraint(item)));
    match item.kind.as_str() {
        "CALC" => row.push(("calculation", words::calculation(&item.no).into())),
        "S" => row.push(("appearance", "signature".into())),
        "T" => row.push(("appearance", "multiline".into())),
        _ => {}
    }
    if matches!(item.kind.as_str(), "P" | "S") {
        row.push(("parameters", "max-pixels=2048".into()));
    }
    if item.kind == "CALC" {
        row.retain(|(column, _)| ![ZH, EN].contains(column));
    }
    let (prefill, save_to) = words::registry_field(&item.no);
    row.push(("bind::grid:prefill", prefill.into()));
    row.push(("bind::grid:save_to", save_to.into()));
    row.extend(hazard(checklist, item));
    row.extend(photo_rules(item, &name));
    let mut rows = vec![row];
    rows.extend(photo(checklist, item, &name));
    rows.extend(more_photos(item, &name));
    rows
}

fn question_type(item: &Item) -> String {
    match item.kind.as_str() {
        "YN" => "select_one ynna".into(),
        "CH" => format!("select_one {}", name_of(&item.no)),
        "MU" => format!("select_multiple {}", name_of(&item.no)),
        "N" => "integer".into(),
        "P" | "S" => "image".into(),
        "SC" => "barcode".into(),
        "CALC" => "calculate".into(),
        _ => "text".into(),
    }
}

fn with_unit(text: &str, item: &Item, unit_text: impl Fn(&str) -> String) -> String {
    match item.options.get("unit").and_then(|unit| unit.as_str()) {
        Some(unit) if !text.contains(unit) => {
            let unit = unit_text(unit);
            // the blank of an English unit stands before the bracket
            let blank = if unit.starts_with(' ') { " " } else { "" };
            format!("{text}{blank}({})", unit.trim_start())
        }
        _ => text.to_owned(),
    }
}

fn constraint(item: &Item) -> String {
    match (item.kind.as_str(), bound(item, "min"), bound(item, "max")) {
        ("N", Some(min), Some(max)) => format!(". >= {min} and . <= {max}"),
        ("T", _, Some(max)) => format!("string-length(.) <= {max}"),
        ("MU", ..) => words::exclusive(&item.no).into(),
        _ => String::new(),
    }
}

/// The condition under which an answer is a hazard, about a node: `.` or `${name}`.
fn hazard_rule(checklist: &Checklist, item: &Item, node: &str) -> Option<String> {
    let when = item.hazard_when.as_deref()?;
    let values = |joined: &dyn Fn(&str) -> String| {
        let options = options(item);
        let meant = when
            .split('|')
            .filter_map(|text| options.iter().find(|(_, known)| known == text));
        meant.map(|(value, _)| joined(value)).collect::<Vec<_>>().join(" or ")
    };
    Some(match item.kind.as_str() {
        "YN" if when == "是" => format!("{node} = 'yes'"),
        "YN" => format!("{node} = 'no'"),
        "CH" => values(&|value| format!("{node} = '{value}'")),
        "MU" => values(&|value| format!("selected({node}, '{value}')")),
        "CALC" => format!("{node} = 'yes'"),
        "N" => format!("{node} != '' and {node} {}", comparison(checklist, when)),
        _ => return None,
    })
}

/// `<2`, `>=15`, or `<n9`: less than item 9 of the same checklist.
fn comparison(checklist: &Checklist, when: &str) -> String {
    let sign: String = when.chars().take_while(|c| "<>=".contains(*c)).collect();
    let value = when.trim_start_matches(['<', '>', '=']);
    match value.strip_prefix('n').and_then(|number| number.parse::<u32>().ok()) {
        Some(number) => format!("{sign} ${{{}_{number:02}}}", checklist.code.to_lowercase()),
        None => format!("{sign} {value}"),
    }
}

fn hazard(checklist: &Checklist, item: &Item) -> Row {
    let Some(rule) = hazard_rule(checklist, item, ".").filter(|_| item.severity > 0) else {
        return Row::new();
    };
    let mut row: Row = vec![
        ("bind::grid:fail_when", rule),
        ("bind::grid:score", POINTS.into()),
        ("bind::grid:weight", item.severity.to_string()),
        ("bind::grid:severity", item.severity.to_string()),
        (
            "bind::grid:category",
            item.incident_category.clone().unwrap_or_default(),
        ),
    ];
    if item.kind == "YN" {
        row.push(("bind::grid:na_when", ". = 'na'".into()));
    }
    if item.severity >= 3 {
        row.push(("bind::grid:critical", "yes".into()));
    }
    if item.onsite_fixable {
        row.push(("bind::grid:on_the_spot", "yes".into()));
    }
    row
}

/// When the photo question of an item is shown; nothing when the item has none.
fn photo_when(checklist: &Checklist, item: &Item, name: &str) -> Option<String> {
    let node = format!("${{{name}}}");
    match item.photo.as_str() {
        _ if matches!(item.kind.as_str(), "P" | "S") => None,
        "ALWAYS" => Some(String::new()),
        "ON_HAZARD" => hazard_rule(checklist, item, &node),
        "ON_YES" if item.kind == "N" => Some(format!("{node} > 0")),
        "ON_YES" => Some(format!("{node} = 'yes'")),
        _ => None,
    }
}

fn photo_rules(item: &Item, name: &str) -> Row {
    let own = format!("${{{name}_photo}}");
    match item.photo.as_str() {
        "ALWAYS" if item.kind == "P" => vec![
            ("bind::grid:photos", bound(item, "min").unwrap_or(1).to_string()),
            ("bind::grid:photo_ref", format!("${{{name}}}")),
        ],
        "ALWAYS" => vec![("bind::grid:photos", "1".into()), ("bind::grid:photo_ref", own)],
        "ON_HAZARD" => vec![
            ("bind::grid:photos_on_hazard", "1".into()),
            ("bind::grid:photo_ref", own),
        ],
        "ON_YES" => vec![("bind::grid:photo_ref", own)],
        _ => Row::new(),
    }
}

fn photo(checklist: &Checklist, item: &Item, name: &str) -> Option<Row> {
    let relevant = photo_when(checklist, item, name)?;
    Some(vec![
        ("type", "image".into()),
        ("name", format!("{name}_photo")),
        (ZH, "照片".into()),
        (EN, "Photo".into()),
        (ZH_HINT, item.zh.clone()),
        (EN_HINT, item.en.clone()),
        ("relevant", relevant),
        ("parameters", "max-pixels=2048".into()),
    ])
}

/// An item that asks for several photos has a question for each.
fn more_photos(item: &Item, name: &str) -> Vec<Row> {
    let most = if item.kind == "P" {
        bound(item, "max").unwrap_or(1)
    } else {
        1
    };
    let row = |number: i64| {
        vec![
            ("type", "image".to_owned()),
            ("name", format!("{name}_{number}")),
            (ZH, format!("{}({number})", item.zh)),
            (EN, format!("{} ({number})", item.en)),
            ("parameters", "max-pixels=2048".to_owned()),
        ]
    };
    (2..=most).map(row).collect()
}
