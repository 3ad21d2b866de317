//! A platform and phones for tests: real HTTP, real encrypted files, keys in memory.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use fushan_grid_core::app::sync::{Budget, SyncReport, Unwatched};
use fushan_grid_core::app::{AppError, Engine, EngineConfig};
use fushan_grid_core::evidence::FolderMedia;
use fushan_grid_core::model::env::{Clock, Entropy, Env, KeyError, KeyProvider, SecretKey};
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::platform::{Cancel, HttpConfig, HttpTransport, Method, Request, Response, Transport};
use fushan_platform::{Config, Running};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// Whatever went wrong in a test's set-up.
pub type Failure = Box<dyn std::error::Error>;

/// The operators' token of the test platform.
pub const ADMIN: &str = "operator";
/// A grid of the sample district.
pub const GRID: &str = "370611001901001";
/// Its neighbour.
pub const NEIGHBOUR: &str = "370611001901002";

struct WallClock;

impl Clock for WallClock {
    fn wall(&self) -> UtcMillis {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        UtcMillis(i64::try_from(since.as_millis()).unwrap_or(0))
    }
    fn monotonic_ms(&self) -> u64 {
        u64::try_from(self.wall().0).unwrap_or(0)
    }
    fn boot_id(&self) -> String {
        "test".into()
    }
}

/// Distinct bytes for each phone and call: a test's ids must not meet, nothing more.
struct Distinct(AtomicU64);

impl Entropy for Distinct {
    fn fill(&self, out: &mut [u8]) {
        for byte in out {
            let n = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::SeqCst);
            *byte = ((n ^ (n >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 56) as u8;
        }
    }
}

struct OpenKeys;

impl KeyProvider for OpenKeys {
    fn key_id(&self) -> Result<String, KeyError> {
        Ok("test".into())
    }
    fn wrap(&self, key: &SecretKey) -> Result<Vec<u8>, KeyError> {
        Ok(key.to_vec())
    }
    fn unwrap(&self, wrapped: &[u8]) -> Result<SecretKey, KeyError> {
        <[u8; 32]>::try_from(wrapped)
            .map(SecretKey::new)
            .map_err(|_| KeyError::Wrong)
    }
}

/// A running platform with the sample district.
pub struct Field {
    /// Drives the platform; the phones stand outside it.
    pub runtime: Runtime,
    /// The platform.
    pub platform: Running,
    /// Everything on disk.
    pub dir: TempDir,
    phones: AtomicU64,
}

impl Field {
    /// Starts it.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start() -> Result<Self, Failure> {
        Self::start_with(|_| ())
    }

    /// Starts it with another configuration.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start_with(change: impl FnOnce(&mut Config)) -> Result<Self, Failure> {
        let dir = tempfile::tempdir()?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        let district = crate::sources::top().join("tests/fixtures/district");
        let mut config = Config::new(district, dir.path().join("blobs"), ADMIN);
        change(&mut config);
        let platform = runtime.block_on(fushan_platform::start(config))?;
        Ok(Self {
            runtime,
            platform,
            dir,
            phones: AtomicU64::new(0),
        })
    }

    /// A phone enrolled for a staff member, such as `s_370611001901001`.
    ///
    /// # Errors
    /// When it cannot be made or enrolled.
    pub fn phone(&self, staff: &str) -> Result<Phone, Failure> {
        let number = self.phones.fetch_add(1, Ordering::SeqCst);
        let phone = Phone::at(
            &self.dir.path().join(format!("phone-{number}")),
            &self.platform.url(),
            number,
        )?;
        let code = self.code(staff)?;
        phone
            .engine
            .enrol(&phone.transport, &self.platform.url(), &code, &Cancel::new())?;
        phone.sync()?;
        Ok(phone)
    }

    /// A one-time enrolment code.
    ///
    /// # Errors
    /// When the platform does not give one.
    pub fn code(&self, staff: &str) -> Result<String, Failure> {
        let reply = self.operate("/admin/v1/codes", &json!({"staff": staff}))?;
        Ok(reply.get("code").and_then(Value::as_str).ok_or("no code")?.to_owned())
    }

    /// Asks the operators' door.
    ///
    /// # Errors
    /// When it does not answer with JSON.
    pub fn operate(&self, path: &str, message: &Value) -> Result<Value, Failure> {
        let method = if message.is_null() { Method::Get } else { Method::Post };
        let reply = self.raw(method, path, Some(ADMIN), message.to_string().into_bytes())?;
        Ok(serde_json::from_slice(&reply.body)?)
    }

    /// Sends a request with these headers.
    ///
    /// # Errors
    /// When no reply comes.
    pub fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(&'static str, &str)],
        body: &[u8],
    ) -> Result<Response, Failure> {
        let transport = HttpTransport::new(&self.platform.url(), HttpConfig::default())?;
        let headers = headers
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect();
        let (path, body) = (path.to_owned(), body.to_vec());
        let request = Request {
            method,
            path,
            headers,
            body,
        };
        Ok(transport.send(&request, &Cancel::new())?)
    }

    /// Sends any request.
    ///
    /// # Errors
    /// When no reply comes.
    pub fn raw(&self, method: Method, path: &str, token: Option<&str>, body: Vec<u8>) -> Result<Response, Failure> {
        let transport = HttpTransport::new(&self.platform.url(), HttpConfig::default())?;
        let headers = token
            .map(|t| ("authorization", format!("Bearer {t}")))
            .into_iter()
            .collect();
        Ok(transport.send(
            &Request {
                method,
                path: path.to_owned(),
                headers,
                body,
            },
            &Cancel::new(),
        )?)
    }
}

/// One phone.
pub struct Phone {
    /// Its engine.
    pub engine: Engine,
    /// Its way to the platform.
    pub transport: HttpTransport,
}

impl Phone {
    /// A phone whose files lie below `dir`, not enrolled.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn at(dir: &Path, url: &str, number: u64) -> Result<Self, Failure> {
        Self::recoverable(dir, url, number, None)
    }

    /// The same with the district's public recovery key.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn recoverable(dir: &Path, url: &str, number: u64, recovery_key: Option<[u8; 32]>) -> Result<Self, Failure> {
        let env = Self::env_at(dir, number)?;
        let config = EngineConfig {
            dir: dir.join("db"),
            recovery_key,
            full_check: false,
        };
        let (engine, _) = Engine::open(config, env)?;
        Ok(Self {
            engine,
            transport: HttpTransport::new(url, HttpConfig::default())?,
        })
    }

    /// The host of a phone whose files lie below `dir`.
    ///
    /// # Errors
    /// When the folder of photos cannot be made.
    pub fn env_at(dir: &Path, number: u64) -> Result<Env, Failure> {
        Ok(Env {
            clock: Arc::new(WallClock),
            entropy: Arc::new(Distinct(AtomicU64::new(number.wrapping_mul(0xD134_2543_DE82_EF95) + 1))),
            media: Arc::new(FolderMedia::open(&dir.join("media"))?),
            keys: Arc::new(OpenKeys),
            signer: Arc::new(crate::signer::MemorySigner::new(number)),
            tokens: None,
        })
    }

    /// One synchronisation with time enough.
    ///
    /// # Errors
    /// Those of the engine.
    pub fn sync(&self) -> Result<SyncReport, AppError> {
        let budget = Budget::time(Duration::from_secs(60));
        self.engine
            .sync_once(&self.transport, budget, &Unwatched, &Cancel::new())
    }
}
