//! A throw-away `PostgreSQL` cluster for tests, from the programs that are installed: a socket in a temporary folder, no port, no
//! password, gone with the process that started it, however that ends.

use std::io;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How the programs are installed, for the skip that a test prints.
pub const INSTALL: &str = "apt-get install postgresql";
/// Says that a test has checked nothing because something is not on this machine. Written past the test runner, which keeps what
/// passing tests print to itself: `tests/run.sh` lists these lines at its end.
pub fn skipped(why: &str) {
    use std::io::Write as _;
    let thread = std::thread::current();
    let _ = writeln!(io::stderr(), "SKIPPED: {why} ({})", thread.name().unwrap_or("a test"));
}

/// Longest wait for the cluster to answer.
const PATIENCE: Duration = Duration::from_secs(60);
/// Runs the server until its standard input closes: the pipe's other end is in the test, and closes with it. From the third
/// argument on come more settings.
const SCRIPT: &str = r#"programs=$1; folder=$2; shift 2
"$programs/postgres" -D "$folder/data" -k "$folder" -c fsync=off -c full_page_writes=off \
    -c synchronous_commit=off -c max_connections=200 -c shared_buffers=64MB -c listen_addresses= "$@" >"$folder/log" 2>&1 &
server=$!; read -r _; kill -QUIT $server; wait $server; rm -rf "$folder"/data"#;

/// A running cluster.
pub struct Cluster {
    folder: TempDir,
    programs: PathBuf,
    owner: Option<(u32, u32)>,
    server: Child,
    databases: AtomicU32,
    /// Its port, when the settings name one.
    port: Option<String>,
}

impl Cluster {
    /// Starts one; `None` when no `PostgreSQL` of version 15 or later is installed.
    ///
    /// # Errors
    /// When it is installed and does not start.
    pub fn start() -> io::Result<Option<Self>> {
        Self::start_with(|_| Ok(Vec::new()))
    }

    /// The same with more settings of the server, `name=value`; what they name may be written into the cluster's folder, whose
    /// files the server's own user gets.
    ///
    /// # Errors
    /// When it is installed and does not start.
    pub fn start_with(prepare: impl FnOnce(&Path) -> io::Result<Vec<String>>) -> io::Result<Option<Self>> {
        let Some(programs) = programs() else { return Ok(None) };
        let folder = tempfile::Builder::new().prefix("fushan-pg").tempdir()?;
        let owner = owner()?;
        if let Some((user, group)) = owner {
            chown(folder.path(), Some(user), Some(group))?;
        }
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o700))?;
        let mut init = command(&programs.join("initdb"), owner, folder.path());
        init.args([
            "--auth=trust",
            "--username=fushan",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
            "-D",
        ]);
        succeed(init.arg(folder.path().join("data")))?;
        let settings = prepare(folder.path())?;
        for entry in std::fs::read_dir(folder.path())?.flatten() {
            if let (Some((user, group)), true) = (owner, entry.path().is_file()) {
                chown(entry.path(), Some(user), Some(group))?;
            }
        }
        let mut server = command(Path::new("/bin/sh"), owner, folder.path());
        server.args(["-c", SCRIPT, "sh"]).arg(&programs).arg(folder.path());
        server.args(settings.iter().flat_map(|setting| ["-c", setting.as_str()]));
        let server = server
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let cluster = Self {
            folder,
            programs,
            owner,
            server,
            databases: AtomicU32::new(0),
            port: settings.iter().find_map(|s| s.strip_prefix("port=").map(str::to_owned)),
        };
        cluster.wait()?;
        Ok(Some(cluster))
    }

    /// A new, empty database; its address.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn database(&self) -> io::Result<String> {
        let name = format!("d{}", self.databases.fetch_add(1, Ordering::SeqCst));
        let mut create = self.client("createdb");
        succeed(create.arg(&name))?;
        Ok(self.url(&name))
    }

    /// The address of a database.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        let host: String = self.folder.path().display().to_string().replace('/', "%2F");
        format!("postgres://fushan@{host}/{database}")
    }

    /// A program of the installation, such as `psql` or `pgbench`, set to this cluster.
    #[must_use]
    pub fn client(&self, program: &str) -> Command {
        let mut command = command(&self.programs.join(program), self.owner, self.folder.path());
        command.env("PGHOST", self.folder.path()).env("PGUSER", "fushan");
        command.envs(self.port.iter().map(|port| ("PGPORT", port)));
        command
    }

    fn wait(&self) -> io::Result<()> {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            let mut ready = self.client("pg_isready");
            if ready.stdout(Stdio::null()).status()?.success() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        Err(io::Error::other(format!("the cluster does not answer: {log}")))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.server.stdin.take());
        let _ = self.server.wait();
    }
}

fn command(program: &Path, owner: Option<(u32, u32)>, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).env("LC_ALL", "C");
    if let Some((user, group)) = owner {
        command.uid(user).gid(group);
    }
    command
}

fn succeed(command: &mut Command) -> io::Result<()> {
    let output = command.stdin(Stdio::null()).output()?;
    if output.status.success() {
        Ok(())
    } else {
        Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()))
    }
}

/// Where the newest installed version lies, 15 or later.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let numbers = versions
        .flatten()
        .filter_map(|v| v.file_name().to_str()?.parse::<u32>().ok());
    let folder = PathBuf::from(format!(
        "/usr/lib/postgresql/{}/bin",
        numbers.filter(|n| *n >= 15).max()?
    ));
    folder.join("initdb").exists().then_some(folder)
}

/// The server refuses to run as root: then it runs as the user its package made, or as nobody.
fn owner() -> io::Result<Option<(u32, u32)>> {
    let me = std::fs::metadata("/proc/self").map(|m| std::os::unix::fs::MetadataExt::uid(&m))?;
    if me != 0 {
        return Ok(None);
    }
    let users = std::fs::read_to_string("/etc/passwd")?;
    let ids = |name: &str| {
        let line = users.lines().find(|l| l.split(':').next() == Some(name))?;
        let mut parts = line.split(':').skip(2).map(|p| p.parse::<u32>().ok());
        Some((parts.next()??, parts.next()??))
    };
    Ok(ids("postgres").or_else(|| ids("nobody")))
}
