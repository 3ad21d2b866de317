//! What phones ask of the witness: entries up, receipts and the log's head down.

use axum::http::StatusCode;
use axum::response::Response;
use fushan_grid_core::wire::evidence::{
    CheckpointRequest, EntriesReply, EntriesRequest, ReceiptsReply, ReceiptsRequest,
};
use fushan_grid_core::wire::limits;

use super::call::Call;
use super::phone::caller;
use super::reply::{Fault, message};
use crate::Platform;
use crate::{store, witness};

fn too_many(count: usize) -> Result<(), Fault> {
    if count > limits::ENTRIES_PER_MESSAGE {
        return Err(Fault::of(StatusCode::PAYLOAD_TOO_LARGE, "too_many_entries"));
    }
    Ok(())
}

/// Takes entries of the phone's chain.
pub(super) fn entries(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    let caller = caller(platform, &call.headers)?;
    let request: EntriesRequest = call.message()?;
    if caller.device.id != request.device {
        return Err(Fault::of(StatusCode::FORBIDDEN, "not_this_device"));
    }
    too_many(request.entries.len())?;
    let results = witness::take(platform, &caller.device, &request.entries)?;
    Ok(message(&EntriesReply {
        results,
        server_time: platform.now(),
    }))
}

/// Gives receipts again, with what came to them since. Only those of the phone's own entries.
pub(super) fn receipts(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    let caller = caller(platform, &call.headers)?;
    let request: ReceiptsRequest = call.message()?;
    too_many(request.entries.len())?;
    let receipts = store::read(&*platform.store, |tx| {
        let own = tx.entries_of(caller.device.id, &request.entries)?;
        witness::receipts(platform, tx, &own)
    })?;
    Ok(message(&ReceiptsReply { receipts }))
}

/// Gives the log's head, and the proof that it continues the one last seen.
pub(super) fn checkpoint(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    caller(platform, &call.headers)?;
    let request: CheckpointRequest = call.message()?;
    let reply = store::read(&*platform.store, |tx| witness::head(platform, tx, request.from))?;
    Ok(message(&reply))
}
