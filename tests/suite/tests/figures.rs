//! Figures of the platform, printed: operations a second on both stores beside `pgbench`, and what an empty pull costs.
//! `cargo test --release -p fushan-suite --test figures -- --ignored --nocapture`
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    clippy::print_stdout,
    clippy::string_slice
)]

use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use fushan_grid_core::model::ids::{DeviceId, Incarnation, OpId};
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::platform::{Cancel, HttpConfig, HttpTransport, Method, Request, Transport};
use fushan_platform::scratch::{Cluster, INSTALL};
use fushan_platform::{Asked, Config, Local};
use fushan_suite::field::{ADMIN, Field, GRID};
use futures_executor::block_on;
use serde_json::{Value, json};

/// Length of each measurement.
const SPAN: Duration = Duration::from_secs(5);
const PHONES: [u64; 3] = [1, 8, 64];

fn id(phone: u64, n: u64) -> OpId {
    let mut random = [0; 10];
    random[..4].copy_from_slice(&(phone as u32).to_be_bytes());
    random[4..].copy_from_slice(&n.to_be_bytes()[2..]);
    OpId::v7(UtcMillis(1), random)
}

/// A phone that makes persons and sends them, so many at a time.
struct Pusher {
    phone: u64,
    transport: HttpTransport,
    bearer: String,
    grid: String,
    n: u64,
}

impl Pusher {
    fn enrolled(field: &Field, phone: u64) -> Self {
        // three grids, so that the phones share scopes
        let grid = format!("{}{:03}", &GRID[..12], 1 + phone % 3);
        let code = field.code(&format!("s_{grid}")).unwrap();
        let mut pusher = Self {
            phone,
            transport: HttpTransport::new(&field.platform.url(), HttpConfig::default()).unwrap(),
            bearer: String::new(),
            grid,
            n: 0,
        };
        let message =
            json!({"code": code, "device": pusher.device(), "incarnation": pusher.incarnation(), "app": "bench"});
        let reply = pusher.post("/v1/enrol", &message);
        pusher.bearer = format!("Bearer {}", reply["token"].as_str().unwrap());
        pusher
    }

    fn device(&self) -> DeviceId {
        DeviceId(id(self.phone, u64::MAX >> 17).0)
    }

    fn incarnation(&self) -> Incarnation {
        Incarnation(id(self.phone, (u64::MAX >> 17) - 1).0)
    }

    fn post(&self, path: &str, message: &Value) -> Value {
        let request = Request {
            method: Method::Post,
            path: path.into(),
            headers: vec![("authorization", self.bearer.clone())],
            body: message.to_string().into_bytes(),
        };
        let reply = self.transport.send(&request, &Cancel::new()).unwrap();
        assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
        serde_json::from_slice(&reply.body).unwrap()
    }

    /// A new person each time, or a change of the one before.
    fn push(&mut self, many: u64) {
        let ops: Vec<Value> = (0..many)
            .map(|_| {
                self.n += 1;
                let new = self.n % 2 == 1;
                let record = id(self.phone, (1 << 40) + (self.n - 1) / 2);
                let action = if new {
                    json!({"do": "create", "grid": self.grid, "body": {"name": "陈小七", "phone": "16912349876"}})
                } else {
                    json!({"do": "patch", "base": {"phone": "16912349876"}, "set": {"phone": "16912349877"}})
                };
                let base = if new { Value::Null } else { json!(1) };
                json!({
                    "n": self.n, "op": id(self.phone, self.n), "kind": "person", "record": record, "action": action,
                    "base_rev": base, "hlc": self.n, "at": 1, "schema": 1
                })
            })
            .collect();
        let message = json!({
            "device": self.device(), "incarnation": self.incarnation(), "acked_through": 0, "sent_at": 0, "ops": ops
        });
        let reply = self.post("/v1/push", &message);
        assert_eq!(reply["results"][0]["status"], json!("applied"), "{reply}");
    }
}

/// Operations a second of so many phones, each sending the next push when the last was answered.
fn rate(field: &Field, base: u64, phones: u64, many: u64) -> f64 {
    let pushers: Vec<Pusher> = (0..phones).map(|p| Pusher::enrolled(field, base + p)).collect();
    let done = AtomicU64::new(0);
    let begun = Instant::now();
    std::thread::scope(|threads| {
        for mut pusher in pushers {
            let done = &done;
            threads.spawn(move || {
                while begun.elapsed() < SPAN {
                    pusher.push(many);
                    done.fetch_add(many, Ordering::Relaxed);
                }
            });
        }
    });
    done.load(Ordering::Relaxed) as f64 / begun.elapsed().as_secs_f64()
}

fn pgbench(cluster: &Cluster, database: &str, clients: u64) -> f64 {
    let mut command = cluster.client("pgbench");
    let span = SPAN.as_secs().to_string();
    let clients = clients.to_string();
    command.args(["-N", "-n", "-c", &clients, "-j", "2", "-T", &span, database]);
    let output = command.stderr(Stdio::null()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let line = text.lines().find(|l| l.starts_with("tps = ")).unwrap();
    line.split_whitespace().nth(2).unwrap().parse().unwrap()
}

fn pushes(name: &str, url: Option<String>, beside: impl Fn(u64) -> Option<f64>) {
    let field = Field::start_with(|config| {
        config.requests_per_minute = 0;
        match url {
            Some(url) => config.database_url = Some(url),
            None => config.database = Some(config.blobs.with_file_name("platform.db")),
        }
    })
    .unwrap();
    for (at, phones) in PHONES.into_iter().enumerate() {
        let base = at as u64 * 1_000;
        let one = rate(&field, base, phones, 1);
        let fifty = rate(&field, base + 500, phones, 50);
        let told = beside(phones).map_or(String::new(), |tps| {
            format!(
                ", pgbench -N {tps:.0}/s: {:.0} % and {:.0} %",
                one / tps * 100.0,
                fifty / tps * 100.0
            )
        });
        println!("{name}, {phones} phones: {one:.0} op/s one by one, {fifty:.0} op/s in pushes of 50{told}");
    }
}

#[test]
#[ignore = "a measurement"]
fn operations_a_second() {
    pushes("sqlite", None, |_| None);
    let Some(cluster) = Cluster::start().unwrap() else {
        fushan_platform::scratch::skipped(&format!("no PostgreSQL 15 or later is installed: {INSTALL}"));
        return;
    };
    let url = cluster.database().unwrap();
    cluster.database().unwrap();
    let mut make = cluster.client("pgbench");
    make.args(["-i", "-s", "10", "-q", "d1"]).stderr(Stdio::null());
    assert!(make.status().unwrap().success());
    pushes("postgres", Some(url), |clients| Some(pgbench(&cluster, "d1", clients)));
}

/// Time to answer a pull with nothing new, without a socket, and the bytes of its reply.
fn empty_pull(name: &str, url: Option<String>) {
    let dir = tempfile::tempdir().unwrap();
    let district = fushan_suite::sources::top().join("tests/fixtures/district");
    let config = Config {
        database: Some(dir.path().join("platform.db")),
        database_url: url,
        requests_per_minute: 0,
        ..Config::new(district, dir.path().join("blobs"), ADMIN)
    };
    let now = Arc::new(|| UtcMillis(1_000_000_000_000));
    let local = Local::open(&config, now).unwrap();
    let ask = |path: &str, token: &str, body: &Value| {
        let (bearer, body) = (format!("Bearer {token}"), body.to_string());
        let asked = Asked {
            method: "POST",
            path,
            headers: &[("authorization", &bearer)],
            body: body.as_bytes(),
            cut_at: None,
        };
        block_on(local.answer(asked)).unwrap().body
    };
    let json_of = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap();
    let code = json_of(&ask("/admin/v1/codes", ADMIN, &json!({"staff": format!("s_{GRID}")})));
    let (device, incarnation) = (DeviceId(id(1, 1).0), Incarnation(id(1, 2).0));
    let enrol = json!({"code": code["code"], "device": device, "incarnation": incarnation, "app": "bench"});
    let token = json_of(&ask("/v1/enrol", "", &enrol))["token"]
        .as_str()
        .unwrap()
        .to_owned();
    let scopes = ["district".to_owned(), format!("grid:{GRID}"), format!("user:s_{GRID}")];
    let message = |cursors: &[(i64, i64)]| {
        let scopes: Vec<Value> = scopes
            .iter()
            .zip(cursors)
            .map(|(scope, (epoch, since))| json!({"scope": scope, "epoch": epoch, "since": since}))
            .collect();
        json!({
            "device": device, "scopes": scopes, "scope_set_version": 1, "max_bytes": 8_000_000, "sent_at": 0
        })
    };
    let first = String::from_utf8(ask("/v1/pull", &token, &message(&[(0, 0); 3]))).unwrap();
    let cursors: Vec<(i64, i64)> = first
        .lines()
        .map(|line| json_of(line.as_bytes()))
        .filter(|line| line["line"] == "scope_done")
        .map(|line| (line["epoch"].as_i64().unwrap(), line["seq"].as_i64().unwrap()))
        .collect();
    let asked = message(&cursors);
    let mut times = Vec::new();
    let mut bytes = 0;
    for _ in 0..2_000 {
        let begun = Instant::now();
        bytes = ask("/v1/pull", &token, &asked).len();
        times.push(begun.elapsed());
    }
    times.sort();
    println!(
        "{name}, empty pull of 3 scopes: median {} µs, 99 % below {} µs; request {} bytes, reply {bytes} bytes",
        times[1_000].as_micros(),
        times[1_980].as_micros(),
        asked.to_string().len()
    );
}

#[test]
#[ignore = "a measurement"]
fn what_an_empty_pull_costs() {
    empty_pull("sqlite", None);
    match Cluster::start().unwrap() {
        Some(cluster) => empty_pull("postgres", Some(cluster.database().unwrap())),
        None => fushan_platform::scratch::skipped(&format!("no PostgreSQL 15 or later is installed: {INSTALL}")),
    }
}
