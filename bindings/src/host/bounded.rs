//! A limit of time for what the app does on the engine's behalf, so that a dialogue nobody answers hangs no engine.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::HostError;

/// How long one call may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limit(pub(crate) Duration);

impl Limit {
    /// Calls the app on a thread of its own. Past the limit the answer does not count any more; the thread ends when the app's
    /// method does.
    pub(crate) fn call<T: Send + 'static>(
        self,
        ask: impl FnOnce() -> Result<T, HostError> + Send + 'static,
    ) -> Result<T, HostError> {
        let (tell, told) = mpsc::sync_channel(1);
        let asking = move || {
            // nobody listens any more when it took too long
            let _ = tell.send(ask());
        };
        thread::Builder::new()
            .name("fushan-host".into())
            .spawn(asking)
            .map_err(|_| HostError::Unavailable)?;
        match told.recv_timeout(self.0) {
            Ok(answer) => answer,
            Err(mpsc::RecvTimeoutError::Timeout) => Err(HostError::Unavailable),
            Err(mpsc::RecvTimeoutError::Disconnected) => Err(HostError::Failed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_comes_too_late_counts_as_unavailable() {
        let limit = Limit(Duration::from_millis(20));
        let late = limit.call(|| {
            thread::sleep(Duration::from_millis(200));
            Ok(1)
        });
        assert_eq!(late, Err(HostError::Unavailable));
        assert_eq!(limit.call(|| Ok(2)), Ok(2));
    }

    #[test]
    fn a_defect_in_the_apps_method_is_a_failure_and_no_hang() {
        let limit = Limit(Duration::from_secs(5));
        let failed: Result<u8, HostError> = limit.call(|| panic!("as an app may"));
        assert_eq!(failed, Err(HostError::Failed));
    }
}
