//! The program itself, run as a user runs it, on small scenarios that are made
//! in folders of their own.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "tests"
)]

mod amendments;
mod bad_input;
mod case_log;
mod check;
mod cli;
mod examples;
mod logs;
mod monpoly;
mod pledges;
mod publications;
mod run;
mod schema;
mod screens;
mod states;
