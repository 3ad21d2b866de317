//! Photos: uploads by offset (tus 1.0), digests, and what the probe may tell.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use fushan_grid_core::model::blob::BlobHash;
use fushan_grid_core::platform::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::bench::{Bench, Phone, Reply, op_id, record_id, word};
use super::rule::{Judged, Miss, Rule, at, holds, refused, same};

/// The rules.
pub fn rules() -> Vec<Rule> {
    let rule = |id, says, check| Rule { id, says, check };
    vec![
        rule(
            "upload.whole",
            "a photo goes up in two chunks, is stored, and comes back byte for byte",
            whole,
        ),
        rule(
            "upload.resume",
            "HEAD tells how far an upload is; a chunk at another offset is 409 with the offset",
            resume,
        ),
        rule(
            "upload.checksum",
            "a chunk that is not its checksum is 460 and leaves no byte behind; one that is counts",
            checksum,
        ),
        rule(
            "upload.checksum_unknown",
            "a checksum of an algorithm that was not offered is 400",
            checksum_unknown,
        ),
        rule(
            "upload.terminate",
            "an upload that is given up is gone, and the photo is missing until it comes anew",
            terminate,
        ),
        rule(
            "upload.terminate_own",
            "nobody gives another phone's upload up",
            terminate_own,
        ),
        rule("upload.probe", "a probe tells missing, partly there, and stored", probe),
        rule(
            "upload.digest",
            "bytes that are not the announced digest are 422 and never stored",
            digest_mismatch,
        ),
        rule(
            "upload.too_many_bytes",
            "more bytes than announced are refused",
            too_many,
        ),
        rule(
            "upload.unannounced",
            "an upload without length or digest is refused",
            unannounced,
        ),
        rule("upload.gone", "an unknown upload is 404 in the error shape", gone),
        rule("upload.own", "another phone's upload cannot be seen", own),
        rule(
            "upload.no_oracle",
            "to those who may not see it a stored photo is missing",
            no_oracle,
        ),
        rule(
            "upload.seen",
            "whoever holds a record that cites it sees that a photo is stored",
            seen,
        ),
    ]
}

/// SHA-256 of bytes.
pub fn digest(bytes: &[u8]) -> BlobHash {
    BlobHash(Sha256::digest(bytes).into())
}

fn photo() -> Vec<u8> {
    format!("{} {}", word(), "x".repeat(3_000)).into_bytes()
}

/// Announces an upload.
pub fn announce(phone: &Phone<'_>, bytes: u64, hash: &BlobHash) -> Result<Reply, Miss> {
    let headers = phone.headers(&[
        ("tus-resumable", "1.0.0".to_owned()),
        ("upload-length", bytes.to_string()),
        ("upload-metadata", format!("media_type {}", BASE64.encode("image/jpeg"))),
        ("repr-digest", format!("sha-256=:{}:", BASE64.encode(hash.0))),
    ]);
    phone.bench.send(Method::Post, "/v1/uploads", &headers, b"")
}

fn opened(phone: &Phone<'_>, bytes: &[u8]) -> Result<String, Miss> {
    let reply = announce(phone, bytes.len() as u64, &digest(bytes))?;
    same("announcement", reply.status, 201)?;
    let path = reply.header("location").to_owned();
    holds("no path of ours", path.starts_with("/v1/uploads/"))?;
    Ok(path)
}

fn chunk(phone: &Phone<'_>, path: &str, offset: usize, bytes: &[u8]) -> Result<Reply, Miss> {
    chunk_with(phone, path, offset, bytes, None)
}

/// A chunk, with a checksum when one is given.
fn chunk_with(phone: &Phone<'_>, path: &str, offset: usize, bytes: &[u8], sum: Option<String>) -> Result<Reply, Miss> {
    let mut headers = phone.headers(&[
        ("tus-resumable", "1.0.0".to_owned()),
        ("content-type", "application/offset+octet-stream".to_owned()),
        ("upload-offset", offset.to_string()),
    ]);
    headers.extend(sum.map(|sum| ("upload-checksum", sum)));
    phone.bench.send(Method::Patch, path, &headers, bytes)
}

fn give_up(phone: &Phone<'_>, path: &str) -> Result<Reply, Miss> {
    let headers = phone.headers(&[("tus-resumable", "1.0.0".to_owned())]);
    phone.bench.send(Method::Delete, path, &headers, b"")
}

fn upload(phone: &Phone<'_>, bytes: &[u8]) -> Judged {
    let path = opened(phone, bytes)?;
    same("the whole in one chunk", chunk(phone, &path, 0, bytes)?.status, 204)
}

fn offset(phone: &Phone<'_>, path: &str) -> Result<Reply, Miss> {
    let headers = phone.headers(&[("tus-resumable", "1.0.0".to_owned())]);
    phone.bench.send(Method::Head, path, &headers, b"")
}

fn state(phone: &Phone<'_>, bytes: &[u8]) -> Result<Value, Miss> {
    let message = json!({"blobs": [{"sha256": digest(bytes).hex(), "bytes": bytes.len()}]});
    let reply = phone.post("/v1/blobs/probe", &message)?;
    same("probe", reply.status, 200)?;
    Ok(at(&reply.json, "/blobs/0").clone())
}

fn whole(bench: &Bench) -> Judged {
    let phone = bench.phone(&bench.worker)?;
    let bytes = photo();
    let path = opened(&phone, &bytes)?;
    let (first, rest) = bytes.split_at(1_000);
    let reply = chunk(&phone, &path, 0, first)?;
    same(
        "first chunk",
        (reply.status, reply.header("upload-offset")),
        (204, "1000"),
    )?;
    same("last chunk", chunk(&phone, &path, 1_000, rest)?.status, 204)?;
    let headers = phone.headers(&[]);
    let back = bench.send(
        Method::Get,
        &format!("/v1/blobs/{}", digest(&bytes).hex()),
        &headers,
        b"",
    )?;
    same("fetched", back.status, 200)?;
    holds("other bytes come back", back.raw.body == bytes)
}

fn resume(bench: &Bench) -> Judged {
    let phone = bench.phone(&bench.worker)?;
    let bytes = photo();
    let path = opened(&phone, &bytes)?;
    let (first, rest) = bytes.split_at(700);
    chunk(&phone, &path, 0, first)?;
    let told = offset(&phone, &path)?;
    holds("HEAD is refused", (200..300).contains(&told.status))?;
    same("offset", told.header("upload-offset"), "700")?;
    let wrong = chunk(&phone, &path, 0, first)?;
    same(
        "a chunk sent again",
        (wrong.status, wrong.header("upload-offset")),
        (409, "700"),
    )?;
    same("the rest", chunk(&phone, &path, 700, rest)?.status, 204)
}

fn probe(bench: &Bench) -> Judged {
    let phone = bench.phone(&bench.worker)?;
    let bytes = photo();
    same(
        "before",
        at(&state(&phone, &bytes)?, "/state").as_str(),
        Some("missing"),
    )?;
    let path = opened(&phone, &bytes)?;
    let (first, rest) = bytes.split_at(500);
    chunk(&phone, &path, 0, first)?;
    let partial = state(&phone, &bytes)?;
    same("in between", at(&partial, "/state").as_str(), Some("partial"))?;
    same("offset", at(&partial, "/offset").as_u64(), Some(500))?;
    chunk(&phone, &path, 500, rest)?;
    same("after", at(&state(&phone, &bytes)?, "/state").as_str(), Some("stored"))
}

fn checksum(bench: &Bench) -> Judged {
    let phone = bench.phone(&bench.worker)?;
    let bytes = photo();
    let path = opened(&phone, &bytes)?;
    let (first, rest) = bytes.split_at(900);
    let sum_of = |bytes: &[u8]| Some(format!("sha256 {}", BASE64.encode(digest(bytes).0)));
    let torn = chunk_with(&phone, &path, 0, first, sum_of(rest))?;
    refused(&torn, 460, "checksum_mismatch")?;
    same("after it", offset(&phone, &path)?.header("upload-offset"), "0")?;
    for (at, part) in [(0, first), (first.len(), rest)] {
        same(
            "a sound chunk",
            chunk_with(&phone, &path, at, part, sum_of(part))?.status,
            204,
        )?;
    }
    same(
        "the photo",
        at(&state(&phone, &bytes)?, "/state").as_str(),
        Some("stored"),
    )
}

fn checksum_unknown(bench: &Bench) -> Judged {
    let phone = bench.phone(&bench.worker)?;
    let bytes = photo();
    let path = opened(&phone, &bytes)?;
    let reply = chunk_with(&phone, &path, 0, &bytes, Some("crc9 AAAA".to_owned()))?;
    same("status", reply.status, 400)?;
    same("after it", offset(&phone, &path)?.header("upload-offset"), "0")
}

fn terminate(bench: &Bench) -> Judged {
    let phone = bench.phone(&bench.worker)?;
    let bytes = photo();
    let path = opened(&phone, &bytes)?;
    let (first, rest) = bytes.split_at(600);
    chunk(&phone, &path, 0, first)?;
    same("giving it up", give_up(&phone, &path)?.status, 204)?;
    let gone = offset(&phone, &path)?.status;
    holds(&format!("it answers {gone}"), matches!(gone, 404 | 410))?;
    let late = chunk(&phone, &path, 600, rest)?.status;
    holds(&format!("a late chunk answers {late}"), matches!(late, 404 | 410))?;
    same(
        "the photo",
        at(&state(&phone, &bytes)?, "/state").as_str(),
        Some("missing"),
    )?;
    upload(&phone, &bytes)?;
    same("anew", at(&state(&phone, &bytes)?, "/state").as_str(), Some("stored"))
}

fn terminate_own(bench: &Bench) -> Judged {
    let (phone, other) = (bench.phone(&bench.worker)?, bench.phone(&bench.worker)?);
    let bytes = photo();
    let path = opened(&phone, &bytes)?;
    same("status", give_up(&other, &path)?.status, 404)?;
    same("its own chunk", chunk(&phone, &path, 0, &bytes)?.status, 204)
}

fn digest_mismatch(bench: &Bench) -> Judged {
    let phone = bench.phone(&bench.worker)?;
    let (announced, sent) = (photo(), photo());
    let path = opened(&phone, &announced)?;
    refused(&chunk(&phone, &path, 0, &sent)?, 422, "digest_mismatch")?;
    for bytes in [&announced, &sent] {
        same(
            "afterwards",
            at(&state(&phone, bytes)?, "/state").as_str(),
            Some("missing"),
        )?;
    }
    Ok(())
}

fn too_many(bench: &Bench) -> Judged {
    let phone = bench.phone(&bench.worker)?;
    let mut bytes = photo();
    let path = opened(&phone, &bytes)?;
    bytes.push(0);
    let reply = chunk(&phone, &path, 0, &bytes)?;
    holds("taken", (400..500).contains(&reply.status))
}

fn unannounced(bench: &Bench) -> Judged {
    let phone = bench.phone(&bench.worker)?;
    let tus = ("tus-resumable", "1.0.0".to_owned());
    let length = ("upload-length", "10".to_owned());
    for headers in [vec![tus.clone()], vec![tus, length]] {
        let reply = bench.send(Method::Post, "/v1/uploads", &phone.headers(&headers), b"")?;
        same("status", reply.status, 400)?;
    }
    Ok(())
}

fn gone(bench: &Bench) -> Judged {
    let phone = bench.phone(&bench.worker)?;
    let path = format!("/v1/uploads/{}", op_id().0.simple());
    refused(&chunk(&phone, &path, 0, b"x")?, 404, "gone")
}

fn own(bench: &Bench) -> Judged {
    let (phone, other) = (bench.phone(&bench.worker)?, bench.phone(&bench.worker)?);
    let path = opened(&phone, &photo())?;
    same("status", offset(&other, &path)?.status, 404)
}

fn no_oracle(bench: &Bench) -> Judged {
    let (phone, stranger) = (bench.phone(&bench.worker)?, bench.phone(&bench.neighbour)?);
    let bytes = photo();
    upload(&phone, &bytes)?;
    same(
        "to a stranger",
        at(&state(&stranger, &bytes)?, "/state").as_str(),
        Some("missing"),
    )?;
    let path = format!("/v1/blobs/{}", digest(&bytes).hex());
    same(
        "fetched",
        bench.send(Method::Get, &path, &stranger.headers(&[]), b"")?.status,
        404,
    )
}

fn seen(bench: &Bench) -> Judged {
    let (phone, leader) = (bench.phone(&bench.worker)?, bench.phone(&bench.leader)?);
    let bytes = photo();
    upload(&phone, &bytes)?;
    let record = record_id();
    let cited =
        json!({"sha256": digest(&bytes).hex(), "bytes": bytes.len(), "media_type": "image/jpeg", "role": "near"});
    let mut create = phone.create(record, json!({"name": word()}));
    create["evidence"] = json!([cited]);
    phone.does(create)?;
    same(
        "to the leader",
        at(&state(&leader, &bytes)?, "/state").as_str(),
        Some("stored"),
    )
}
