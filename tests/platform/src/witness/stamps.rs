//! The day's time-stamp: the log's head of each day goes to the authority once; a failure is noted and tried again.

use std::sync::Arc;
use std::time::Duration;

use fushan_grid_core::model::time::UtcMillis;

use crate::Platform;
use crate::store::{self, DayStamp, Stored};
use crate::timestamp;

/// Between two looks whether there is something to stamp.
const LOOK: Duration = Duration::from_secs(300);
/// The district's clock is ahead of UTC by so many milliseconds.
const DISTRICT_MS: i64 = 8 * 3_600_000;

/// Stamps each day's head as long as the platform runs; nothing when there is no authority.
pub(crate) async fn keep_stamping(platform: Arc<Platform>) {
    if platform.witness.authority.is_none() {
        return;
    }
    loop {
        tokio::time::sleep(LOOK).await;
        let own = Arc::clone(&platform);
        let done = tokio::task::spawn_blocking(move || stamp_now(&own)).await;
        if !matches!(done, Ok(Ok(_))) {
            tracing::error!("the time-stamp of the day could not be kept");
        }
    }
}

/// Stamps the log's head unless this day has its stamp or nothing came since the last; what the day's stamp is now. Blocks.
pub(crate) fn stamp_now(platform: &Platform) -> Stored<Option<DayStamp>> {
    let Some(authority) = &platform.witness.authority else {
        return Ok(None);
    };
    let now = platform.now();
    let day: String = now.plus(DISTRICT_MS).to_string().chars().take(10).collect();
    let (known, last, size, root) = store::read(&*platform.store, |tx| {
        let size = tx.log_size()?;
        Ok((tx.day_stamp(&day)?, tx.last_stamp()?, size, tx.log_root(size)?))
    })?;
    if known.as_ref().is_some_and(|k| k.state == "stamped")
        || last.as_ref().is_some_and(|l| l.state == "stamped" && l.size == size)
    {
        return Ok(known.or(last));
    }
    let checkpoint = platform.witness.sign(size, root);
    // no transaction waits for the authority
    let mut nonce = [0; 8];
    let asked = match getrandom::fill(&mut nonce) {
        Ok(()) => timestamp::ask(authority, checkpoint.as_bytes(), nonce),
        Err(_) => Err(timestamp::StampError::Unreachable),
    };
    let stamp = day_stamp(day, size, checkpoint, asked, now);
    store::write(&*platform.store, |tx| tx.put_stamp(&stamp))?;
    tracing::info!(day = stamp.day, state = stamp.state, code = stamp.code, "time-stamp");
    Ok(Some(stamp))
}

fn day_stamp(
    day: String,
    size: u64,
    checkpoint: String,
    asked: Result<Vec<u8>, timestamp::StampError>,
    now: UtcMillis,
) -> DayStamp {
    let (state, code) = match &asked {
        Ok(_) => ("stamped", ""),
        Err(error) => ("failed", error.code()),
    };
    DayStamp {
        day,
        size,
        checkpoint,
        state: state.to_owned(),
        code: code.to_owned(),
        token: asked.ok(),
        tried_at: now,
    }
}
