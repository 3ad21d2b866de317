//! `fushan-platform`: the reference district platform as a program.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use fushan_platform::timestamp::Authority;
use fushan_platform::{Config, CredentialFiles, TlsFiles, WitnessConfig};

/// The reference district platform: an embedded database, nothing to set up.
#[derive(Debug, Parser)]
#[command(name = "fushan-platform", version)]
struct Args {
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Folder of the database and the photos.
    #[arg(long, default_value = "fushan-platform-data")]
    data: PathBuf,
    /// A PostgreSQL database (15 or later) instead of the embedded one: postgres://user:password@host/database. Several
    /// platforms may use one database. With ?sslmode=verify-full&sslrootcert=FILE over TLS, verified.
    #[arg(long, env = "FUSHAN_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// Folder of the district's data, in the format of tests/fixtures/district.
    #[arg(long)]
    district: PathBuf,
    /// Token of the operators' door.
    #[arg(long, env = "FUSHAN_ADMIN_TOKEN", hide_env_values = true)]
    admin_token: String,
    /// Certificate chain in PEM form: then HTTPS is spoken.
    #[arg(long, requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Private key of the certificate in PEM form.
    #[arg(long, requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Requests a minute for each phone; 0 is no limit.
    #[arg(long, default_value_t = 3000)]
    requests_per_minute: u32,
    /// How often the timers look, in seconds; 0 is only when they are told to, at `/admin/v1/tick`.
    #[arg(long, default_value_t = 30, overrides_with = "tick_seconds")]
    tick_seconds: u64,
    /// Begin a new epoch and end: once, after the database was restored from a backup. Phones then compare what they hold.
    #[arg(long)]
    new_epoch: bool,
    /// How long a phone may work without asking, in days; 0 gives no leases.
    #[arg(long, default_value_t = 7)]
    lease_days: u32,
    /// How long photos stay on the phones after they are stored here, in hours.
    #[arg(long, default_value_t = 168)]
    keep_originals_h: u32,
    /// Name of the log of evidence, without spaces.
    #[arg(long, default_value = "fushan-platform/log")]
    log_name: String,
    /// File of the log's secret key, 32 bytes; made when missing, beside the photos without this.
    #[arg(long)]
    log_key: Option<PathBuf>,
    /// Address of a time-stamping authority (RFC 3161), https or http on this machine; without one receipts say `none`.
    #[arg(long, requires = "tsa_certificates")]
    tsa_url: Option<String>,
    /// Certificates that vouch for the authority, PEM.
    #[arg(long)]
    tsa_certificates: Option<PathBuf>,
    /// Roots of the key stores' certificates that are trusted, PEM, as their makers publish them; without them certificates are
    /// kept and not judged.
    #[arg(long)]
    attestation_roots: Option<PathBuf>,
    /// Certificates that sign Content Credentials, PEM, the signer's first; needs a build with the feature `c2pa`.
    #[arg(long, requires = "c2pa_key")]
    c2pa_certificates: Option<PathBuf>,
    /// Their key, PEM.
    #[arg(long, requires = "c2pa_certificates")]
    c2pa_key: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::from_default_env();
    tracing_subscriber::fmt()
        .json()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    match run(Args::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("fushan-platform: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: Args) -> Result<(), Box<dyn std::error::Error>> {
    std::fs::create_dir_all(&args.data)?;
    let tls = args.tls_cert.zip(args.tls_key);
    let authority = args.tsa_url.zip(args.tsa_certificates);
    let credential = args.c2pa_certificates.zip(args.c2pa_key);
    if credential.is_some() && !cfg!(feature = "c2pa") {
        return Err("Content Credentials need a build with the feature `c2pa`".into());
    }
    let config = Config {
        listen: args.listen,
        database: Some(args.data.join("platform.db")),
        database_url: args.database_url,
        tls: tls.map(|(certificate, key)| TlsFiles { certificate, key }),
        requests_per_minute: args.requests_per_minute,
        lease_ms: (args.lease_days > 0).then(|| i64::from(args.lease_days) * 86_400_000),
        // a life of the program is never as long as a hundred years
        tick: std::time::Duration::from_secs(if args.tick_seconds > 0 {
            args.tick_seconds
        } else {
            3_155_760_000
        }),
        keep_originals_ms: Some(u64::from(args.keep_originals_h) * 3_600_000),
        witness: WitnessConfig {
            name: Some(args.log_name),
            key_file: args.log_key,
            authority: authority.map(|(url, certificates)| Authority { url, certificates }),
            attestation_roots: args.attestation_roots,
            credential: credential.map(|(certificates, key)| CredentialFiles { certificates, key }),
        },
        ..Config::new(args.district, args.data.join("blobs"), &args.admin_token)
    };
    if args.new_epoch {
        let epoch = tokio::task::spawn_blocking(move || fushan_platform::begin_epoch(&config)).await??;
        println!("epoch {epoch}");
        return Ok(());
    }
    let running = fushan_platform::start(config).await?;
    println!("{}", running.url());
    tokio::signal::ctrl_c().await?;
    running.shutdown().await?;
    Ok(())
}
