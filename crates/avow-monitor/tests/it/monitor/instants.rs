//! Exactly at the instant and one microsecond beside it, for every rule and
//! key; and events of one instant, which come in the order of their leaves.
//!
//! A log is told as in `told`; evidence may come 10 microseconds late.

use super::told::check;

const AGED: &str = r#"
    when = "action = 'use'"
    only_after = "action = 'consent'"
    until = "action = 'withdraw'"
    within = "PT0.0001S"
    same = ["subject"]
"#;

#[test]
fn a_permission_is_good_for_its_length_and_not_a_microsecond_longer() {
    check(AGED, "0 consent\n100 use\n110 store", "1:permitted(0) kept");
    check(
        AGED,
        "0 consent\n101 use\n111 store",
        "1:expired(0) breached",
    );
    // Judged when the delay has passed, and not before.
    check(AGED, "0 consent\n101 use\n110 store", "1:waiting pending");
    // One that came at the same instant, by a leaf before and behind it.
    check(AGED, "5 consent\n5 use\n15 store", "1:permitted(0) kept");
    check(
        AGED,
        "5 use\n5 consent\n15 store",
        "0:not_permitted breached",
    );
}

#[test]
fn what_was_too_old_is_told_only_if_nothing_ended_it() {
    check(
        AGED,
        "0 consent\n50 withdraw\n151 use\n161 store",
        "2:permission_ended(1) breached",
    );
    check(
        AGED,
        "0 withdraw\n1 consent\n102 use\n112 store",
        "2:expired(1) breached",
    );
}

#[test]
fn a_gap_counts_as_far_back_as_a_permission_is_good() {
    // The gap is told at once. It ends where a consent would still be good.
    check(
        AGED,
        "0 gap due=20\n50 store\n120 use\n130 store",
        "2:gap unknown",
    );
    check(
        AGED,
        "0 gap due=19\n50 store\n120 use\n130 store",
        "2:not_permitted breached",
    );
}

#[test]
fn a_gap_hides_nothing_where_the_last_word_came_at_the_very_instant() {
    for keys in [AGED, &AGED.replace("within = \"PT0.0001S\"", "")] {
        check(
            keys,
            "0 consent\n3 gap due=20\n5 withdraw\n5 use\n15 store",
            "3:permission_ended(2) breached",
        );
        check(
            keys,
            "0 consent\n3 gap due=20\n4 withdraw\n5 use\n15 store",
            "3:gap(2) unknown",
        );
        check(
            keys,
            "3 gap due=20\n5 consent\n5 use\n15 store",
            "2:permitted(1) unknown",
        );
        check(
            keys,
            "3 gap due=20\n4 consent\n5 use\n15 store",
            "2:gap(1) unknown",
        );
    }
}

const FOUR_EYES: &str = r#"
    when = "action = 'access'"
    only_after = "action = 'approve'"
    where = "that.actor <> this.actor AND that.quantity >= this.quantity + 1"
    same = ["subject"]
"#;

#[test]
fn a_condition_on_two_events_is_met_exactly() {
    let log =
        |approved: &str, used: &str| format!("0 approve {approved}\n1 access {used}\n11 store");
    check(
        FOUR_EYES,
        &log("actor=a quantity=4", "actor=b quantity=3"),
        "1:permitted(0) kept",
    );
    check(
        FOUR_EYES,
        &log("actor=a quantity=3", "actor=b quantity=3"),
        "1:not_permitted breached",
    );
    check(
        FOUR_EYES,
        &log("actor=a quantity=4", "actor=a quantity=3"),
        "1:not_permitted breached",
    );
    // Nobody knows who approved; false is false whatever is not known.
    check(
        FOUR_EYES,
        &log("quantity=4", "actor=a quantity=3"),
        "1:maybe_permitted(0) unknown",
    );
    check(
        FOUR_EYES,
        &log("quantity=3", "actor=a quantity=3"),
        "1:not_permitted breached",
    );
}

const BY_FIELD: &str = r#"
    when = "action = 'request'"
    then = "action = 'erase'"
    deadline = "due"
    same = ["subject"]
"#;

#[test]
fn a_deadline_from_a_field_is_met_to_the_microsecond() {
    check(BY_FIELD, "0 request due=7\n7 erase", "0:done(1)@7 kept");
    check(
        BY_FIELD,
        "0 request due=7\n8 erase\n18 store",
        "0:not_done@7 breached",
    );
    check(
        BY_FIELD,
        "0 request due=7\n8 erase\n17 store",
        "0:waiting@7 pending",
    );
    check(BY_FIELD, "0 request\n1 erase", "0:no_deadline unknown");
    // Due at once: what comes at the same instant, behind it.
    check(BY_FIELD, "5 request due=5\n5 erase", "0:done(1)@5 kept");
    check(
        BY_FIELD,
        "5 erase\n5 request due=5\n16 store",
        "1:not_done@5 breached",
    );
}

#[test]
fn a_duty_that_was_due_before_it_arose_waits_for_the_delay_all_the_same() {
    check(
        BY_FIELD,
        "50 request due=7\n59 store",
        "0:waiting@7 pending",
    );
    check(
        BY_FIELD,
        "50 request due=7\n60 store",
        "0:not_done@7 breached",
    );
    // So does a gap that is told meanwhile.
    check(
        BY_FIELD,
        "50 request due=7\n3 gap due=60 logged=59\n60 store",
        "0:gap@7 unknown",
    );
    check(
        BY_FIELD,
        "50 request due=7\n60 store\n3 gap due=60 logged=60",
        "0:not_done@7 breached",
    );
    // Nothing after it can do it.
    check(
        BY_FIELD,
        "50 request due=49\n50 erase\n60 store",
        "0:not_done@49 breached",
    );
}

#[test]
fn a_month_ends_with_the_month() {
    let monthly = r#"
        when = "action = 'request'"
        then = "action = 'erase'"
        within = "P1M"
        same = ["subject"]
    "#;
    check(
        monthly,
        "2028-01-31T10:00:00Z request\n2028-02-29T10:00:00Z erase",
        "0:done(1)@2028-02-29T10:00:00 kept",
    );
    check(
        monthly,
        "2028-01-31T10:00:00Z request\n2028-02-29T10:00:00.000001Z erase\n2028-03-01T00:00:00Z store",
        "0:not_done@2028-02-29T10:00:00 breached",
    );
    // The later duty of two is due at the same time, or before.
    check(
        monthly,
        "2027-01-30T10:00:00Z request\n2027-01-31T09:00:00Z request\n2027-02-28T09:30:00Z erase\n2027-03-01T00:00:00Z store",
        "0:done(2)@2027-02-28T10:00:00 1:not_done@2027-02-28T09:00:00 breached",
    );
    let yearly = monthly.replace("P1M", "P1Y");
    check(
        &yearly,
        "2028-02-29T00:00:00Z request\n2029-02-28T00:00:00Z erase",
        "0:done(1)@2029-02-28T00:00:00 kept",
    );
}

const ALREADY: &str = r#"
    when = "action = 'request'"
    then = "action = 'erase'"
    already = "action = 'anonymise'"
    within = "PT0.0001S"
    same = ["subject"]
"#;

#[test]
fn what_was_there_before_leaves_nothing_to_do() {
    let log = "5 anonymise\n5 request";
    check(
        ALREADY,
        &format!("{log}\n14 store"),
        "1:waiting@105 pending",
    );
    check(
        ALREADY,
        &format!("{log}\n15 store"),
        "1:already(0)@105 kept",
    );
    // By a leaf behind it, it is no answer and no reason to do nothing.
    check(
        ALREADY,
        "5 request\n5 anonymise\n116 store",
        "0:not_done@105 breached",
    );
    // What is done at once waits, too: the other may still come.
    let log = "5 request\n6 erase\n14 store";
    check(ALREADY, log, "0:waiting@105 pending");
    check(ALREADY, &format!("{log}\n15 store"), "0:done(1)@105 kept");
    check(
        ALREADY,
        &format!("{log}\n4 anonymise logged=14\n15 store"),
        "0:already(3)@105 kept",
    );
}

const FOR_EACH: &str = r#"
    when = "action = 'withdraw'"
    then = "action = 'notify'"
    for_each = "action = 'disclose'"
    each = ["system"]
    within = "PT0.0001S"
    same = ["subject"]
"#;

#[test]
fn there_is_a_duty_for_each_that_came_before_and_for_no_other() {
    let log = "0 disclose system=x\n1 disclose system=y\n2 disclose system=x\n5 disclose system=z\n5 withdraw\n5 disclose system=w";
    check(
        FOR_EACH,
        &format!("{log}\n14 store"),
        "4:waiting@105 pending",
    );
    let known = format!("{log}\n15 store");
    check(
        FOR_EACH,
        &known,
        "4/0:waiting@105 4/1:waiting@105 4/3:waiting@105 pending",
    );
    check(
        FOR_EACH,
        &format!("{known}\n105 notify system=x\n105 notify\n106 notify system=y\n116 store"),
        "4/0:done(7)@105 4/1:maybe_done(8)@105 4/3:maybe_done(8)@105 unknown",
    );
    check(
        FOR_EACH,
        &format!("{known}\n105 notify system=x\n106 notify system=y\n116 store"),
        "4/0:done(7)@105 4/1:not_done@105 4/3:not_done@105 breached",
    );
    // Nobody to tell.
    check(FOR_EACH, "5 withdraw\n15 store", "unknown");
    check(
        FOR_EACH,
        "0 disclose\n5 withdraw\n15 store",
        "1:maybe_each(0)@105 unknown",
    );
}

const PAUSED: &str = r#"
    when = "action = 'request'"
    then = "action = 'erase'"
    within = "PT0.0001S"
    paused_by = "action = 'hold'"
    resumed_by = "action = 'release'"
    same = ["subject"]
"#;

#[test]
fn a_clock_that_stood_still_goes_on_where_it_stopped() {
    // Held from 60 to 90: 30 more.
    let log = "0 request\n60 hold\n90 release";
    check(
        PAUSED,
        &format!("{log}\n130 erase\n140 store"),
        "0:done(3)@130 kept",
    );
    check(
        PAUSED,
        &format!("{log}\n130 erase\n139 store"),
        "0:waiting@100 pending",
    );
    check(
        PAUSED,
        &format!("{log}\n131 erase\n141 store"),
        "0:not_done@130 breached",
    );
    check(
        PAUSED,
        &format!("{log}\n131 erase\n140 store"),
        "0:waiting@100 pending",
    );
    // By the deadline without the hold nothing rests on it.
    check(PAUSED, &format!("{log}\n100 erase"), "0:done(3)@100 kept");
}

#[test]
fn a_hold_that_begins_at_the_deadline_still_stops_the_clock() {
    check(
        PAUSED,
        "0 request\n100 hold\n150 release\n150 erase\n160 store",
        "0:done(3)@150 kept",
    );
    check(
        PAUSED,
        "0 request\n101 hold\n150 release\n150 erase\n160 store",
        "0:not_done@100 breached",
    );
    // Held for good, it is never due.
    check(
        PAUSED,
        "0 request\n100 hold\n9000 store",
        "0:waiting@100 pending",
    );
    // Held when it arose, or from that very instant on.
    for first in ["0 hold\n5 request", "5 request\n5 hold"] {
        let log = format!("{first}\n50 release");
        let trigger = usize::from(first.starts_with('0'));
        check(
            PAUSED,
            &format!("{log}\n150 erase\n160 store"),
            &format!("{trigger}:done(3)@150 kept"),
        );
        check(
            PAUSED,
            &format!("{log}\n151 erase\n161 store"),
            &format!("{trigger}:not_done@150 breached"),
        );
    }
}

#[test]
fn of_two_of_one_instant_the_later_leaf_says_whether_it_is_held() {
    check(
        PAUSED,
        "0 request\n60 release\n60 hold\n9000 store",
        "0:waiting@100 pending",
    );
    check(
        PAUSED,
        "0 request\n60 hold\n60 release\n111 store",
        "0:not_done@100 breached",
    );
}

#[test]
fn what_rests_on_a_hold_is_unknown_where_the_hold_is_in_doubt() {
    // Somebody's clock went on at 70.
    let log = "0 request\n60 hold\n70 release subject=-\n90 release";
    check(
        PAUSED,
        &format!("{log}\n130 erase\n140 store"),
        "0:maybe_held(2)@130 unknown",
    );
    check(
        PAUSED,
        &format!("{log}\n141 store"),
        "0:maybe_held(2)@130 unknown",
    );
    // A release that is told too late.
    check(
        PAUSED,
        "0 request\n60 hold\n90 store\n79 release logged=90\n130 erase\n140 store",
        "0:maybe_held(3)@130 3:late_end unknown",
    );
    check(
        PAUSED,
        "0 request\n60 hold\n90 store\n80 release logged=90\n120 erase\n130 store",
        "0:done(4)@120 kept",
    );
}

#[test]
fn no_hold_moves_a_deadline_from_before_the_duty() {
    let by_field = PAUSED.replace("within = \"PT0.0001S\"", "deadline = \"due\"");
    for log in [
        "5 hold\n50 request due=7\n60 store",
        "30 release subject=-\n50 request due=7\n60 store",
        "0 hold\n5 release\n50 request due=7\n50 erase\n60 store",
    ] {
        let trigger = log.lines().position(|line| line.contains("request"));
        let expected = format!("{}:not_done@7 breached", trigger.unwrap());
        check(&by_field, log, &expected);
    }
    // Due when it arose, it is held at that very instant.
    check(
        &by_field,
        "5 hold\n50 request due=50\n70 release\n70 erase\n80 store",
        "1:done(3)@70 kept",
    );
}

const YEARLY: &str = r#"
    every = "PT0.0001S"
    happens = "action = 'assess'"
    same = []
"#;

#[test]
fn what_has_to_happen_again_and_again_begins_with_the_promise() {
    check(
        YEARLY,
        "-1 store\n100 assess",
        "1/0:done(1)@100 1:waiting@200 kept",
    );
    check(
        YEARLY,
        "0 store\n101 assess\n111 store",
        "0/0:not_done@100 1:waiting@201 breached",
    );
    // Nothing from before, and everything from the first instant on.
    check(
        YEARLY,
        "-1 assess\n0 store\n111 store",
        "1/0:not_done@100 breached",
    );
    check(
        YEARLY,
        "0 assess\n111 store",
        "0:not_done@100 0/0:done(0)@100 breached",
    );
    check(
        YEARLY,
        "0 assess\n100 assess\n150 store",
        "0:done(1)@100 0/0:done(0)@100 1:waiting@200 kept",
    );
}

#[test]
fn a_period_that_ends_with_the_promise_is_no_duty() {
    let until = |to: &str| format!("to = {to}\n{YEARLY}");
    let log = "0 store\n111 store";
    check(
        &until("2026-01-01T00:00:00.000101Z"),
        log,
        "0/0:not_done@100 breached",
    );
    check(&until("2026-01-01T00:00:00.000100Z"), log, "unknown");
}

#[test]
fn each_member_has_its_own_clock() {
    let members = r#"
        every = "PT0.0001S"
        happens = "action = 'assess'"
        members = ["cn", "eu"]
        same = ["system"]
    "#;
    check(
        members,
        "0 store\n100 assess system=cn\n101 assess system=eu\n102 assess system=us\n112 store",
        "0/0:done(1)@100 0/1:not_done@100 1:waiting@200 2:waiting@201 breached",
    );
    check(
        members,
        "0 store\n100 assess\n111 store",
        "0/0:maybe_done(1)@100 0/1:maybe_done(1)@100 1:no_key@200 unknown",
    );
}

const REGISTER: &str = r#"
    every = "PT0.0001S"
    happens = "action = 'assess'"
    when = "action = 'configure'"
    until = "action = 'erase'"
    same = ["system"]
"#;

#[test]
fn a_key_has_periods_from_its_entry_until_it_is_struck_off() {
    check(
        REGISTER,
        "5 configure system=x\n105 assess system=x\n205 erase system=x\n215 store",
        "0:done(1)@105 1:lifted(2)@205 kept",
    );
    check(
        REGISTER,
        "5 configure system=x\n105 assess system=x\n206 erase system=x\n216 store",
        "0:done(1)@105 1:not_done@205 breached",
    );
    // Off the register nothing is due, from the same instant on.
    check(
        REGISTER,
        "5 configure system=x\n50 erase system=x\n50 assess system=x\n200 store",
        "0:lifted(1)@105 kept",
    );
    check(
        REGISTER,
        "5 configure system=x\n50 assess system=x\n50 erase system=x\n200 store",
        "0:done(1)@105 1:lifted(2)@150 kept",
    );
}

#[test]
fn what_strikes_its_own_key_off_begins_no_period() {
    let last = REGISTER.replace("action = 'erase'", "action = 'assess' AND purpose = 'last'");
    let log =
        |purpose: &str| format!("5 configure system=x\n50 assess system=x {purpose}\n60 store");
    check(&last, &log("purpose=last"), "0:done(1)@105 kept");
    check(
        &last,
        &log("purpose=usual"),
        "0:done(1)@105 1:waiting@150 kept",
    );
    check(&last, &log(""), "0:done(1)@105 1:undetermined@150 unknown");
}

#[test]
fn who_is_on_the_register_when_the_promise_begins_has_a_period_from_then_on() {
    let log = "-50 configure system=x";
    check(REGISTER, &format!("{log}\n9 store"), "unknown");
    check(
        REGISTER,
        &format!("{log}\n10 store"),
        "0:waiting@100 pending",
    );
    check(
        REGISTER,
        &format!("{log}\n100 assess system=x\n110 store"),
        "0:done(1)@100 1:waiting@200 kept",
    );
    check(
        REGISTER,
        &format!("{log}\n-1 erase system=x\n10 store"),
        "unknown",
    );
    check(
        REGISTER,
        &format!("{log}\n0 erase system=x\n10 store"),
        "0:lifted(1)@100 kept",
    );
    // Entered at that very instant, it is an entry like any other.
    check(
        REGISTER,
        "0 configure system=x\n10 store",
        "0:waiting@100 pending",
    );
    check(
        REGISTER,
        &format!("{log}\n-5 erase\n10 store"),
        "0:undetermined@100 unknown",
    );
    check(REGISTER, "-50 configure\n10 store", "0:no_key@100 unknown");
}

const LIMIT: &str = r#"
    at_most = 2
    happens = "action = 'login'"
    within = "PT0.0001S"
    same = ["subject"]
"#;

#[test]
fn what_is_as_old_as_the_window_no_longer_counts() {
    check(
        LIMIT,
        "0 login\n50 login\n100 login\n110 store",
        "0:within_limit 1:within_limit 2:within_limit kept",
    );
    check(
        LIMIT,
        "0 login\n50 login\n99 login\n109 store",
        "0:within_limit 1:within_limit 2:too_many(0) breached",
    );
    check(
        LIMIT,
        "0 login\n50 login\n99 login\n108 store",
        "0:within_limit 1:within_limit 2:waiting pending",
    );
    // The third of one instant is one too many, by its leaf.
    check(
        LIMIT,
        "5 login\n5 login\n5 login\n15 store",
        "0:within_limit 1:within_limit 2:too_many(0) breached",
    );
    // What came later and counts before it.
    check(
        LIMIT,
        "0 login\n15 login\n9 login logged=19\n70 store",
        "0:within_limit 1:too_many(0) 2:within_limit breached",
    );
}

#[test]
fn who_may_have_been_one_too_many_is_named() {
    check(
        LIMIT,
        "0 login\n10 login subject=-\n20 login\n40 store",
        "0:within_limit 1:no_key 2:maybe_too_many(1) unknown",
    );
    check(
        LIMIT,
        "0 login\n10 login subject=-\n110 login\n120 store",
        "0:within_limit 1:no_key 2:within_limit unknown",
    );
}

const LASTS: &str = r#"
    when = "action = 'store'"
    lasts = "PT0.0001S"
    ends = "action = 'erase'"
    same = ["subject"]
"#;

#[test]
fn what_has_to_last_may_end_at_its_end_and_not_a_microsecond_before() {
    check(LASTS, "0 store\n100 erase\n110 use", "0:lasted@100 kept");
    check(
        LASTS,
        "0 store\n100 erase\n109 use",
        "0:waiting@100 pending",
    );
    check(LASTS, "0 store\n99 erase", "0:ended(1)@99 breached");
    check(LASTS, "5 store\n5 erase", "0:ended(1)@5 breached");
    check(LASTS, "5 erase\n5 store\n115 use", "1:lasted@105 kept");
    // One end ends all that has begun.
    check(
        LASTS,
        "0 store\n50 store\n99 erase\n160 use",
        "0:ended(2)@99 1:ended(2)@99 breached",
    );
}

#[test]
fn an_end_that_is_told_late_counts_when_it_is_told() {
    check(
        LASTS,
        "0 store\n99 use\n50 erase logged=99",
        "0:ended(2)@99 2:late_end breached",
    );
    check(
        LASTS,
        "0 store\n100 use\n50 erase logged=100\n110 use",
        "0:lasted@100 2:late_end unknown",
    );
    // Of a time before the beginning, it may have been another's.
    check(
        LASTS,
        "0 use\n20 store\n40 use\n19 erase logged=40\n130 use",
        "1:maybe_ended(3)@120 3:late_end unknown",
    );
}

#[test]
fn a_promise_is_about_what_arises_from_its_first_instant_until_its_last() {
    for keys in [LASTS, LIMIT, AGED, BY_FIELD] {
        let during =
            format!("from = 2026-01-01T00:00:00.000005Z\nto = 2026-01-01T00:00:00.000008Z\n{keys}");
        for (time, is_instance) in [(4, false), (5, true), (7, true), (8, false)] {
            let log = format!("{time} use\n{time} login\n{time} request\n{time} store");
            let action = [
                ("use", AGED),
                ("login", LIMIT),
                ("request", BY_FIELD),
                ("store", LASTS),
            ]
            .iter()
            .position(|(_, of)| *of == keys)
            .unwrap();
            let reason = match (is_instance, keys) {
                (false, _) => String::new(),
                (true, BY_FIELD) => format!("{action}:no_deadline "),
                (true, LASTS) => format!("{action}:waiting@{} ", time + 100),
                (true, _) => format!("{action}:waiting "),
            };
            let verdict = match (is_instance, keys) {
                (true, AGED | LIMIT | LASTS) => "pending",
                _ => "unknown",
            };
            check(&during, &log, &format!("{reason}{verdict}"));
        }
    }
}

#[test]
fn a_late_end_of_a_time_after_the_promise_concerns_only_what_outlasts_it() {
    let until_7 = |keys: &str| format!("to = 2026-01-01T00:00:00.000007Z\n{keys}");
    let log = |end: i64| format!("0 consent\n1 use\n50 login\n{end} withdraw logged=50");
    check(&until_7(AGED), &log(6), "1:permitted(0) 3:late_end unknown");
    check(&until_7(AGED), &log(7), "1:permitted(0) kept");
    check(
        &until_7(LASTS),
        "0 store\n150 use\n50 erase logged=150",
        "0:lasted@100 2:late_end unknown",
    );
}
