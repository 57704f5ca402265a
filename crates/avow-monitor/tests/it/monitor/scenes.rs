//! A scene for each rule: promises as firms and laws make them, and logs on
//! which some are kept and some are not. Told as in `told`.

use super::told::check;

#[test]
fn data_of_a_country_stays_there() {
    let home = r#"
        when = "subject_country = 'CN'"
        never = "action IN ('copy', 'transfer') AND to_place <> 'CN'"
    "#;
    let log = "
        2026-03-01T08:00:00Z copy subject_country=CN to_place=CN
        2026-03-01T09:00:00Z copy subject_country=DE to_place=US
        2026-03-01T10:00:00Z transfer subject_country=CN
        2026-03-01T11:00:00Z transfer subject_country=CN to_place=US
        2026-03-01T12:00:00Z use subject_country=CN
    ";
    check(home, log, "0:holds 2:undetermined 3:fails 4:holds breached");
}

#[test]
fn what_is_stored_is_encrypted() {
    let encrypted = r#"
        when = "action = 'store'"
        always = "encrypted"
    "#;
    let log = "
        2026-03-01T08:00:00Z store encrypted=true
        2026-03-01T09:00:00Z store
        2026-03-01T10:00:00Z use encrypted=false
    ";
    check(encrypted, log, "0:holds 1:undetermined unknown");
}

#[test]
fn nobody_opens_a_record_without_a_fresh_approval_by_somebody_else() {
    let four_eyes = r#"
        when = "action = 'access'"
        only_after = "action = 'approve'"
        until = "action = 'revoke'"
        within = "PT8H"
        where = "that.actor <> this.actor"
        same = ["case_id"]
    "#;
    let log = "
        2026-03-01T08:00:00Z approve case_id=1 actor=anna
        2026-03-01T08:30:00Z access  case_id=1 actor=anna
        2026-03-01T09:00:00Z access  case_id=1 actor=bert
        2026-03-01T16:00:00Z access  case_id=1 actor=bert
        2026-03-01T16:00:00.000001Z access case_id=1 actor=bert
        2026-03-01T17:00:00Z approve case_id=2 actor=anna
        2026-03-01T17:10:00Z revoke  case_id=2
        2026-03-01T17:20:00Z access  case_id=2 actor=bert
        2026-03-01T17:30:00Z access  case_id=3 actor=bert
        2026-03-01T18:00:00Z approve case_id=4
        2026-03-01T18:01:00Z access  case_id=4 actor=bert
        2026-03-01T19:00:00Z use
    ";
    check(
        four_eyes,
        log,
        "1:not_permitted 2:permitted(0) 3:permitted(0) 4:expired(0) 7:permission_ended(6) \
         8:not_permitted 10:maybe_permitted(9) breached",
    );
}

#[test]
fn what_a_court_wants_kept_is_erased_when_the_court_is_done() {
    let erasure = r#"
        when = "action = 'request'"
        then = "action = 'erase'"
        within = "P30D"
        paused_by = "action = 'hold'"
        resumed_by = "action = 'release'"
        same = ["subject"]
    "#;
    // Ten days were left when the court had it held.
    let log = "
        2026-01-01T00:00:00Z request subject=ann
        2026-01-01T00:00:00Z request subject=bob
        2026-01-21T00:00:00Z hold    subject=ann
        2026-01-31T00:00:00Z erase   subject=bob
        2026-06-01T00:00:00Z release subject=ann
        2026-06-11T00:00:00Z erase   subject=ann
        2026-06-12T00:00:00Z use
    ";
    check(
        erasure,
        log,
        "0:done(5)@2026-06-11T00:00:00 1:done(3)@2026-01-31T00:00:00 kept",
    );
    let log = log.replace("06-11T00:00:00Z erase", "06-11T00:00:00.000001Z erase");
    check(
        erasure,
        &log,
        "0:not_done@2026-06-11T00:00:00 1:done(3)@2026-01-31T00:00:00 breached",
    );
}

#[test]
fn whoever_got_the_data_is_told_that_it_was_erased() {
    let told = r#"
        when = "action = 'erase'"
        then = "action = 'notify'"
        for_each = "action = 'disclose'"
        each = ["system"]
        within = "P1M"
        same = ["subject"]
    "#;
    let log = "
        2026-01-10T00:00:00Z disclose subject=ann system=mail
        2026-01-11T00:00:00Z disclose subject=ann system=bank
        2026-01-12T00:00:00Z disclose subject=bob system=shop
        2026-01-13T00:00:00Z disclose subject=ann system=mail
        2026-01-31T00:00:00Z erase    subject=ann
        2026-02-28T00:00:00Z notify   subject=ann system=mail
        2026-03-01T00:00:00Z notify   subject=ann system=bank
    ";
    check(
        told,
        log,
        "4/0:done(5)@2026-02-28T00:00:00 4/1:not_done@2026-02-28T00:00:00 breached",
    );
}

#[test]
fn a_leak_of_what_nobody_can_read_need_not_be_notified() {
    let notice = r#"
        when = "action = 'incident'"
        then = "action = 'notify'"
        already = "action = 'configure' AND encrypted"
        within = "PT72H"
        same = ["system"]
    "#;
    let log = "
        2026-01-01T00:00:00Z configure system=vault encrypted=true
        2026-01-01T00:00:00Z configure system=shop encrypted=false
        2026-01-01T00:00:00Z configure system=mail
        2026-02-01T00:00:00Z incident system=vault
        2026-02-01T00:00:00Z incident system=shop
        2026-02-01T00:00:00Z incident system=mail
        2026-02-04T00:00:00Z notify system=web
        2026-02-05T00:00:00Z use
    ";
    check(
        notice,
        log,
        "3:already(0)@2026-02-04T00:00:00 4:not_done@2026-02-04T00:00:00 \
         5:maybe_done(2)@2026-02-04T00:00:00 breached",
    );
}

#[test]
fn an_answer_is_due_when_the_case_says_so() {
    let answer = r#"
        when = "action = 'request'"
        then = "action = 'inform'"
        unless = "action = 'withdraw'"
        deadline = "due"
        where = "that.actor = this.actor"
        same = ["case_id"]
    "#;
    let log = "
        2026-03-01T00:00:00Z request  case_id=1 actor=desk due=2026-03-08T00:00:00Z
        2026-03-01T00:00:00Z request  case_id=2 actor=desk due=2026-03-05T00:00:00Z
        2026-03-01T00:00:00Z request  case_id=3 actor=desk due=2026-03-05T00:00:00Z
        2026-03-01T00:00:00Z request  case_id=4 actor=desk
        2026-03-02T00:00:00Z withdraw case_id=3
        2026-03-03T00:00:00Z inform   case_id=2 actor=other
        2026-03-08T00:00:00Z inform   case_id=1 actor=desk
        2026-03-09T00:00:00Z use
    ";
    check(
        answer,
        log,
        "0:done(6)@2026-03-08T00:00:00 1:not_done@2026-03-05T00:00:00 \
         2:lifted(4)@2026-03-05T00:00:00 3:no_deadline breached",
    );
}

#[test]
fn each_region_is_audited_every_year_and_29_february_is_a_day_like_others() {
    let audits = r#"
        from = 2028-02-29T00:00:00Z
        every = "P1Y"
        happens = "action = 'assess'"
        members = ["CN", "DE"]
        same = ["place"]
    "#;
    let log = "
        2028-03-01T00:00:00Z store
        2029-02-28T00:00:00Z assess place=CN
        2029-02-28T00:00:00.000001Z assess place=DE
        2029-06-01T00:00:00Z assess place=US
        2030-02-28T00:00:00Z assess place=CN
        2030-02-28T00:00:00Z assess place=DE
        2030-03-01T00:00:00Z store
    ";
    check(
        audits,
        log,
        "0/0:done(1)@2029-02-28T00:00:00 0/1:not_done@2029-02-28T00:00:00 \
         1:done(4)@2030-02-28T00:00:00 2:done(5)@2030-02-28T00:00:00.000001Z \
         4:waiting@2031-02-28T00:00:00 5:waiting@2031-02-28T00:00:00 breached",
    );
}

#[test]
fn every_system_on_the_register_is_assessed_each_quarter() {
    let quarterly = r#"
        every = "P3M"
        happens = "action = 'assess'"
        when = "action = 'configure'"
        until = "action = 'erase'"
        same = ["system"]
    "#;
    // One was there before the promise, one came and one went.
    let log = "
        2025-11-30T00:00:00Z configure system=old
        2026-01-15T00:00:00Z configure system=new
        2026-02-01T00:00:00Z assess system=elsewhere
        2026-04-01T00:00:00Z assess system=old
        2026-04-16T00:00:00Z assess system=new
        2026-05-01T00:00:00Z erase system=old
        2026-07-17T00:00:00Z use
    ";
    check(
        quarterly,
        log,
        "0:done(3)@2026-04-01T00:00:00 1:not_done@2026-04-15T00:00:00 \
         3:lifted(5)@2026-07-01T00:00:00 4:not_done@2026-07-16T00:00:00 breached",
    );
}

#[test]
fn after_three_failures_within_an_hour_nobody_may_try_again() {
    let tries = r#"
        at_most = 3
        happens = "action = 'login' AND outcome = 'failure'"
        within = "PT1H"
        same = ["actor"]
    "#;
    let log = "
        2026-03-01T08:00:00Z login actor=mallory outcome=failure
        2026-03-01T08:20:00Z login actor=mallory outcome=failure
        2026-03-01T08:30:00Z login actor=alice outcome=failure
        2026-03-01T08:40:00Z login actor=mallory outcome=failure
        2026-03-01T08:59:59Z login actor=mallory outcome=failure
        2026-03-01T09:20:00Z login actor=mallory outcome=success
        2026-03-01T09:40:00Z login actor=mallory
        2026-03-01T09:50:00Z login actor=mallory outcome=failure
        2026-03-01T10:00:00Z use
    ";
    check(
        tries,
        log,
        // Three of those that were within the limit are shown.
        "0:within_limit 1:within_limit 2:within_limit 4:too_many(0) 6:undetermined breached",
    );
}

#[test]
fn a_record_is_kept_for_half_a_year_by_whoever_made_it() {
    let kept = r#"
        when = "action = 'store'"
        lasts = "P6M"
        ends = "action IN ('erase', 'anonymise')"
        where = "that.system = this.system"
        same = ["object"]
    "#;
    // A copy elsewhere may go; nobody knows which one went in between.
    let log = "
        2026-01-31T00:00:00Z store object=a system=main
        2026-01-31T00:00:00Z store object=b system=main
        2026-01-31T00:00:00Z store object=c system=main
        2026-02-01T00:00:00Z erase object=a system=copy
        2026-03-01T00:00:00Z erase object=b
        2026-07-30T23:59:59.999999Z anonymise object=c system=main
        2026-07-31T00:00:00Z erase object=a system=main
        2026-08-01T00:00:00Z use
    ";
    check(
        kept,
        log,
        "0:lasted@2026-07-31T00:00:00 1:maybe_ended(4)@2026-07-31T00:00:00 \
         2:ended(5)@2026-07-30T23:59:59.999999Z breached",
    );
}
