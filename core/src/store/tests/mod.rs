//! Tests of the store through its own doors, on real encrypted files.

mod evidence;
mod fixture;
mod laws;
mod leasing;
mod opening;
mod operations;
mod pulling;
mod scopes;
mod searching;
mod sheets;
mod snapshots;
mod traces;
mod upgrading;
