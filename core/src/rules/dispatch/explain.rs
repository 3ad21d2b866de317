//! Says in both languages why an incident goes where it goes.

use super::check::Dispatch;
use super::condition::{Case, Fits};
use super::decide::{Human, Match, Outcome};

/// The explanation in Chinese and in English. Names rules and organisations, never anything that was typed.
pub(super) fn texts(
    dispatch: &Dispatch,
    outcome: &Outcome,
    confidence: u8,
    matches: &[Match<'_>],
    case: &Case,
) -> (String, String) {
    let (mut zh, mut en) = match outcome {
        Outcome::Handler {
            rule,
            main,
            co,
            level,
            limit,
            ..
        } => handler(dispatch, rule, main, co, *level, *limit),
        Outcome::Human { why, level, .. } => human(*why, *level),
    };
    let missing: Vec<&str> = matches
        .iter()
        .filter(|found| found.fits == Fits::Unknown)
        .map(|found| found.rule.id.as_str())
        .collect();
    if !missing.is_empty() {
        zh.push_str(&format!("缺少判断{}所需的信息。", missing.join("、")));
        en.push_str(&format!(" Facts are missing to judge {}.", missing.join(", ")));
    }
    if case.refusals > 0 {
        zh.push_str(&format!("已退单{}次，退单单位不再参与。", case.refusals));
        en.push_str(&format!(
            " Refused {} time(s); who refused is passed over.",
            case.refusals
        ));
    }
    zh.push_str(&format!("置信度{confidence}%，规则集{}。", dispatch.version()));
    en.push_str(&format!(" Confidence {confidence} %, rule set {}.", dispatch.version()));
    (zh, en)
}

fn handler(
    dispatch: &Dispatch,
    rule: &str,
    main: &str,
    co: &[String],
    level: u8,
    limit: crate::rules::deadline::Limit,
) -> (String, String) {
    let said = dispatch
        .set
        .rules
        .iter()
        .find(|known| known.id == rule)
        .map_or(("", ""), |rule| (&rule.zh, &rule.en));
    let helpers_zh = co.iter().map(|id| names(dispatch, id).0).collect::<Vec<_>>().join("、");
    let helpers_en = co.iter().map(|id| names(dispatch, id).1).collect::<Vec<_>>().join(", ");
    let mut zh = format!("按规则{rule}（{}），由{}主办", said.0, names(dispatch, main).0);
    let mut en = format!("Rule {rule} ({}): handled by the {}", said.1, names(dispatch, main).1);
    if !co.is_empty() {
        zh.push_str(&format!("，{helpers_zh}协办"));
        en.push_str(&format!(", with {helpers_en}"));
    }
    zh.push_str(&format!("，第{level}级循环，时限{limit}。"));
    en.push_str(&format!(", level {level}, limit {limit}."));
    (zh, en)
}

/// Names of an organisation in both languages.
fn names<'d>(dispatch: &'d Dispatch, id: &'d str) -> (&'d str, &'d str) {
    dispatch
        .org(id)
        .map_or((id, id), |org| (org.zh.as_str(), org.en.as_str()))
}

fn human(why: Human, level: u8) -> (String, String) {
    let (zh, en) = match why {
        Human::NoRule => ("没有适用的规则", "No rule applies"),
        Human::Conflict => ("同级规则指向不同单位", "Rules of equal rank name different handlers"),
        Human::Unsure => ("置信度低于门槛", "The confidence is below the threshold"),
        Human::RefusedTwice => (
            "已两次退单，转联席会商",
            "Refused twice: the departments decide together",
        ),
    };
    (
        format!("{zh}，由第{level}级分拨员人工决定。"),
        format!("{en}; the dispatcher of level {level} decides."),
    )
}
