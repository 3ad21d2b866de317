//! The chain as one page for people who would rather look: no script, no outside file, both languages.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::gather::{Case, Exhibit};
use super::report::{Link, Report, Told};
use crate::app::error::AppError;
use crate::app::messages::{Lang, code_of, message};
use crate::model::fault::Fault;
use crate::wire::manifest::canonical::is_plain;
use crate::wire::manifest::{Capture, Entry, Event, HexSha256, Verdict};

const STYLE: &str = "body{font:15px/1.5 'Noto Sans CJK SC','Noto Sans SC',sans-serif;margin:2em auto;max-width:64em;padding:0 1em;\
color:#1c2733;background:#fff}h1{font-size:1.5em}h2{font-size:1.1em;margin:.2em 0}.e{border:1px solid #cfd8e3;border-radius:6px;\
padding:.8em 1em;margin:1em 0;overflow:hidden}.e img{float:right;max-width:240px;max-height:180px;margin-left:1em;border-radius:4px}\
table{border-collapse:collapse}td{padding:.1em .8em .1em 0;vertical-align:top}code{font-size:.85em;word-break:break-all;color:#4a5a6a}\
.pass{color:#0a7a3d}.fail{color:#b3261e;font-weight:bold}.absent{color:#8a6100}.sum{font-size:1.1em}small{color:#5b6b7b}";

/// Writes the page.
pub(super) fn write(
    dir: &Path,
    case: &Case,
    report: &Report,
    thumbnails: &[(usize, Option<Vec<u8>>)],
) -> Result<(), AppError> {
    let tally = report.tally();
    let mut out = format!(
        "<!doctype html>\n<html lang=\"zh\"><head><meta charset=\"utf-8\"><title>照片证据 · Photo evidence</title>\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width\"><style>{STYLE}</style></head><body>\n\
         <h1>照片证据 <small>Photo evidence</small></h1>\n<p>事项 case <code>{}</code></p>\n\
         <p class=\"sum\"><span class=\"pass\">通过 pass {}</span> · <span class=\"fail\">不符 fail {}</span> · \
         <span class=\"absent\">缺失 absent {}</span></p>\n<p><small>导出时的核验结果;请按 README 自行核验。\
         As checked at export; the README tells how to check it yourself.</small></p>\n",
        escaped(&case.id.to_string()),
        tally.pass,
        tally.fail,
        tally.absent
    );
    out.push_str(&links(report, ""));
    let photos: Vec<HexSha256> = case
        .exhibits
        .iter()
        .filter_map(Exhibit::photo)
        .map(|(p, _)| HexSha256(p.0))
        .collect();
    for (number, exhibit) in (1..).zip(&case.exhibits) {
        let small = thumbnails
            .iter()
            .find(|(of, _)| *of == number)
            .and_then(|(_, bytes)| bytes.as_deref());
        out.push_str(&entry(number, exhibit, report, small, &photos));
    }
    out.push_str("</body></html>\n");
    Ok(std::fs::write(dir.join("view.html"), out)?)
}

fn entry(number: usize, exhibit: &Exhibit, report: &Report, small: Option<&[u8]>, photos: &[HexSha256]) -> String {
    let (zh, en) = match &exhibit.entry {
        Entry::Capture(_) => ("拍摄", "capture"),
        Entry::Custody(_) => ("保管", "custody"),
        Entry::Rotation(_) => ("更换密钥", "change of key"),
        Entry::Start(_) => ("链条开始", "chain begins"),
    };
    let name = format!("{number:04}");
    let mut out = format!("<div class=\"e\">\n<h2>{name} · {zh} <small>{en}</small></h2>\n");
    if let Some(small) = small {
        out.push_str(&format!(
            "<img alt=\"\" src=\"data:image/jpeg;base64,{}\">\n",
            BASE64.encode(small)
        ));
    }
    out.push_str("<table>\n");
    let link = exhibit.entry.link();
    out.push_str(&row("链上位置", "place in chain", &link.seq.to_string()));
    out.push_str(&row("人员", "staff", &exhibit.entry.actor().staff));
    match &exhibit.entry {
        Entry::Capture(capture) if exhibit.own => out.push_str(&of_capture(capture)),
        Entry::Custody(custody) => {
            let own = custody.events.iter().filter(|event| photos.contains(&event.media));
            own.for_each(|event| out.push_str(&of_event(event)));
        }
        _ => {}
    }
    if let Some(receipt) = &exhibit.receipt {
        out.push_str(&row(
            "平台收到",
            "received by the platform",
            &receipt.received_at.to_string(),
        ));
    }
    let found = report.findings.iter().filter(|(at, _)| *at == name);
    for (_, code) in found {
        out.push_str(&row("平台发现", "found by the platform", code));
    }
    out.push_str("</table>\n");
    out.push_str(&links(report, &name));
    out.push_str("</div>\n");
    out
}

fn of_capture(capture: &Capture) -> String {
    let mut out = String::new();
    out.push_str(&row("摘要", "SHA-256", &capture.media.sha256.to_string()));
    out.push_str(&row("国密摘要", "SM3", &capture.media.sm3.to_string()));
    out.push_str(&row("手机时间", "phone's clock", &capture.time.wall));
    if let Some(gnss) = &capture.time.gnss {
        out.push_str(&row("卫星时间", "satellites' time", gnss));
    }
    if let Some(place) = &capture.place {
        let accuracy = place.acc_m.as_deref().unwrap_or("?");
        let text = format!("{}, {} ({:?}, ± {accuracy} m)", place.lat, place.lon, place.crs);
        out.push_str(&row("位置", "place", &text));
    }
    out.push_str(&row("内容", "shows", &capture.subject.role));
    out.push_str(&row(
        "设备",
        "device",
        &format!("{} {} {}", capture.env.model, capture.env.os, capture.env.app),
    ));
    // what could not be checked is in the manifest; here stands what the checks object to
    for check in capture.checks.iter().filter(|c| c.verdict >= Verdict::Warn) {
        out.push_str(&row(
            "检查",
            "check",
            &format!("{} {} {}", check.id, check.score, check.reason),
        ));
    }
    out
}

fn of_event(event: &Event) -> String {
    let what = serde_json::to_value(event.event).unwrap_or_default();
    let text = format!(
        "{} {} {} {}",
        event.at,
        what.as_str().unwrap_or_default(),
        event.by.as_deref().unwrap_or_default(),
        event.reason.as_deref().unwrap_or_default()
    );
    let copy = event
        .derived
        .as_ref()
        .map(|copy| format!(" → {} {}", copy.sha256, copy.op));
    row("事件", "event", &format!("{text}{}", copy.unwrap_or_default()))
}

fn row(zh: &str, en: &str, value: &str) -> String {
    format!(
        "<tr><td>{zh} <small>{en}</small></td><td><code>{}</code></td></tr>\n",
        escaped(value)
    )
}

/// The links of one entry, or those of the folder.
fn links(report: &Report, at: &str) -> String {
    let own = report.links.iter().filter(|l| l.at == at);
    let shown: Vec<String> = own.map(shown).collect();
    format!("<p>{}</p>\n", shown.join(" · "))
}

fn shown(link: &Link) -> String {
    let (class, zh) = match link.told {
        Told::Pass => ("pass", "✓"),
        Told::Fail => ("fail", "✗"),
        Told::Absent => ("absent", "—"),
    };
    let name = match link.link {
        "text" => "原文 text",
        "key" => "公钥 key",
        "signature" => "签名 signature",
        "chain" => "链 chain",
        "bytes" => "照片 bytes",
        "receipt" => "回执 receipt",
        "log_key" => "日志公钥 log key",
        "stored" => "平台摘要 stored",
        "stamp" => "时间戳 time-stamp",
        "time" => "时间 time",
        "derived" => "副本 copy",
        "c2pa" => "内容凭证 credentials",
        "attestation" => "密钥证书 key's certificates",
        other => other,
    };
    let why = why(&link.code);
    format!("<span class=\"{class}\">{zh} {name}{}</span>", escaped(&why))
}

/// The code's text in both languages, when there is one.
fn why(code: &str) -> String {
    match code_of(code).map(Fault::of) {
        _ if code.is_empty() => String::new(),
        Some(fault) => {
            let (zh, en) = (message(&fault, Lang::Zh).text, message(&fault, Lang::En).text);
            // a text with places to fill says too little without them
            if zh.contains('{') {
                format!(": {code}")
            } else {
                format!(": {zh} {en}")
            }
        }
        None => format!(": {code}"),
    }
}

/// A text as HTML shows it: nothing in it is markup, and what hides or turns other characters is shown as a mark.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut buffer = [0; 4];
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ if !is_plain(c.encode_utf8(&mut buffer)) => out.push('\u{FFFD}'),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn hostile_texts_show_as_texts() {
        let hostile = "<script>alert('x')</script>\"&\u{202E}gpj.\u{0}";
        let shown = escaped(hostile);
        assert!(!shown.contains(['<', '>', '"', '\'', '\u{202E}', '\u{0}']), "{shown}");
        assert!(shown.contains("&lt;script&gt;"));
    }
}
