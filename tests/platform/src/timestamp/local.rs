//! A time-stamping authority on this machine, for tests and the demo: `openssl ts` behind a small HTTP listener. Its keys are made
//! for each start, so nobody outside vouches for them.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use tempfile::TempDir;

/// Why it does not start or answer.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

const CONFIG: &str = "[req]\ndistinguished_name = d\n[d]\n[tsa]\ndefault_tsa = t\n[t]\nserial = serial\n\
signer_digest = sha256\ndefault_policy = 1.2.3.4.1\ndigests = sha256\naccuracy = secs:1\ness_cert_id_alg = sha256\n\
[ca]\nbasicConstraints = critical,CA:TRUE\nkeyUsage = critical,keyCertSign\n\
[signer]\nbasicConstraints = critical,CA:FALSE\nkeyUsage = critical,digitalSignature\n\
extendedKeyUsage = critical,timeStamping\n[wrong]\nbasicConstraints = critical,CA:FALSE\nextendedKeyUsage = serverAuth\n";

/// The authority; it stops when it is dropped.
pub struct Authority {
    dir: TempDir,
    address: String,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// Whether `openssl` is on this machine.
#[must_use]
pub fn has_openssl() -> bool {
    Command::new("openssl")
        .arg("version")
        .output()
        .is_ok_and(|o| o.status.success())
}

/// Runs `openssl` in a folder; its output.
///
/// # Errors
/// When it cannot be run or fails.
pub fn openssl(dir: &Path, arguments: &str) -> Result<Vec<u8>, Failure> {
    let words = arguments.split_whitespace();
    let output = Command::new("openssl").current_dir(dir).args(words).output()?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(format!("openssl {arguments}: {}", String::from_utf8_lossy(&output.stderr)).into())
    }
}

impl Authority {
    /// Makes keys and certificates, and listens.
    ///
    /// # Errors
    /// When `openssl` does not do it.
    pub fn start() -> Result<Self, Failure> {
        let dir = tempfile::tempdir()?;
        let at = dir.path();
        std::fs::write(at.join("tsa.cnf"), CONFIG)?;
        std::fs::write(at.join("serial"), "01\n")?;
        for step in [
            "ecparam -name prime256v1 -genkey -noout -out ca.key",
            "req -x509 -new -key ca.key -subj /CN=TestAuthority -days 30 -config tsa.cnf -extensions ca -out ca.pem",
            "genrsa -out signer.key 2048",
            "req -new -key signer.key -subj /CN=TestStamps -config tsa.cnf -out signer.csr",
            "x509 -req -in signer.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile tsa.cnf \
             -extensions signer -out signer.pem",
        ] {
            openssl(at, step)?;
        }
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = format!("http://{}/tsa", listener.local_addr()?);
        let stop = Arc::new(AtomicBool::new(false));
        let (stopping, folder) = (Arc::clone(&stop), at.to_owned());
        let thread = std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                if stopping.load(Ordering::SeqCst) {
                    break;
                }
                // a client that breaks off is its own matter
                let _ = answer(connection, &folder);
            }
        });
        Ok(Self {
            dir,
            address,
            stop,
            thread: Some(thread),
        })
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.address
    }

    /// The certificate that vouches for it, PEM.
    #[must_use]
    pub fn certificates(&self) -> PathBuf {
        self.dir.path().join("ca.pem")
    }

    /// Its folder, with its keys.
    #[must_use]
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let address = self.address.trim_start_matches("http://").trim_end_matches("/tsa");
        // wakes the listener up
        let _ = TcpStream::connect(address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn answer(mut connection: TcpStream, dir: &Path) -> Result<(), Failure> {
    let mut received = Vec::new();
    let mut part = [0; 4096];
    let query = loop {
        let count = connection.read(&mut part)?;
        received.extend(part.iter().take(count));
        let head = received.windows(4).position(|w| w == b"\r\n\r\n");
        if let Some(head) = head {
            let text = String::from_utf8_lossy(received.get(..head).unwrap_or_default()).to_lowercase();
            let length = text
                .lines()
                .find_map(|l| l.strip_prefix("content-length: ")?.trim().parse::<usize>().ok());
            if received.len() >= head + 4 + length.unwrap_or(0) {
                break received.split_off(head + 4);
            }
        }
        if count == 0 || received.len() > 64 * 1024 {
            return Ok(());
        }
    };
    std::fs::write(dir.join("query.tsq"), query)?;
    let reply =
        "ts -reply -config tsa.cnf -section t -queryfile query.tsq -inkey signer.key -signer signer.pem -out reply.tsr";
    openssl(dir, reply)?;
    let reply = std::fs::read(dir.join("reply.tsr"))?;
    write!(
        connection,
        "HTTP/1.1 200 OK\r\nContent-Type: application/timestamp-reply\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        reply.len()
    )?;
    connection.write_all(&reply)?;
    Ok(())
}
