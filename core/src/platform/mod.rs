//! The HTTP client towards the district platform, the only code that names the network.
//!
//! [`Transport`] is what a synchronisation needs of it; [`HttpTransport`] is the real one, a test may script another.
//! [`reply`] tells apart what the platform said and what merely answered.

mod cancel;
mod coding;
mod http;
pub mod reply;
mod retry_after;
mod transport;

pub use cancel::Cancel;
pub use http::{HttpConfig, HttpTransport};
pub use transport::{Method, Request, Response, Transport, TransportError, Travelled};
