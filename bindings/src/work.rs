//! Work that may take long, on a thread of its own.

use crate::error::GridError;

/// Runs the work where it may block, and waits for it. When the future is dropped, the work goes on to its end: it is committed
/// whole or not at all, and nobody waits for it. A defect in it is an error and ends no process.
pub(crate) async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, GridError> + Send + 'static,
) -> Result<T, GridError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(_) => Err(GridError::of("internal")),
    }
}
