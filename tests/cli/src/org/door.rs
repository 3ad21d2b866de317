//! A desk's door to the platform: a key and an address, no phone.

use std::path::PathBuf;

use clap::Args;
use fushan_grid_core::app::messages::code_of;
use fushan_grid_core::model::fault::{Coded, Fault};
use fushan_grid_core::platform::{Cancel, HttpConfig, HttpTransport, Method, Request, Transport, TransportError};
use serde_json::Value;

use crate::failure::Failure;

/// Where the platform is and who asks.
#[derive(Debug, Args)]
pub struct Door {
    /// Address of the platform: https, or http on this machine.
    #[arg(long, env = "FUSHAN_URL")]
    url: String,
    /// Key of the door; better given in the environment than on the command line.
    #[arg(long, env = "FUSHAN_KEY", hide_env_values = true)]
    key: String,
    /// Certificate of the district's authority, PEM.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
}

impl Door {
    /// Asks for something.
    pub fn get(&self, path: &str, query: &[(&str, Option<&str>)]) -> Result<Value, Failure> {
        let mut text = form_urlencoded::Serializer::new(String::new());
        for (name, value) in query {
            if let Some(value) = value {
                text.append_pair(name, value);
            }
        }
        let query = text.finish();
        let path = match query.is_empty() {
            true => path.to_owned(),
            false => format!("{path}?{query}"),
        };
        self.ask(Method::Get, path, Vec::new())
    }

    /// Has something done.
    pub fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        self.ask(Method::Post, path.to_owned(), body.to_string().into_bytes())
    }

    fn ask(&self, method: Method, path: String, body: Vec<u8>) -> Result<Value, Failure> {
        let ca_pem = self.ca.as_ref().map(std::fs::read).transpose()?;
        let config = HttpConfig {
            ca_pem,
            ..HttpConfig::default()
        };
        let lost = |error: TransportError| Failure::Input(error.fault());
        let transport = HttpTransport::new(&self.url, config).map_err(lost)?;
        let request = Request {
            method,
            path,
            headers: vec![
                ("authorization", format!("Bearer {}", self.key)),
                ("content-type", "application/json".to_owned()),
            ],
            body,
        };
        let reply = transport.send(&request, &Cancel::default()).map_err(lost)?;
        let document: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
        match reply.status {
            200 => Ok(document),
            _ => Err(Failure::Input(refusal(&document))),
        }
    }
}

/// Arguments that texts of the platform's rules have.
const ARGS: [&str; 6] = ["role", "course", "area", "record", "rule", "count"];

/// What the platform said no with; its own words are not shown unless this program knows them.
fn refusal(document: &Value) -> Fault {
    let error = document.get("error");
    let code = error.and_then(|error| error.get("code")).and_then(Value::as_str);
    let mut fault = Fault::of(code.and_then(code_of).unwrap_or("unreadable"));
    let args = error.and_then(|error| error.get("args"));
    for name in ARGS {
        if let Some(value) = args.and_then(|args| args.get(name)).and_then(Value::as_str) {
            fault = fault.with(name, value);
        }
    }
    fault
}
