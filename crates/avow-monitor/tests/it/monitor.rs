//! The promises of the monitor.

mod random_log;
mod twin_agreement;
