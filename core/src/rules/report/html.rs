//! A report as one page: no outside requests, charts and the map of grids as inline SVG, made for A4.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::Figure;
use super::table::{Block, Report};
use crate::model::area::GridArea;
use crate::model::geo::Point;

const STYLE: &str = "\
@page{size:A4;margin:15mm}\
body{font:14px/1.5 'Noto Sans CJK SC','Source Han Sans SC','PingFang SC',sans-serif;color:#222;max-width:180mm;margin:0 auto}\
h1{font-size:22px}h2{font-size:16px;border-bottom:1px solid #999;margin-top:1.4em;break-after:avoid}\
table{border-collapse:collapse;width:100%;font-size:12px}td,th{border:1px solid #ccc;padding:2px 6px;text-align:left}\
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}td.bar{width:210px}small{color:#666;margin-left:.6em}tr{break-inside:avoid}\
svg{width:100%;height:auto;max-height:230mm}.note{color:#666;font-size:12px}";

/// The page. `grids` are drawn as a map, coloured by their reports; none gives no map. `names` are those of the codes of
/// categories, sources, areas and organisations; a code without one stands for itself.
#[must_use]
pub fn page(report: &Report, title: &str, grids: &[GridArea], names: &BTreeMap<String, String>) -> String {
    let mut page = String::new();
    let title = escaped(title);
    push(
        &mut page,
        format_args!(
            "<!DOCTYPE html><html lang=\"zh-Hans\"><head><meta charset=\"utf-8\"><title>{title}</title><style>{STYLE}</style></head>\
         <body><h1>{title}</h1><p class=\"note\">{} – {} · 公式版本 definitions {}</p>",
            report.period.first,
            report.period.next.pred_opt().unwrap_or(report.period.next),
            report.definitions,
        ),
    );
    headline(&mut page, report);
    trend(&mut page, report);
    report.blocks.iter().for_each(|block| table(&mut page, block, names));
    map(&mut page, report, grids);
    findings(&mut page, report, names);
    page.push_str("</body></html>");
    page
}

fn push(page: &mut String, text: std::fmt::Arguments<'_>) {
    // writing to a string cannot fail
    let _ = page.write_fmt(text);
}

fn headline(page: &mut String, report: &Report) {
    page.push_str(
        "<h2>总体指标 Headline figures</h2><table><tr><th>代码</th><th>指标</th><th class=\"n\">本期</th>\
         <th class=\"n\">上期</th><th class=\"n\">去年同期</th><th class=\"n\">环比</th></tr>",
    );
    for row in &report.rows {
        let change = match row.change {
            Some(ratio) => format!("{}{ratio}", if row.falls { "−" } else { "+" }),
            None => "—".to_owned(),
        };
        push(
            page,
            format_args!(
                "<tr><td>{}</td><td>{} <span class=\"note\">{}</span></td><td class=\"n\">{}</td><td class=\"n\">{}</td>\
             <td class=\"n\">{}</td><td class=\"n\">{change}</td></tr>",
                row.code, row.zh, row.en, row.now, row.before, row.last_year,
            ),
        );
    }
    page.push_str("</table>");
}

/// Bars of the last periods.
fn trend(page: &mut String, report: &Report) {
    let most = report.trend.iter().map(|(_, n)| *n).max().unwrap_or(0).max(1);
    page.push_str("<h2>趋势 Trend</h2><svg viewBox=\"0 0 720 160\" role=\"img\" aria-label=\"trend\">");
    for (index, (day, n)) in report.trend.iter().enumerate() {
        let (x, height) = (index * 60, n * 120 / most);
        push(
            page,
            format_args!(
                "<rect x=\"{}\" y=\"{}\" width=\"44\" height=\"{height}\" fill=\"#4477aa\"/>\
             <text x=\"{}\" y=\"{}\" font-size=\"10\" text-anchor=\"middle\">{n}</text>\
             <text x=\"{}\" y=\"155\" font-size=\"9\" text-anchor=\"middle\">{}</text>",
                x + 8,
                140 - height,
                x + 30,
                136 - height,
                x + 30,
                day.format("%y-%m-%d"),
            ),
        );
    }
    page.push_str("</svg>");
}

/// Name and code, or the code alone.
fn named(code: &str, names: &BTreeMap<String, String>) -> String {
    match names.get(code) {
        Some(name) => format!("{} <small>{}</small>", escaped(name), escaped(code)),
        None => escaped(code),
    }
}

fn table(page: &mut String, block: &Block, names: &BTreeMap<String, String>) {
    let most = block.lines.iter().filter_map(|(_, n, _)| *n).max().unwrap_or(0).max(1);
    push(
        page,
        format_args!(
            "<h2>{} {}</h2><table><tr><th></th><th class=\"n\">件数 cases</th><th class=\"n\">{}</th><th></th></tr>",
            block.zh,
            block.en,
            if block.en == "Sources" {
                "占比 share"
            } else {
                "按期结案率 closed in time"
            },
        ),
    );
    for (label, count, ratio) in block.lines.iter().take(20) {
        let width = count.unwrap_or(0) * 200 / most;
        let count = count.map_or_else(|| "&lt;5".to_owned(), |n| n.to_string());
        push(
            page,
            format_args!(
                "<tr><td>{}</td><td class=\"n\">{count}</td><td class=\"n\">{ratio}</td><td class=\"bar\">\
             <svg viewBox=\"0 0 200 10\" style=\"width:200px\"><rect width=\"{width}\" height=\"10\" fill=\"#66ccee\"/></svg></td></tr>",
                named(label, names),
            ),
        );
    }
    page.push_str("</table>");
}

/// Grids of the area, darker with more reports.
fn map(page: &mut String, report: &Report, grids: &[GridArea]) {
    let shown: Vec<&GridArea> = grids
        .iter()
        .filter(|grid| grid.code.as_str().starts_with(&report.area))
        .collect();
    let points = || shown.iter().flat_map(|grid| &grid.ring);
    let (Some(west), Some(north)) = (points().map(|p| p.lon_e7).min(), points().map(|p| p.lat_e7).max()) else {
        return;
    };
    let (east, south) = (
        points().map(|p| p.lon_e7).max().unwrap_or(west),
        points().map(|p| p.lat_e7).min().unwrap_or(north),
    );
    // a degree of longitude is about four fifths of one of latitude at 37 degrees north
    let x = |p: &Point| i64::from(p.lon_e7 - west) * 8 / 10;
    let y = |p: &Point| i64::from(north - p.lat_e7);
    let (width, height) = (i64::from(east - west) * 8 / 10 + 1, i64::from(north - south) + 1);
    let counts: BTreeMap<&str, u64> = report.grids.iter().map(|(code, n)| (code.as_str(), *n)).collect();
    let count = |code: &str| counts.get(code).copied().unwrap_or(0);
    let most = shown
        .iter()
        .map(|grid| count(grid.code.as_str()))
        .max()
        .unwrap_or(0)
        .max(1);
    push(
        page,
        format_args!("<h2>网格图 Map</h2><svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"map\">"),
    );
    for grid in shown {
        let n = count(grid.code.as_str());
        let ring: Vec<String> = grid.ring.iter().map(|p| format!("{},{}", x(p), y(p))).collect();
        push(
            page,
            format_args!(
                "<polygon points=\"{}\" fill=\"#cc3311\" fill-opacity=\"0.{:02}\" stroke=\"#555\" stroke-width=\"{}\"><title>{} · {n}</title></polygon>",
                ring.join(" "),
                n * 90 / most,
                width / 400 + 1,
                escaped(&grid.name),
            ),
        );
    }
    page.push_str("</svg>");
}

fn findings(page: &mut String, report: &Report, names: &BTreeMap<String, String>) {
    let lines: Vec<(&str, Vec<String>)> = vec![
        (
            "热点 Hotspots",
            report
                .hotspots
                .iter()
                .map(|h| {
                    format!(
                        "{} · {} · {:.2}{}",
                        named(&h.category, names),
                        h.cases,
                        h.score,
                        if h.new_topic { " · 新 new" } else { "" }
                    )
                })
                .collect(),
        ),
        (
            "难点 Difficulties",
            report
                .difficulties
                .iter()
                .chain(&report.difficult_pairs)
                .map(|d| {
                    format!(
                        "{} {} · {} · {:.2}",
                        named(&d.category, names),
                        d.main
                            .as_deref()
                            .map(|main| format!("× {}", named(main, names)))
                            .unwrap_or_default(),
                        d.cases,
                        d.index
                    )
                })
                .collect(),
        ),
        (
            "集中点 Clusters",
            report
                .clusters
                .iter()
                .map(|c| format!("{} · {}", named(&c.category, names), c.cases))
                .collect(),
        ),
        (
            "反复点位 Repeated spots",
            report
                .repeated_spots
                .iter()
                .map(|(place, n)| format!("{} · {n}", escaped(place)))
                .collect(),
        ),
        (
            "更正 Corrections",
            report
                .corrections
                .iter()
                .map(|c| {
                    format!(
                        "{} · {} → {}",
                        c.code,
                        c.was.map_or_else(|| "—".to_owned(), |was: Figure| was.to_string()),
                        c.now
                    )
                })
                .collect(),
        ),
    ];
    for (title, lines) in lines {
        push(page, format_args!("<h2>{title}</h2>"));
        if lines.is_empty() {
            page.push_str("<p class=\"note\">无 none</p>");
            continue;
        }
        page.push_str("<ul>");
        lines
            .iter()
            .for_each(|line| push(page, format_args!("<li>{line}</li>")));
        page.push_str("</ul>");
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}
