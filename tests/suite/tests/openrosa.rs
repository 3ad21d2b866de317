//! The OpenRosa door against a server on this machine that speaks it: digest authentication, lists, files, submissions.
#![allow(clippy::unwrap_used)]

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use fushan_grid_core::app::openrosa::{OpenRosa, OpenRosaError};
use fushan_grid_core::forms::openrosa::{Attachment, Credentials};
use fushan_grid_core::platform::{Cancel, HttpConfig, HttpTransport};

const FORM: &str = "<h:html xmlns:h='http://www.w3.org/1999/xhtml'/>";
/// MD5 of `FORM` and of the towns, by `md5sum`.
const FORM_MD5: &str = "7c9fa44d4ca72d8b96050ecf10628645";
const TOWNS: &str = "name,label\nyt,Yantai\n";
const TOWNS_MD5: &str = "8374a0cc0a8e586b815bf95a827184d2";

/// What the server saw.
#[derive(Default)]
struct Seen {
    submissions: Vec<(String, Vec<u8>)>,
    damage_files: bool,
}

type Shared = Arc<Mutex<Seen>>;

/// Only who answers the challenge gets in.
fn refusal(headers: &HeaderMap) -> Option<Response> {
    let answer = headers
        .get("authorization")
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let good = answer.starts_with("Digest ")
        && answer.contains("username=\"collector\"")
        && answer.contains("nonce=\"n0\"")
        && answer.contains("qop=auth")
        && headers.get("x-openrosa-version").is_some();
    if good {
        return None;
    }
    let challenge = [("www-authenticate", "Digest realm=\"forms\", nonce=\"n0\", qop=\"auth\"")];
    Some((StatusCode::UNAUTHORIZED, challenge).into_response())
}

async fn list(headers: HeaderMap) -> Response {
    if let Some(refusal) = refusal(&headers) {
        return refusal;
    }
    format!(
        "<xforms xmlns='http://openrosa.org/xforms/xformsList'><xform><formID>houses</formID><name>Houses</name>\
         <version>3</version><hash>md5:{FORM_MD5}</hash><downloadUrl>/p/forms/houses.xml</downloadUrl>\
         <manifestUrl>/p/forms/houses/manifest</manifestUrl></xform></xforms>"
    )
    .into_response()
}

async fn manifest() -> String {
    format!(
        "<manifest xmlns='http://openrosa.org/xforms/xformsManifest'><mediaFile><filename>towns.csv</filename>\
         <hash>md5:{TOWNS_MD5}</hash><downloadUrl>/p/forms/houses/towns.csv</downloadUrl></mediaFile></manifest>"
    )
}

async fn towns(State(seen): State<Shared>) -> String {
    if seen.lock().unwrap().damage_files {
        "cut".into()
    } else {
        TOWNS.into()
    }
}

async fn limit(headers: HeaderMap) -> Response {
    match refusal(&headers) {
        Some(refusal) => refusal,
        None => (StatusCode::NO_CONTENT, [("x-openrosa-accept-content-length", "6000")]).into_response(),
    }
}

async fn submit(State(seen): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let mut seen = seen.lock().unwrap();
    if let Some(refusal) = refusal(&headers) {
        return refusal;
    }
    let content_type = headers
        .get("content-type")
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    seen.submissions.push((content_type, body.to_vec()));
    StatusCode::CREATED.into_response()
}

/// Starts the server and gives its address.
fn serve(seen: Shared) -> String {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async move {
            let app = Router::new()
                .route("/p/formList", get(list))
                .route("/p/forms/houses.xml", get(|| async { FORM }))
                .route("/p/forms/houses/manifest", get(manifest))
                .route("/p/forms/houses/towns.csv", get(towns))
                .route(
                    "/p/submission",
                    get(|| async { StatusCode::METHOD_NOT_ALLOWED })
                        .head(limit)
                        .post(submit),
                )
                .with_state(seen);
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            sender.send(listener.local_addr().unwrap()).unwrap();
            axum::serve(listener, app).await.unwrap();
        });
    });
    format!("http://{}", receiver.recv().unwrap())
}

fn who(password: &str) -> Option<Credentials> {
    Some(Credentials {
        user: "collector".into(),
        password: password.into(),
    })
}

fn nonce() -> String {
    "0a4f113b".into()
}

#[test]
fn forms_come_with_their_files_and_submissions_go_in_as_many_parts_as_the_server_wants() {
    let seen = Shared::default();
    let address = serve(seen.clone());
    let transport = HttpTransport::new(&address, HttpConfig::default()).unwrap();
    let client = OpenRosa::new(&transport, "/p/", who("secret"), &nonce, Cancel::default());

    let forms = client.list().unwrap();
    assert_eq!(
        (forms[0].form_id.as_str(), forms[0].version.as_deref()),
        ("houses", Some("3"))
    );
    let fetched = client.fetch("houses").unwrap();
    assert_eq!(fetched.document, FORM.as_bytes());
    assert_eq!(fetched.files, [("towns.csv".to_owned(), TOWNS.as_bytes().to_vec())]);
    assert_eq!(client.fetch("nothing"), Err(OpenRosaError::NoForm));

    let photo = |name: &str| Attachment {
        filename: name.into(),
        media_type: "image/jpeg".into(),
        content: vec![9; 3000],
    };
    assert!(client.submit("<data/>", &[photo("a.jpg"), photo("b.jpg")]).unwrap());
    let seen = seen.lock().unwrap();
    assert_eq!(seen.submissions.len(), 2, "the server takes 6000 bytes at once");
    for (content_type, body) in &seen.submissions {
        assert!(content_type.starts_with("multipart/form-data; boundary=fushan-"));
        assert!(String::from_utf8_lossy(body).contains("name=\"xml_submission_file\""));
        assert!(body.len() <= 6000);
    }
}

#[test]
fn nobody_unknown_gets_in_and_nothing_is_taken_for_sent() {
    let seen = Shared::default();
    let address = serve(seen.clone());
    let transport = HttpTransport::new(&address, HttpConfig::default()).unwrap();
    let client = OpenRosa::new(&transport, "/p", None, &nonce, Cancel::default());
    assert_eq!(client.list(), Err(OpenRosaError::Credentials));
    assert_eq!(client.submit("<data/>", &[]), Err(OpenRosaError::Credentials));
    assert!(seen.lock().unwrap().submissions.is_empty());
}

#[test]
fn a_file_that_is_not_what_its_hash_says_is_refused() {
    let seen = Shared::default();
    seen.lock().unwrap().damage_files = true;
    let address = serve(seen);
    let transport = HttpTransport::new(&address, HttpConfig::default()).unwrap();
    let client = OpenRosa::new(&transport, "/p", who("secret"), &nonce, Cancel::default());
    assert_eq!(client.fetch("houses"), Err(OpenRosaError::Damaged("towns.csv".into())));
}
