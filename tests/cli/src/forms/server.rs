//! `forms fetch` and `forms submit`: ODK Central, Kobo and other servers that speak OpenRosa.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use fushan_grid_core::app::openrosa::{OpenRosa, OpenRosaError};
use fushan_grid_core::forms::openrosa::{Attachment, Credentials};
use fushan_grid_core::model::fault::{Coded, Fault};
use fushan_grid_core::platform::{Cancel, HttpConfig, HttpTransport, TransportError};
use serde_json::json;

use crate::failure::Failure;
use crate::show::Screen;

/// Where a server is and who asks.
#[derive(Debug, Args)]
pub struct Server {
    /// Address of the server, with the path its forms are below: https, or http on this machine.
    url: String,
    /// Name of the data collector.
    #[arg(long, env = "FUSHAN_FORMS_USER")]
    user: Option<String>,
    /// Password; better given in the environment than on the command line.
    #[arg(long, env = "FUSHAN_FORMS_PASSWORD", hide_env_values = true)]
    password: Option<String>,
    /// Certificate of the authority that vouches for the server, PEM.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
}

/// Lists the forms of a server, or writes one with its files to a folder.
pub fn fetch(screen: &Screen, server: &Server, form: Option<&str>, output: Option<&Path>) -> Result<ExitCode, Failure> {
    let (transport, base) = connect(server)?;
    let client = client(&transport, &base, server);
    let Some(form) = form else {
        let forms = client.list().map_err(refused)?;
        let list: Vec<_> = forms
            .iter()
            .map(|entry| json!({"id": entry.form_id, "version": entry.version, "name": entry.name, "hash": entry.hash}))
            .collect();
        screen.show(&json!({ "forms": list }), || {
            let lines = forms.iter().map(|entry| format!("{}  {}", entry.form_id, entry.name));
            lines.collect::<Vec<_>>().join("\n")
        });
        return Ok(ExitCode::SUCCESS);
    };
    let fetched = client.fetch(form).map_err(refused)?;
    let folder = output.unwrap_or_else(|| Path::new("."));
    std::fs::create_dir_all(folder)?;
    let name: String = form
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || "-_".contains(c) {
                c
            } else {
                '_'
            }
        })
        .collect();
    let document = folder.join(format!("{name}.xml"));
    std::fs::write(&document, &fetched.document)?;
    for (name, content) in &fetched.files {
        std::fs::write(folder.join(name), content)?;
    }
    let files: Vec<&str> = fetched.files.iter().map(|(name, _)| name.as_str()).collect();
    screen.show(
        &json!({"form": document, "version": fetched.entry.version, "files": files}),
        || format!("{} {}", screen.say("已下载", "fetched"), document.display()),
    );
    Ok(ExitCode::SUCCESS)
}

/// Sends a submission with its files.
pub fn submit(screen: &Screen, server: &Server, document: &Path, files: &[PathBuf]) -> Result<ExitCode, Failure> {
    let text = std::fs::read_to_string(document)?;
    let mut attachments = Vec::new();
    for path in files {
        let filename = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        attachments.push(Attachment {
            media_type: media_type(&filename).into(),
            content: std::fs::read(path)?,
            filename,
        });
    }
    let (transport, base) = connect(server)?;
    let new = client(&transport, &base, server)
        .submit(&text, &attachments)
        .map_err(refused)?;
    screen.show(
        &json!({"accepted": true, "new": new, "files": attachments.len()}),
        || match new {
            true => screen.say("已提交", "submitted").to_owned(),
            false => screen.say("服务器此前已收到", "the server had it before").to_owned(),
        },
    );
    Ok(ExitCode::SUCCESS)
}

fn connect(server: &Server) -> Result<(HttpTransport, String), Failure> {
    let ca_pem = server.ca.as_ref().map(std::fs::read).transpose()?;
    let config = HttpConfig {
        ca_pem,
        ..HttpConfig::default()
    };
    let transport =
        HttpTransport::new(&server.url, config).map_err(|error: TransportError| Failure::Input(error.fault()))?;
    let rest = server.url.split_once("://").map_or("", |(_, rest)| rest);
    let path = rest
        .split_once('/')
        .map_or(String::new(), |(_, path)| format!("/{path}"));
    Ok((transport, path))
}

fn client<'a>(transport: &'a HttpTransport, base: &str, server: &Server) -> OpenRosa<'a> {
    let who = server.user.clone().map(|user| Credentials {
        user,
        password: server.password.clone().unwrap_or_default(),
    });
    OpenRosa::new(transport, base, who, &fresh, Cancel::default())
}

/// 128 unguessable bits.
fn fresh() -> String {
    let mut bytes = [0_u8; 16];
    // without entropy the nonce is weaker and the exchange still works
    let _ = getrandom::fill(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn refused(error: OpenRosaError) -> Failure {
    let fault: Fault = error.fault();
    Failure::Input(fault)
}

fn media_type(name: &str) -> &'static str {
    match name
        .rsplit_once('.')
        .map(|(_, ending)| ending.to_ascii_lowercase())
        .as_deref()
    {
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("png") => "image/png",
        Some("mp4") => "video/mp4",
        Some("m4a") => "audio/mp4",
        Some("csv") => "text/csv",
        _ => "application/octet-stream",
    }
}
