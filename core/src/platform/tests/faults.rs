use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use super::server::{Server, ask, good, hasty, post, reply, request_of, say};
use crate::platform::reply::{ReplyError, accept, json};
use crate::platform::{Cancel, HttpTransport, Method, Request, Transport, TransportError};
use crate::wire;
use crate::wire::fault::FaultReply;
use crate::wire::limits;

fn retryable(code: &'static str, after_ms: Option<u64>) -> Result<(), ReplyError> {
    Err(ReplyError::Retryable { code, after_ms })
}

#[test]
fn whatever_answers_is_told_apart_from_the_platform() {
    let cases = [
        (reply("200 OK", "text/html", "", "<html>"), retryable("captive_portal", None)),
        (reply("401 No", "text/html", "", "<html>"), retryable("captive_portal", None)),
        (reply("511 Log In", "text/html", "", ""), retryable("server_error", None)),
        (
            reply("429 Slow", wire::JSON, "retry-after: 30\r\n", "{}"),
            retryable("rate_limited", Some(30_000)),
        ),
        (
            reply("503 Busy", wire::JSON, "retry-after: 315360000\r\n", "{}"),
            retryable("server_error", Some(3_600_000)),
        ),
        (reply("503 Busy", "text/html", "", ""), retryable("server_error", None)),
        (b"HTTP/1.1 204 No Content\r\n\r\n".to_vec(), retryable("captive_portal", None)),
        (good("{}"), Ok(())),
        (reply("200 OK", "Application/vnd.fushan.v1+JSON; charset=utf-8", "", "{}"), Ok(())),
    ];
    for (bytes, expected) in cases {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let server = Server::saying(bytes);
        let answer = ask(&server.url()).unwrap();
        assert_eq!(accept(answer).map(|_| ()), expected, "{text}");
    }
}

#[test]
fn the_wait_in_our_own_body_counts_when_no_header_tells_one() {
    let body = r#"{"error":{"code":"busy","retry_after":40}}"#;
    let server = Server::saying(reply("503 Busy", wire::JSON, "", body));
    let answer = ask(&server.url()).unwrap();
    assert_eq!(accept(answer).map(|_| ()), retryable("server_error", Some(40_000)));
}

#[test]
fn a_redirect_is_not_followed_and_the_token_goes_nowhere_else() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let location = format!("location: http://{}/login\r\n", elsewhere.local_addr().unwrap());
    let server = Server::saying(reply("302 Found", "text/html", &location, ""));
    let answer = ask(&server.url()).unwrap();
    assert_eq!(accept(answer).map(|_| ()), retryable("captive_portal", None));
    assert!(elsewhere.accept().is_err(), "somebody was called at the redirect's address");
}

#[test]
fn a_path_that_leads_to_another_host_is_not_taken() {
    let server = Server::saying(good("{}"));
    let transport = HttpTransport::new(&server.url(), hasty()).unwrap();
    for path in ["//evil.example/x", "https://evil.example/x", "http://127.0.0.1:9/x"] {
        let result = transport.send(&post(path), &Cancel::new());
        assert_eq!(result, Err(TransportError::BadAddress), "{path}");
    }
    transport.send(&post("/v1/hello"), &Cancel::new()).unwrap();
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn a_reply_cut_at_any_byte_is_no_reply() {
    let body = r#"{"error":{"code":"busy"}}"#;
    let chunked = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: {}\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n",
        wire::JSON,
        body.len()
    );
    for whole in [good(body), chunked.into_bytes()] {
        let cuts: Vec<_> = (0..whole.len()).collect();
        let server = Server::start(cuts.iter().map(|at| say(whole[..*at].to_vec())).collect());
        for at in cuts {
            let result = ask(&server.url());
            assert_eq!(result, Err(TransportError::Cut), "cut at {at} of {}", whole.len());
        }
        let server = Server::saying(whole);
        json::<FaultReply>(ask(&server.url()).unwrap()).unwrap();
    }
}

#[test]
fn a_length_that_lies_is_never_believed() {
    let body = r#"{"error":{"code":"busy"}}"#;
    let lying = |length: &str| {
        let head = format!("HTTP/1.1 200 OK\r\ncontent-type: {}\r\ncontent-length: {length}", wire::JSON);
        Server::saying(format!("{head}\r\n\r\n{body}").into_bytes())
    };
    assert_eq!(ask(&lying("9999").url()), Err(TransportError::Cut));
    assert_eq!(ask(&lying("-1").url()), Err(TransportError::Cut));
    assert_eq!(ask(&lying("25\r\ncontent-length: 7").url()), Err(TransportError::Cut));
    let short = ask(&lying("10").url()).unwrap();
    assert_eq!(
        json::<FaultReply>(short).map(|_| ()),
        retryable("unreadable", None)
    );
}

#[test]
fn a_server_that_dribbles_or_says_nothing_is_left_at_the_deadline() {
    let dribble = |bytes: Vec<u8>, pause: u64| {
        Server::start(vec![Box::new(move |stream| {
            for byte in bytes {
                if stream.write_all(&[byte]).is_err() {
                    return;
                }
                std::thread::sleep(Duration::from_millis(pause));
            }
        })])
    };
    // a byte now and then keeps the idle deadline away, not the whole one
    let slow_head = dribble(good("{}"), 100);
    let slow_body = dribble(good(&" ".repeat(2_000)), 20);
    let silent = dribble(vec![b'H'; 2], 5_000);
    for server in [slow_head, slow_body, silent] {
        let begun = Instant::now();
        assert_eq!(ask(&server.url()), Err(TransportError::Timeout));
        assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
    }
}

#[test]
fn silence_within_a_reply_ends_the_wait_long_before_the_whole_deadline() {
    let server = Server::start(vec![Box::new(|stream| {
        let _ = stream.write_all(&good("{}").as_slice()[..60]);
        std::thread::sleep(Duration::from_secs(3));
    })]);
    let mut config = hasty();
    config.request_timeout = Duration::from_secs(60);
    let transport = HttpTransport::new(&server.url(), config).unwrap();
    let begun = Instant::now();
    let result = transport.send(&post("/v1/hello"), &Cancel::new());
    assert_eq!(result, Err(TransportError::Timeout));
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
}

#[test]
fn a_body_or_head_without_end_is_cut_off_at_the_limit() {
    let endless = |head: &'static str, part: &'static [u8]| {
        Server::start(vec![Box::new(move |stream| {
            let mut sent = 0_usize;
            let mut going = stream.write_all(head.as_bytes()).is_ok();
            while going && sent < 200 << 20 {
                going = stream.write_all(part).is_ok();
                sent += part.len();
            }
            assert!(!going, "took {sent} bytes and wants more");
        })])
    };
    static PART: [u8; 65_536] = [b' '; 65_536];
    let mut patient = hasty();
    patient.request_timeout = Duration::from_secs(30);
    let sent = |server: &Server, request: &Request| {
        HttpTransport::new(&server.url(), patient.clone())
            .unwrap()
            .send(request, &Cancel::new())
    };
    let body = endless("HTTP/1.1 200 OK\r\n\r\n", &PART);
    assert_eq!(sent(&body, &post("/v1/pull")), Err(TransportError::TooLarge));
    body.asked();
    let head = endless("HTTP/1.1 200 OK\r\nx: ", &PART);
    assert_eq!(sent(&head, &post("/v1/pull")), Err(TransportError::Cut));
    head.asked();
    // told before it comes: not a byte of it is read
    let told = Server::saying(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n".to_vec());
    assert_eq!(sent(&told, &post("/v1/pull")), Err(TransportError::TooLarge));
}

#[test]
fn a_page_of_a_pull_and_a_whole_photo_are_within_the_limits() {
    let of = |bytes: usize| Server::saying(good(&" ".repeat(bytes)));
    let page = of(limits::PULL_BYTES + limits::BODY_BYTES);
    assert!(ask(&page.url()).is_ok());
    let photo = of(10 << 20);
    let get = Request {
        method: Method::Get,
        ..post("/v1/blobs/x")
    };
    let transport = HttpTransport::new(&photo.url(), hasty()).unwrap();
    assert_eq!(transport.send(&get, &Cancel::new()).unwrap().body.len(), 10 << 20);
}

#[test]
fn a_wait_can_be_cancelled_from_another_thread() {
    let server = Server::start(vec![Box::new(|stream| {
        // until the phone hangs up
        let _ = stream.read(&mut [0; 1]);
    })]);
    let cancel = Cancel::new();
    let other = cancel.clone();
    let worker = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(200));
        other.cancel();
    });
    let mut config = hasty();
    config.request_timeout = Duration::from_secs(60);
    config.idle_timeout = Duration::from_secs(60);
    let transport = HttpTransport::new(&server.url(), config).unwrap();
    let begun = Instant::now();
    let result = transport.send(&post("/v1/hello"), &cancel);
    assert_eq!(result, Err(TransportError::Cancelled));
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    worker.join().unwrap();
    assert_eq!(
        transport.send(&post("/v1/hello"), &cancel),
        Err(TransportError::Cancelled),
        "a cancelled token stays so"
    );
}

#[test]
fn a_connection_the_server_closed_meanwhile_costs_no_request() {
    let twice: Vec<super::server::Conduct> = vec![say(good("{}")), say(good("{}"))];
    let server = Server::start(twice);
    let transport = HttpTransport::new(&server.url(), hasty()).unwrap();
    transport.send(&post("/v1/hello"), &Cancel::new()).unwrap();
    // the server has closed, though its reply promised to keep the connection
    std::thread::sleep(Duration::from_millis(100));
    transport.send(&post("/v1/hello"), &Cancel::new()).unwrap();
    assert_eq!(server.asked().len(), 2);
}

#[test]
fn a_request_arrives_whole_with_its_token_and_only_there() {
    let server = Server::saying(good("{}"));
    ask(&server.url()).unwrap();
    let asked = String::from_utf8(server.asked().remove(0)).unwrap();
    assert!(asked.starts_with("POST /v1/hello HTTP/1.1\r\n"), "{asked}");
    assert!(asked.contains("authorization: Bearer very-secret\r\n") && asked.ends_with("\r\n\r\n{}"), "{asked}");
    let shown = format!("{:?}", post("/v1/hello"));
    assert!(shown.contains("/v1/hello") && !shown.contains("secret"), "{shown}");
}

#[test]
fn where_nobody_listens_the_phone_is_offline() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert_eq!(ask(&format!("http://{port}")), Err(TransportError::Offline));
    let slammed = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", slammed.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = slammed.accept().unwrap();
        request_of(&mut stream);
    });
    assert_eq!(ask(&url), Err(TransportError::Cut), "closed without a word");
    server.join().unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn no_thread_outlives_a_call_even_when_a_name_was_looked_up() {
    let mine = || {
        let tasks = std::fs::read_dir("/proc/self/task").unwrap();
        let name = |task: std::io::Result<std::fs::DirEntry>| std::fs::read_to_string(task.ok()?.path().join("comm")).ok();
        tasks.filter_map(name).filter(|n| n.trim() == "fushan-lookup").count()
    };
    let server = Server::saying(good("{}"));
    let url = format!("http://localhost:{}", server.address.port());
    let transport = HttpTransport::new(&url, hasty()).unwrap();
    transport.send(&post("/v1/hello"), &Cancel::new()).unwrap();
    let begun = Instant::now();
    while mine() > 0 {
        assert!(begun.elapsed() < Duration::from_secs(1), "a thread stays");
        std::thread::sleep(Duration::from_millis(5));
    }
    drop(transport);
}
