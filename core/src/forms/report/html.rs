//! Writes the document.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::words::Words;
use super::{Fact, Hazard, Line, Mark, Picture, Points, Report, Section, Signature};

/// The largest pictures of all together that a report carries, in bytes; more are named without being shown.
const MOST_PICTURES: usize = 24 << 20;

/// The report as one HTML document.
#[must_use]
pub fn html(report: &Report) -> String {
    let mut page = Page {
        out: String::new(),
        words: Words::of(report.language),
        room: MOST_PICTURES,
    };
    page.document(report);
    page.out
}

struct Page {
    out: String,
    words: &'static Words,
    /// Bytes of pictures that may still be shown.
    room: usize,
}

impl Page {
    fn raw(&mut self, html: &str) {
        self.out.push_str(html);
    }

    /// A text, whatever it holds.
    fn text(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '"' => self.out.push_str("&quot;"),
                '\'' => self.out.push_str("&#39;"),
                // marks that turn the direction of writing could make a report read as what it does not say
                '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
                c if c.is_control() && c != '\n' && c != '\t' => {}
                c => self.out.push(c),
            }
        }
    }

    fn tag(&mut self, name: &str, class: &str, text: &str) {
        self.open(name, class);
        self.text(text);
        self.raw(&format!("</{name}>"));
    }

    fn open(&mut self, name: &str, class: &str) {
        match class {
            "" => self.raw(&format!("<{name}>")),
            class => self.raw(&format!("<{name} class=\"{class}\">")),
        }
    }

    fn document(&mut self, report: &Report) {
        let words = self.words;
        self.raw(&format!(
            "<!DOCTYPE html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\">",
            words.lang
        ));
        // nothing may be loaded or run, whatever a text would try
        self.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">");
        self.tag("title", "", &format!("{} {}", report.title, report.number));
        self.raw("<style>");
        self.raw(include_str!("style.css"));
        self.raw("</style></head><body>");
        self.tag("h1", "", &report.title);
        self.tag("p", "kind", words.report);
        self.head(report);
        self.result(report);
        for section in &report.sections {
            self.section(section);
        }
        self.hazards(&report.hazards);
        self.corrections(&report.corrections);
        self.signatures(&report.signatures);
        self.raw("</body></html>\n");
    }

    fn fact(&mut self, name: &str, value: &str) {
        self.raw("<tr>");
        self.tag("th", "", name);
        self.tag("td", "", value);
        self.raw("</tr>");
    }

    fn facts(&mut self, facts: &[Fact]) {
        for fact in facts {
            self.fact(&fact.name, &fact.value);
        }
    }

    fn head(&mut self, report: &Report) {
        self.raw("<table class=\"head\">");
        self.fact(self.words.number, &report.number);
        self.facts(&report.facts);
        self.fact(self.words.form, &report.form);
        self.raw("</table>");
    }

    fn result(&mut self, report: &Report) {
        let (class, verdict) = match report.passed {
            Some(true) => ("good", self.words.passed),
            Some(false) => ("bad", self.words.failed),
            None => return,
        };
        self.open("div", &format!("result {class}"));
        self.tag("span", "", verdict);
        if let Some(score) = report.score {
            self.tag("span", "", &format!("{} {}", self.words.score, points(score)));
        }
        self.raw("</div>");
    }

    fn section(&mut self, section: &Section) {
        let words = self.words;
        self.open("h2", "");
        self.text(&section.title);
        if let Some(score) = section.score {
            self.text(&format!(" ({} {})", words.score, points(score)));
        }
        self.raw("</h2><table><thead><tr>");
        for (class, name) in [
            ("no", words.item),
            ("", words.question),
            ("answer", words.answer),
            ("mark", words.mark),
        ] {
            self.tag("th", class, name);
        }
        self.raw("</tr></thead><tbody>");
        section.lines.iter().for_each(|line| self.line(line));
        self.raw("</tbody></table>");
    }

    fn line(&mut self, line: &Line) {
        self.raw("<tr>");
        self.tag("td", "no", &line.number);
        self.open("td", "");
        self.text(&line.question);
        self.photos(&line.photos);
        self.raw("</td>");
        self.tag("td", "answer", &line.answer);
        let class = if matches!(line.mark, Mark::Hazard(_)) {
            "mark hazard"
        } else {
            "mark"
        };
        self.tag("td", class, self.words.mark_name(line.mark));
        self.raw("</tr>");
    }

    fn hazards(&mut self, hazards: &[Hazard]) {
        let words = self.words;
        self.tag("h2", "", words.hazards);
        if hazards.is_empty() {
            self.tag("p", "", words.no_hazards);
            return;
        }
        self.raw("<table><thead><tr>");
        for name in [words.item, words.hazards, words.severity, words.outcome, words.due] {
            self.tag("th", "", name);
        }
        self.raw("</tr></thead><tbody>");
        for hazard in hazards {
            self.raw("<tr>");
            self.tag("td", "no", &hazard.number);
            self.open("td", "");
            self.text(&hazard.text);
            self.photos(&hazard.photos);
            self.raw("</td>");
            self.tag("td", "hazard", words.severity_name(hazard.severity));
            self.tag("td", "", &hazard.outcome);
            self.tag("td", "", &hazard.due);
            self.raw("</tr>");
        }
        self.raw("</tbody></table>");
    }

    fn corrections(&mut self, corrections: &[Fact]) {
        if corrections.is_empty() {
            return;
        }
        self.tag("h2", "", self.words.corrections);
        self.raw("<table class=\"head\">");
        self.facts(corrections);
        self.raw("</table>");
    }

    fn photos(&mut self, photos: &[Picture]) {
        if photos.is_empty() {
            return;
        }
        self.open("div", "photos");
        for photo in photos {
            self.raw("<figure>");
            self.picture(photo);
            self.tag("figcaption", "", &photo.caption);
            self.raw("</figure>");
        }
        self.raw("</div>");
    }

    /// The picture itself; nothing when it is of another kind or the report is full.
    fn picture(&mut self, picture: &Picture) {
        let known = matches!(picture.media_type.as_str(), "image/jpeg" | "image/png");
        let Some(room) = self
            .room
            .checked_sub(picture.bytes.len())
            .filter(|_| known && !picture.bytes.is_empty())
        else {
            return;
        };
        self.room = room;
        self.raw(&format!("<img alt=\"\" src=\"data:{};base64,", picture.media_type));
        STANDARD.encode_string(&picture.bytes, &mut self.out);
        self.raw("\">");
    }

    fn signatures(&mut self, signatures: &[Signature]) {
        if signatures.is_empty() {
            return;
        }
        self.tag("h2", "", self.words.signatures);
        self.open("div", "signatures");
        for signature in signatures {
            self.open("div", "signature");
            self.tag("div", "", &signature.role);
            self.open("div", "line");
            signature.picture.iter().for_each(|picture| self.picture(picture));
            self.raw("</div>");
            self.tag("div", "", &format!("{} {}", signature.name, signature.signed_at));
            self.raw("</div>");
        }
        self.raw("</div>");
    }
}

fn points(points: Points) -> String {
    format!("{} / {}", rounded(points.got), rounded(points.of))
}

/// A number of points with at most one decimal.
fn rounded(number: f64) -> String {
    let number = (number * 10.0).round() / 10.0;
    if number == number.trunc() {
        format!("{number:.0}")
    } else {
        format!("{number:.1}")
    }
}
