//! `evidence c2pa`: copies with Content Credentials for an exported folder, and what such a copy says. Needs no phone: the
//! district's people do it, with the district's key.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use fushan_grid_core::app::dossier::{Exported, Told, exported};
use fushan_grid_core::app::messages::{code_of, message};
use fushan_grid_core::model::fault::Fault;
use fushan_grid_core::wire::manifest::Named256;
use fushan_platform::credentials::{Credential, CredentialError, Facts, Place, State, make, read};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::show::Screen;

/// Exit code of credentials that do not hold.
const WRONG: u8 = 8;
/// Exit code of credentials that nobody vouches for.
const ABSENT: u8 = 9;
/// The copy beside the photo.
const COPY: &str = "photo.c2pa.jpg";
/// Its record.
const RECORD: &str = "photo.c2pa.json";

/// Of what, and by whom.
#[derive(Debug, Args)]
pub struct C2paArgs {
    /// An exported folder, or a JPEG file whose credentials are shown.
    what: PathBuf,
    /// Certificates of the signer, PEM, its own first.
    #[arg(long, value_name = "FILE", requires = "key")]
    certificates: Option<PathBuf>,
    /// Key of the signer (P-256, PKCS #8), PEM.
    #[arg(long, value_name = "FILE", requires = "certificates")]
    key: Option<PathBuf>,
    /// Tell the place; without this it is neither said nor left in the file.
    #[arg(long)]
    with_place: bool,
    /// Authorities that are trusted, PEM.
    #[arg(long, value_name = "FILE")]
    anchors: Option<PathBuf>,
}

/// Carries the verb out.
pub fn run(screen: &Screen, args: &C2paArgs) -> Result<ExitCode, Failure> {
    if args.what.is_dir() {
        let (Some(certificates), Some(key)) = (&args.certificates, &args.key) else {
            return Err(Failure::Input(
                Fault::of("bad_argument").with("argument", "--certificates, --key"),
            ));
        };
        let credential = Credential {
            certificates: std::fs::read(certificates)?,
            key: std::fs::read(key)?,
        };
        return copies(screen, args, &credential);
    }
    let anchors = args.anchors.as_deref().map(std::fs::read_to_string).transpose()?;
    let facts = read(&std::fs::read(&args.what)?, anchors.as_deref()).map_err(refused)?;
    screen.show(&json!(facts), || lines(screen, &facts).join("\n"));
    Ok(match facts.state {
        State::Trusted => ExitCode::SUCCESS,
        State::Valid => ExitCode::from(ABSENT),
        State::Invalid => ExitCode::from(WRONG),
    })
}

/// A copy for each JPEG photo of the folder; a photo that gets none is told with the reason.
fn copies(screen: &Screen, args: &C2paArgs, credential: &Credential) -> Result<ExitCode, Failure> {
    let place = if args.with_place { Place::Given } else { Place::Withheld };
    let (mut told, mut refusals) = (Vec::new(), 0);
    for photo in exported(&args.what)? {
        match copy(&photo, credential, place)? {
            Ok(record) => told.push(record),
            Err(error) => {
                refusals += 1;
                told.push(json!({"entry": photo.at, "refused": error.code()}));
            }
        }
    }
    let text = |one: &Value| {
        let field = |name: &str| one.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let why = code_of(&field("refused")).map(|code| message(&Fault::of(code), screen.lang).text);
        format!("{}  {}{}", field("entry"), field("sha256"), why.unwrap_or_default())
    };
    screen.show(&json!({"copies": told, "refused": refusals}), || {
        told.iter().map(text).collect::<Vec<_>>().join("\n")
    });
    Ok(if refusals == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(WRONG)
    })
}

fn copy(photo: &Exported, credential: &Credential, place: Place) -> Result<Result<Value, CredentialError>, Failure> {
    let original = std::fs::read(&photo.file)?;
    let made = match make(credential, &original, &photo.signed, photo.receipt.as_ref(), place) {
        Ok(made) => made,
        Err(error) => return Ok(Err(error)),
    };
    let folder = photo.file.parent().unwrap_or(Path::new("."));
    std::fs::write(folder.join(COPY), &made.jpeg)?;
    std::fs::write(folder.join(RECORD), format!("{:#}\n", json!(made.derived)))?;
    let mut record = json!(made.derived);
    if let Some(fields) = record.as_object_mut() {
        fields.insert("entry".into(), json!(photo.at));
    }
    Ok(Ok(record))
}

/// Checks a copy beside its manifest, as the verification of a folder asks for it.
pub fn check(jpeg: &[u8], manifest: Named256, anchors: Option<&[u8]>) -> Result<(), (Told, &'static str)> {
    let anchors = anchors.and_then(|pem| std::str::from_utf8(pem).ok());
    let facts = read(jpeg, anchors).map_err(|error| (Told::Fail, error.code()))?;
    let speaks_of = facts.statement.map(|statement| statement.manifest);
    match facts.state {
        State::Invalid => Err((Told::Fail, "c2pa_invalid")),
        _ if speaks_of != Some(manifest) => Err((Told::Fail, "c2pa_other_statement")),
        State::Valid => Err((Told::Absent, "c2pa_untrusted")),
        State::Trusted => Ok(()),
    }
}

fn refused(error: CredentialError) -> Failure {
    Failure::Input(Fault::of(error.code()))
}

fn lines(screen: &Screen, facts: &Facts) -> Vec<String> {
    let state = match facts.state {
        State::Trusted => screen.say("可信", "trusted"),
        State::Valid => screen.say("完整,签发者未获担保", "whole, nobody vouches for the signer"),
        State::Invalid => screen.say("不成立", "does not hold"),
    };
    let signer = facts.signer.as_deref().unwrap_or_default();
    let mut lines = vec![format!("{state}  {signer}  {}", facts.actions.join(" "))];
    if let Some(statement) = &facts.statement {
        lines.push(format!("{}  {}", statement.captured_at, json!(statement.place)));
        lines.push(format!("manifest {}  sha256:{}", statement.manifest, statement.sha256));
    }
    lines.extend(facts.failures.iter().map(|code| format!("! {code}")));
    lines
}
