//! Uploads as tus wants them, and the probe that tells nothing to strangers.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use fushan_grid_core::model::blob::BlobHash;
use fushan_grid_core::model::ids::{DeviceId, Incarnation};
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::platform::{Method, Response};
use fushan_suite::field::{Field, GRID, NEIGHBOUR};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const CHUNK: &str = "application/offset+octet-stream";
/// SHA-256 of `hello`, in base64 and hexadecimal.
const HELLO: &str = "sha-256=:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=:";

struct Client<'f> {
    field: &'f Field,
    bearer: String,
    device: DeviceId,
}

impl<'f> Client<'f> {
    fn enrolled(field: &'f Field, grid: &str, n: u8) -> Self {
        let device = DeviceId::v7(UtcMillis(1), [n; 10]);
        let code = field.code(&format!("s_{grid}")).unwrap();
        let incarnation = Incarnation::v7(UtcMillis(1), [n; 10]);
        let message = json!({"code": code, "device": device, "incarnation": incarnation, "app": "test"});
        let reply = field
            .ask(Method::Post, "/v1/enrol", &[], message.to_string().as_bytes())
            .unwrap();
        let reply: Value = serde_json::from_slice(&reply.body).unwrap();
        Self {
            field,
            bearer: format!("Bearer {}", reply["token"].as_str().unwrap()),
            device,
        }
    }

    fn tus(&self, method: Method, path: &str, more: &[(&'static str, &str)], body: &[u8]) -> Response {
        let mut headers = vec![("authorization", self.bearer.as_str()), ("tus-resumable", "1.0.0")];
        headers.extend_from_slice(more);
        self.field.ask(method, path, &headers, body).unwrap()
    }

    fn open(&self, digest: &str, more: &[(&'static str, &str)], body: &[u8]) -> Response {
        let mut headers = vec![("upload-length", "5"), ("repr-digest", digest)];
        headers.extend_from_slice(more);
        self.tus(Method::Post, "/v1/uploads", &headers, body)
    }

    fn state(&self, hash: BlobHash) -> String {
        let message = json!({"blobs": [{"sha256": hash, "bytes": 5}]}).to_string();
        let headers = [("authorization", self.bearer.as_str())];
        let reply = self
            .field
            .ask(Method::Post, "/v1/blobs/probe", &headers, message.as_bytes())
            .unwrap();
        let reply: Value = serde_json::from_slice(&reply.body).unwrap();
        reply["blobs"][0]["state"].as_str().unwrap().to_owned()
    }

    /// Makes a person who cites the digest.
    fn cite(&self, n: u8, grid: &str, hash: BlobHash) -> Value {
        let op = |what: u8| fushan_grid_core::model::ids::OpId::v7(UtcMillis(1), [n ^ what; 10]);
        let message = json!({
            "device": self.device, "incarnation": Incarnation::v7(UtcMillis(1), [n; 10]), "acked_through": 0, "sent_at": 0,
            "ops": [{
                "n": 1, "op": op(0), "kind": "person", "record": op(1), "action": {"do": "create", "grid": grid,
                "body": {"name": "陈小七"}}, "hlc": 1, "at": 1, "schema": 1,
                "evidence": [{"sha256": hash, "bytes": 5, "media_type": "image/jpeg", "role": "near"}]
            }]
        });
        let headers = [("authorization", self.bearer.as_str())];
        let reply = self
            .field
            .ask(Method::Post, "/v1/push", &headers, message.to_string().as_bytes())
            .unwrap();
        serde_json::from_slice(&reply.body).unwrap()
    }
}

fn hello() -> BlobHash {
    BlobHash(Sha256::digest(b"hello").into())
}

fn code(reply: &Response) -> (u16, String) {
    let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    (
        reply.status,
        body["error"]["code"].as_str().unwrap_or_default().to_owned(),
    )
}

#[test]
fn bytes_may_come_with_the_creation_and_the_rest_goes_on_at_the_offset() {
    let field = Field::start().unwrap();
    let client = Client::enrolled(&field, GRID, 1);
    let made = client.open(HELLO, &[("content-type", CHUNK)], b"he");
    assert_eq!((made.status, made.headers["upload-offset"].as_str()), (201, "2"));
    assert!(made.headers["upload-expires"].ends_with("GMT"));
    let path = made.headers["location"].clone();
    let asked = client.tus(Method::Head, &path, &[], b"");
    assert_eq!(
        (
            asked.headers["upload-offset"].as_str(),
            asked.headers["upload-length"].as_str()
        ),
        ("2", "5")
    );
    assert_eq!(
        (asked.headers["cache-control"].as_str(), client.state(hello())),
        ("no-store", "partial".into())
    );
    let chunk = |offset: &'static str| [("content-type", CHUNK), ("upload-offset", offset)];
    let early = client.tus(Method::Patch, &path, &chunk("0"), b"hello");
    assert_eq!(
        (code(&early), early.headers["upload-offset"].as_str()),
        ((409, "offset_mismatch".into()), "2")
    );
    let rest = client.tus(Method::Patch, &path, &chunk("2"), b"llo");
    assert_eq!((rest.status, rest.headers["upload-offset"].as_str()), (204, "5"));
    assert_eq!(client.state(hello()), "stored");
    let bytes = client.tus(Method::Get, &format!("/v1/blobs/sha256:{}", hello().hex()), &[], b"");
    assert_eq!(bytes.body, b"hello");
}

#[test]
fn a_chunk_with_another_checksum_is_not_counted() {
    let field = Field::start().unwrap();
    let client = Client::enrolled(&field, GRID, 1);
    let path = client.open(HELLO, &[], b"").headers["location"].clone();
    let send = |sum: &str| {
        let headers = [
            ("content-type", CHUNK),
            ("upload-offset", "0"),
            ("upload-checksum", sum),
        ];
        client.tus(Method::Patch, &path, &headers, b"hello")
    };
    assert_eq!(
        code(&send("sha1 AAAAAAAAAAAAAAAAAAAAAAAAAAA=")),
        (460, "checksum_mismatch".into())
    );
    assert_eq!(code(&send("crc32 AAAA")), (400, "checksum_unknown".into()));
    assert_eq!(client.tus(Method::Head, &path, &[], b"").headers["upload-offset"], "0");
    assert_eq!(send("sha1 qvTGHdzF6KLavt4PO0gs2a6pQ00=").status, 204);
    assert_eq!(client.state(hello()), "stored");
}

#[test]
fn what_is_not_as_tus_says_is_refused_by_name() {
    let field = Field::start().unwrap();
    let client = Client::enrolled(&field, GRID, 1);
    let headers = [("authorization", client.bearer.as_str()), ("tus-resumable", "0.2.2")];
    let old = field.ask(Method::Post, "/v1/uploads", &headers, b"").unwrap();
    assert_eq!(
        (code(&old), old.headers["tus-version"].as_str()),
        ((412, "tus_version".into()), "1.0.0")
    );
    let path = client.open(HELLO, &[], b"").headers["location"].clone();
    let plain = [("content-type", "text/plain"), ("upload-offset", "0")];
    assert_eq!(
        code(&client.tus(Method::Patch, &path, &plain, b"hello")),
        (415, "media_type".into())
    );
    let long = [("content-type", CHUNK), ("upload-offset", "0")];
    assert_eq!(
        code(&client.tus(Method::Patch, &path, &long, b"hello, too much")),
        (413, "too_large".into())
    );
    assert_eq!(
        code(&client.open("md5=:AAAA:", &[], b"")),
        (400, "digest_missing".into())
    );
    assert_eq!(
        code(&client.open(HELLO, &[("upload-metadata", "a !")], b"")),
        (400, "metadata_malformed".into())
    );
    let other = Client::enrolled(&field, GRID, 2);
    assert_eq!(
        code(&other.tus(Method::Patch, &path, &long, b"hello")),
        (404, "gone".into()),
        "not one's own"
    );
}

#[test]
fn a_digest_that_is_cited_but_was_never_held_opens_nothing() {
    let field = Field::start().unwrap();
    let [owner, thief, late] = [(GRID, 1), (NEIGHBOUR, 2), (NEIGHBOUR, 3)].map(|(g, n)| Client::enrolled(&field, g, n));
    owner.open(HELLO, &[("content-type", CHUNK)], b"hello");
    assert_eq!(
        (owner.state(hello()), thief.state(hello())),
        ("stored".into(), "missing".into())
    );
    let cited = thief.cite(2, NEIGHBOUR, hello());
    assert_eq!(cited["results"][0]["status"], json!("applied"), "{cited}");
    assert_eq!(thief.state(hello()), "missing", "citing a guessed digest shows nothing");
    assert_eq!(late.state(hello()), "missing");
    let again = thief.open(HELLO, &[("content-type", CHUNK)], b"hello");
    assert_eq!(again.status, 201, "whoever has the bytes uploads them like a new file");
    assert_eq!(
        (thief.state(hello()), late.state(hello())),
        ("stored".into(), "stored".into())
    );
}

#[test]
fn a_waiting_pull_is_answered_when_something_changes() {
    let field = Field::start().unwrap();
    let client = Client::enrolled(&field, GRID, 1);
    let pull = |since: i64, epoch: i64, wait: u64| {
        let message = json!({
            "device": client.device, "scopes": [{"scope": format!("grid:{GRID}"), "epoch": epoch, "since": since}],
            "scope_set_version": 1, "max_bytes": 1_000_000, "wait_ms": wait, "sent_at": 0
        });
        let headers = [("authorization", client.bearer.as_str())];
        let begun = std::time::Instant::now();
        let reply = field
            .ask(Method::Post, "/v1/pull", &headers, message.to_string().as_bytes())
            .unwrap();
        (String::from_utf8(reply.body).unwrap(), begun.elapsed().as_millis())
    };
    let (text, _) = pull(0, 0, 0);
    let done = text.lines().rev().nth(1).unwrap();
    let done: Value = serde_json::from_str(done).unwrap();
    let (seq, epoch) = (done["seq"].as_i64().unwrap(), done["epoch"].as_i64().unwrap());
    let (quiet, took) = pull(seq, epoch, 400);
    assert!(took >= 400 && !quiet.contains("\"put\""), "{took} ms: {quiet}");
    std::thread::scope(|threads| {
        let waiting = threads.spawn(|| pull(seq, epoch, 12_000));
        std::thread::sleep(std::time::Duration::from_millis(300));
        client.cite(1, GRID, hello());
        let (text, took) = waiting.join().unwrap();
        assert!(
            (300..10_000).contains(&took) && text.contains("\"put\""),
            "{took} ms: {text}"
        );
    });
}
