//! `fushan-platform`: the reference district platform as a program.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use fushan_platform::timestamp::Authority;
use fushan_platform::{Config, WitnessConfig};

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
    /// platforms may use one database.
    #[arg(long, env = "FUSHAN_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// Folder of the district's data, in the format of tests/fixtures/district.
    #[arg(long)]
    district: PathBuf,
    /// Token of the operators' door.
    #[arg(long, env = "FUSHAN_ADMIN_TOKEN")]
    admin_token: String,
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
    let authority = args.tsa_url.zip(args.tsa_certificates);
    let authority = authority.map(|(url, certificates)| Authority { url, certificates });
    let running = fushan_platform::start(Config {
        listen: args.listen,
        database: Some(args.data.join("platform.db")),
        database_url: args.database_url,
        blobs: args.data.join("blobs"),
        district: args.district,
        admin_token: args.admin_token,
        lease_ms: (args.lease_days > 0).then(|| i64::from(args.lease_days) * 86_400_000),
        keep_originals_ms: Some(u64::from(args.keep_originals_h) * 3_600_000),
        witness: WitnessConfig {
            name: Some(args.log_name),
            key_file: args.log_key,
            authority,
        },
    })
    .await?;
    println!("{}", running.url());
    tokio::signal::ctrl_c().await?;
    running.shutdown().await?;
    Ok(())
}
