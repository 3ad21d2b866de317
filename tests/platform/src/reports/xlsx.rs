//! A report as a workbook: headline figures, tables, findings. Texts are written as texts, so that none is taken for a formula.

use fushan_grid_core::rules::report::{Figure, Ratio};
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

use super::make::Made;

/// The workbook.
pub(crate) fn workbook(made: &Made, title: &str) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let looks = Looks {
        bold: Format::new().set_bold(),
        share: Format::new().set_num_format("0.00%"),
        thousandths: Format::new().set_num_format("0.000"),
    };
    headline(book.add_worksheet().set_name("指标 Figures")?, made, title, &looks)?;
    tables(book.add_worksheet().set_name("分组 Tables")?, made, &looks)?;
    trend(book.add_worksheet().set_name("趋势 Trend")?, made, &looks)?;
    findings(book.add_worksheet().set_name("分析 Findings")?, made, &looks)?;
    book.save_to_buffer()
}

struct Looks {
    bold: Format,
    share: Format,
    thousandths: Format,
}

fn header(sheet: &mut Worksheet, row: u32, names: &[&str], looks: &Looks) -> Result<(), XlsxError> {
    for (column, name) in (0_u16..).zip(names) {
        sheet.write_string_with_format(row, column, *name, &looks.bold)?;
    }
    Ok(())
}

fn headline(sheet: &mut Worksheet, made: &Made, title: &str, looks: &Looks) -> Result<(), XlsxError> {
    let report = &made.report;
    sheet.write_string_with_format(0, 0, title, &looks.bold)?;
    sheet.write_string(1, 0, format!("{} – {}", report.period.first, report.period.next))?;
    sheet.write_string(1, 2, format!("definitions {}", report.definitions))?;
    header(
        sheet,
        3,
        &[
            "代码 code",
            "指标",
            "figure",
            "本期 now",
            "上期 before",
            "去年同期 last year",
        ],
        looks,
    )?;
    for (line, row) in (4_u32..).zip(&report.rows) {
        sheet.write_string(line, 0, row.code)?;
        sheet.write_string(line, 1, row.zh)?;
        sheet.write_string(line, 2, row.en)?;
        for (column, figure) in [(3, row.now), (4, row.before), (5, row.last_year)] {
            write_figure(sheet, line, column, figure, looks)?;
        }
    }
    sheet.set_column_width(1, 26)?;
    sheet.set_column_width(2, 34)?;
    sheet.set_freeze_panes(4, 0)?;
    Ok(())
}

/// Figures are numbers, so that a spreadsheet can count on with them; what there is nothing to say about is a dash.
fn write_figure(sheet: &mut Worksheet, row: u32, column: u16, figure: Figure, looks: &Looks) -> Result<(), XlsxError> {
    match figure {
        Figure::Count(count) => sheet.write_number(row, column, real(count)),
        Figure::Share(ratio) => return write_share(sheet, row, column, ratio, looks),
        Figure::Minutes(Some(minutes)) => sheet.write_number(row, column, real(minutes.unsigned_abs())),
        Figure::Thousandths(Some(n)) => {
            sheet.write_number_with_format(row, column, real(n) / 1000.0, &looks.thousandths)
        }
        Figure::Minutes(None) | Figure::Thousandths(None) => sheet.write_string(row, column, "—"),
    }
    .map(drop)
}

fn write_share(sheet: &mut Worksheet, row: u32, column: u16, ratio: Ratio, looks: &Looks) -> Result<(), XlsxError> {
    match ratio.hundredths() {
        Some(hundredths) => sheet.write_number_with_format(row, column, real(hundredths) / 10_000.0, &looks.share),
        None => sheet.write_string(row, column, "—"),
    }
    .map(drop)
}

fn tables(sheet: &mut Worksheet, made: &Made, looks: &Looks) -> Result<(), XlsxError> {
    let mut line = 0;
    for block in &made.report.blocks {
        let title = format!("{} {}", block.zh, block.en);
        header(sheet, line, &[&title, "件数 cases", "按期结案率 closed in time"], looks)?;
        for (label, count, ratio) in &block.lines {
            line += 1;
            sheet.write_string(line, 0, label)?;
            match count {
                Some(count) => sheet.write_number(line, 1, real(*count))?,
                None => sheet.write_string(line, 1, "<5")?,
            };
            write_share(sheet, line, 2, *ratio, looks)?;
        }
        line += 2;
    }
    sheet.set_column_width(0, 30)?;
    Ok(())
}

fn trend(sheet: &mut Worksheet, made: &Made, looks: &Looks) -> Result<(), XlsxError> {
    header(sheet, 0, &["起始日 from", "上报数 reports"], looks)?;
    for (line, (day, count)) in (1_u32..).zip(&made.report.trend) {
        sheet.write_string(line, 0, day.to_string())?;
        sheet.write_number(line, 1, real(*count))?;
    }
    Ok(())
}

fn findings(sheet: &mut Worksheet, made: &Made, looks: &Looks) -> Result<(), XlsxError> {
    let report = &made.report;
    let mut line = 0;
    let mut part = |title: &str, rows: Vec<[String; 3]>| -> Result<(), XlsxError> {
        sheet.write_string_with_format(line, 0, title, &looks.bold)?;
        for row in rows {
            line += 1;
            for (column, text) in (0_u16..).zip(row) {
                sheet.write_string(line, column, text)?;
            }
        }
        line += 2;
        Ok(())
    };
    let hotspots = report
        .hotspots
        .iter()
        .map(|h| [h.category.clone(), h.cases.to_string(), format!("{:.2}", h.score)]);
    part("热点 Hotspots", hotspots.collect())?;
    let difficult = report.difficulties.iter().chain(&report.difficult_pairs);
    let named =
        |category: &str, main: Option<&str>| main.map_or_else(|| category.to_owned(), |m| format!("{category} × {m}"));
    let difficult = difficult.map(|d| {
        [
            named(&d.category, d.main.as_deref()),
            d.cases.to_string(),
            format!("{:.2}", d.index),
        ]
    });
    part("难点 Difficulties", difficult.collect())?;
    let clusters = report.clusters.iter().map(|c| {
        let place = format!(
            "{:.5}, {:.5}",
            f64::from(c.centre.lon_e7) / 1e7,
            f64::from(c.centre.lat_e7) / 1e7
        );
        [c.category.clone(), c.cases.to_string(), place]
    });
    part("集中点 Clusters", clusters.collect())?;
    let corrected = report.corrections.iter().map(|c| {
        let was = c.was.map_or_else(|| "—".to_owned(), |was| was.to_string());
        [c.code.to_owned(), was, c.now.to_string()]
    });
    part("更正 Corrections", corrected.collect())
}

/// Counts are small enough for a float.
#[allow(clippy::cast_precision_loss)]
fn real(count: u64) -> f64 {
    count as f64
}
