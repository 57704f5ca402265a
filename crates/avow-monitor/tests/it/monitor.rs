//! The promises of the monitor.

mod amendments;
mod boundaries;
mod crowds;
mod differences;
mod documents;
mod explained;
mod instants;
mod publications;
pub(crate) mod random_case;
pub(crate) mod random_log;
mod random_rule;
mod runs;
mod scenes;
mod shown;
mod shuffles;
mod sql_oracle;
mod states;
mod stories;
mod told;
mod twin_agreement;
mod twin_alone;
