//! `forms import`: a workbook or an XForms document to GF/1.

use std::path::Path;
use std::process::ExitCode;

use fushan_grid_core::forms::Weight;
use serde_json::json;

use super::check;
use super::source;
use crate::failure::Failure;
use crate::show::Screen;

/// Reads a form and writes it as GF/1, to a file or to the screen.
pub fn run(screen: &Screen, form: &Path, output: Option<&Path>) -> Result<ExitCode, Failure> {
    let (definition, warnings) = match source::definition(form)? {
        Ok(read) => read,
        Err(refused) => {
            let troubles = refused.0;
            let document = json!({"load": "refused", "troubles": check::documents(screen, &troubles)});
            screen.show(&document, || check::lines(screen, form, &troubles).join("\n"));
            return Ok(ExitCode::from(3));
        }
    };
    let text = serde_json::to_string_pretty(&definition).map_err(std::io::Error::from)?;
    let Some(output) = output else {
        println!("{text}");
        return Ok(ExitCode::SUCCESS);
    };
    std::fs::write(output, text + "\n")?;
    let digest = definition.digest().map_err(std::io::Error::from)?;
    let document = json!({
        "load": "ok", "id": definition.id, "version": definition.version, "title": definition.title,
        "digest": digest, "troubles": check::documents(screen, &warnings),
    });
    screen.show(&document, || {
        let told = warnings
            .iter()
            .filter(|trouble| trouble.weight == Weight::Warning)
            .count();
        let mut lines = vec![format!(
            "{} {} ({digest})",
            screen.say("已导入", "imported"),
            definition.title
        )];
        if told > 0 {
            lines.extend(check::lines(screen, form, &warnings));
        }
        lines.join("\n")
    });
    Ok(ExitCode::SUCCESS)
}
