//! Intake: reports of every channel become ordinary incidents that phones pull. One contract, the external number kept, one
//! answer for one order however often it is sent, duplicates across channels suggested, the reply to the citizen tracked.

mod channels;
mod order;
mod place;
mod reply;
mod suggest;
mod take;

pub(crate) use channels::{ChannelBook, ChannelBookError};
pub(crate) use order::{Contact, Order, Place};
pub(crate) use place::set_grid;
pub(crate) use reply::{Replied, Told, said_before, tell};
pub(crate) use suggest::suggest;
pub(crate) use take::{Refused, Taken, take};

#[cfg(test)]
pub(crate) mod tests;
