//! The pledge language and the temporal monitor: events in, verdicts out.
//!
//! Pure: no files, sockets, clock, randomness or threads. A verdict is a
//! function of the pledge's text, the place table and the leaves, and of
//! nothing else. The semantics are specified in `docs/spec/pledge.md`.

mod amendment;
mod ast;
mod clock;
mod columns;
mod coverage;
mod coverage_gap;
mod coverage_sequence;
mod coverage_silence;
mod coverage_state;
mod diagnostic;
mod dictionary;
mod duration;
mod eval;
mod eval_compile;
mod eval_truth;
pub mod explain;
mod machine;
mod machine_at_most;
mod machine_before;
mod machine_duties;
mod machine_duties_answer;
mod machine_duties_arise;
mod machine_duties_state;
mod machine_fact;
mod machine_gaps;
mod machine_general_names;
mod machine_hold;
mod machine_key;
mod machine_key_names;
mod machine_known;
mod machine_open;
mod machine_openers;
mod machine_pair;
mod machine_past;
mod machine_permits;
mod machine_register;
mod machine_state;
mod machine_within;
mod messages;
pub mod mfotl;
mod mfotl_formula;
mod mfotl_log;
mod mfotl_pair;
mod mfotl_predicate;
mod mfotl_rule;
mod monitor;
mod monitor_condition;
mod monitor_examples;
mod monitor_frame;
mod monitor_general;
mod monitor_general_rule;
mod monitor_general_state;
mod monitor_migration;
mod monitor_rule;
mod monitor_rule_machine;
mod monitor_rule_state;
mod monitor_shown;
mod monitor_shown_at_most;
mod monitor_shown_before;
mod monitor_shown_case;
mod monitor_shown_duty;
mod monitor_state;
mod pattern;
mod pledge;
mod pledge_advice;
mod pledge_example;
pub mod pledge_keys;
mod pledge_lint;
mod pledge_pattern;
mod pledge_spelling;
mod pledge_string;
mod pledge_table;
mod pledge_value;
mod predicate;
mod predicate_comparison;
mod predicate_display;
mod predicate_lexer;
mod predicate_pair;
mod predicate_parser;
mod predicate_reach;
mod predicate_scalar;
mod predicate_term;
mod predicate_types;
mod publication;
mod report;
mod report_json;
mod report_parse;
mod roll_up;
pub mod sql;
mod sql_answers;
mod sql_before;
mod sql_calendar;
mod sql_count;
mod sql_duty;
mod sql_each;
mod sql_every;
mod sql_load;
mod sql_pause;
mod sql_predicate;
mod sql_statement;
mod state_bytes;

pub use amendment::{Aspect, Difference, differences};
pub use ast::{
    Commitment, Comparison, Deadline, Duration, Example, ExampleEvent, ForEach, Literal, Operand,
    PairCondition, Pattern, Pause, Pledge, Predicate, Register, Side, Silence, SourceDeclaration,
    SourcePattern, Texts,
};
pub use columns::Columns;
pub use coverage_gap::GapKind;
pub use diagnostic::{Diagnostic, Severity};
pub use dictionary::{Dictionary, NULL_CODE};
pub use eval::CompiledPredicate;
pub use eval_truth::TruthColumn;
pub use messages::Language;
pub use monitor::{BATCH_ROWS, Monitor};
pub use monitor_examples::{ExampleFailure, run_examples};
pub use monitor_migration::Migration;
pub use monitor_shown::{Mismatch, Shown, check_shown, named_leaves};
pub use monitor_state::{SavedState, StateError};
pub use pledge::PLEDGE_BYTES_MAX;
pub use pledge_lint::warnings;
pub use predicate_pair::eval_pair;
pub use predicate_scalar::eval_event;
pub use publication::{PUBLISHER, Published, publication, published_digest};
pub use report::{
    CommitmentReport, Counts, GAPS_SHOWN_MAX, Gap, INSTANCES_SHOWN_MAX, Instance, KEPT_SHOWN_MAX,
    PlacesName, PledgeName, Reason, Report, SourceCoverage, TreeName, Verdict,
};
pub use report_json::{REPORT_BYTES_MAX, ReportError};
pub use roll_up::RollUp;
pub use sql_predicate::sql_column;
