//! Tests of the store through its own doors, on real encrypted files.

mod fixture;
mod opening;
mod operations;
mod pulling;
mod searching;
mod sheets;
