//! `recover`: the district's desk opens a sealed phone with the private recovery key and writes out what was on it alone.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use fushan_grid_core::app::recovery::Recovery;
use fushan_grid_core::evidence::FolderMedia;
use fushan_grid_core::model::blob::BlobHash;
use fushan_grid_core::model::fault::Fault;
use serde_json::json;

use crate::failure::Failure;
use crate::show::Screen;

/// What is recovered, and where to.
#[derive(Debug, Args)]
pub struct RecoverArgs {
    /// A file with the private recovery key, 64 hexadecimal digits.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The folder to write into; it must not be there yet.
    out: PathBuf,
}

/// Writes `work.json` and the photos, named by their digests. The phone stays as it is.
pub fn run(screen: &Screen, data: &Path, args: &RecoverArgs) -> Result<ExitCode, Failure> {
    let bad = || Failure::Input(Fault::of("bad_argument").with("argument", "--key"));
    let text = std::fs::read_to_string(&args.key)?;
    let key = BlobHash::from_hex(text.trim()).map_err(|_| bad())?.0;
    let recovery = Recovery::open(&data.join("db"), &key)?;
    let work = recovery.work()?;
    std::fs::create_dir(&args.out)?;
    std::fs::write(
        args.out.join("work.json"),
        serde_json::to_vec_pretty(&json!(work)).unwrap_or_default(),
    )?;
    let media = FolderMedia::open(&data.join("media"))?;
    let mut missing = 0_u32;
    for photo in &work.photos {
        let mut bytes = Vec::new();
        match recovery.photo(&media, photo.sha256, &mut bytes) {
            Ok(()) => std::fs::write(args.out.join(photo.sha256.hex()), bytes)?,
            Err(_) => missing += 1,
        }
    }
    let told = json!({
        "operations": work.operations.len(), "photos": work.photos.len(), "unreadable_photos": missing,
        "entries": work.entries.len(), "sheets": work.sheets.len()
    });
    screen.show(&told, || {
        format!(
            "{} {} · {} {} · {} {} · {} {missing}",
            screen.say("操作", "operations"),
            work.operations.len(),
            screen.say("照片", "photos"),
            work.photos.len(),
            screen.say("未完成检查", "open checklists"),
            work.sheets.len(),
            screen.say("读不出的照片", "photos that cannot be read")
        )
    });
    Ok(if missing == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
