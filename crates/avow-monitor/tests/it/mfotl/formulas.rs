//! What formulas and streams look like, and what is refused.

use avow_event::{Action, Event, Micros, Place, PlaceTable};
use avow_monitor::Pledge;
use avow_monitor::mfotl::{self, Refusal, StreamRefusal, TimePoints};
use expect_test::{Expect, expect};

fn pledge_of(rule: &str) -> Pledge {
    let text = format!(
        r#"
        [pledge]
        title = "T"
        by = "B"
        to = "C"
        from = 2026-01-01
        [[source]]
        name = "vault-*"
        delay = "PT2S"
        [[commitment]]
        id = "one"
        says = "Says one thing."
        sources = ["vault-*"]
        {rule}
        [[commitment.example]]
        kept = [{{ action = "use" }}]
        [[commitment.example]]
        breached = [{{ action = "use" }}]
        "#
    );
    Pledge::parse(&text, &PlaceTable::built_in()).unwrap()
}

fn formula(rule: &str) -> Result<String, Refusal> {
    mfotl::formula(&pledge_of(rule).commitments[0])
}

fn check(rule: &str, expected: Expect) {
    expected.assert_eq(&formula(rule).unwrap());
}

#[test]
fn never_is_the_event_itself_that_breaks_it() {
    check(
        r#"when = "action = 'store'"
        never = "subject_country = 'CN' AND place <> 'CN'""#,
        expect![[r##"
            # Says one thing.
            LET evidence() = ((EXISTS x. (source(x) AND ((x >= "vault-") AND (x < "vault.")))) AND (NOT action("heartbeat")) AND (NOT action("gap"))) IN
            (evidence() AND (EXISTS t. (time_us(t) AND (1767225600000000 <= t))) AND action("store") AND (subject_country("CN") AND (EXISTS x. (place(x) AND (NOT (x = "CN"))))))
        "##]],
    );
}

#[test]
fn always_is_broken_where_the_predicate_is_false_and_not_where_it_is_unknown() {
    check(
        r#"always = "NOT (mfa OR name LIKE 'Get%' OR quantity + 1 BETWEEN 2 AND bytes)""#,
        expect![[r##"
            # Says one thing.
            LET evidence() = ((EXISTS x. (source(x) AND ((x >= "vault-") AND (x < "vault.")))) AND (NOT action("heartbeat")) AND (NOT action("gap"))) IN
            (evidence() AND (EXISTS t. (time_us(t) AND (1767225600000000 <= t))) AND (mfa(1) OR (EXISTS x. (name(x) AND ((x >= "Get") AND (x < "Geu")))) OR ((EXISTS x. (quantity(x) AND ((x + 1) >= 2))) AND (EXISTS x, y. (quantity(x) AND bytes(y) AND ((x + 1) <= y))))))
        "##]],
    );
}

#[test]
fn a_permission_holds_since_it_was_given_and_nobody_ended_it() {
    check(
        r#"when = "action = 'use'"
        only_after = "action = 'consent'"
        until = "action = 'withdraw'"
        same = ["source"]"#,
        expect![[r##"
            # Says one thing.
            LET evidence() = ((EXISTS x. (source(x) AND ((x >= "vault-") AND (x < "vault.")))) AND (NOT action("heartbeat")) AND (NOT action("gap"))) IN
            LET trigger(k_source) = (evidence() AND (EXISTS t. (time_us(t) AND (1767225600000000 <= t))) AND action("use") AND source(k_source)) IN
            LET permits(k_source) = ((evidence() AND action("consent")) AND source(k_source)) IN
            LET forbids(k_source) = ((evidence() AND action("withdraw")) AND source(k_source)) IN
            (trigger(k_source) AND (NOT (PREVIOUS ((NOT forbids(k_source)) SINCE (permits(k_source) AND (NOT forbids(k_source)))))))
        "##]],
    );
}

#[test]
fn what_has_no_key_may_concern_everybody_and_so_nobody_is_breached_by_it() {
    check(
        r#"when = "action = 'use'"
        only_after = "action = 'consent'"
        until = "action = 'withdraw'"
        same = ["subject"]"#,
        expect![[r##"
            # Says one thing.
            LET evidence() = ((EXISTS x. (source(x) AND ((x >= "vault-") AND (x < "vault.")))) AND (NOT action("heartbeat")) AND (NOT action("gap"))) IN
            LET trigger(k_subject) = (evidence() AND (EXISTS t. (time_us(t) AND (1767225600000000 <= t))) AND action("use") AND subject(k_subject)) IN
            LET permits(k_subject) = ((evidence() AND action("consent")) AND subject(k_subject)) IN
            LET permits_somebody() = ((evidence() AND action("consent")) AND (NOT (EXISTS x. subject(x)))) IN
            LET forbids(k_subject) = ((evidence() AND action("withdraw")) AND subject(k_subject)) IN
            (trigger(k_subject) AND (NOT (PREVIOUS ((NOT forbids(k_subject)) SINCE (permits(k_subject) AND (NOT forbids(k_subject)))))) AND (NOT (EXISTS j. (trigger(k_subject) AND (PREVIOUS (ONCE (permits_somebody() AND pos(j)))) AND (NOT (EXISTS q. ((PREVIOUS (ONCE (forbids(k_subject) AND pos(q)))) AND (PREVIOUS (ONCE (permits_somebody() AND pos(j)))) AND (j <= q))))))))
        "##]],
    );
}

#[test]
fn a_permission_may_run_out_and_must_come_from_somebody_else() {
    check(
        r#"when = "action = 'use'"
        only_after = "action = 'approve'"
        within = "PT1H"
        where = "this.actor <> that.actor"
        same = []"#,
        expect![[r##"
            # Says one thing.
            LET evidence() = ((EXISTS x. (source(x) AND ((x >= "vault-") AND (x < "vault.")))) AND (NOT action("heartbeat")) AND (NOT action("gap"))) IN
            LET trigger() = (evidence() AND (EXISTS t. (time_us(t) AND (1767225600000000 <= t))) AND action("use")) IN
            LET permits() = (evidence() AND action("approve")) IN
            (trigger() AND (NOT (EXISTS s, t. (EXISTS here0, there0. (((PREVIOUS (ONCE[0,3600000000] ((permits() AND actor(there0)) AND time_us(s)))) AND time_us(t) AND (t <= (s + 3600000000))) AND actor(here0) AND (NOT (here0 = there0)))))) AND (NOT (EXISTS s, t. (((PREVIOUS (ONCE[0,3600000000] (permits() AND time_us(s)))) AND time_us(t) AND (t <= (s + 3600000000))) AND (NOT (EXISTS x. actor(x)))))) AND (NOT (EXISTS s, t. ((PREVIOUS (ONCE[0,3600000000] ((permits() AND (NOT (EXISTS x. actor(x)))) AND time_us(s)))) AND time_us(t) AND (t <= (s + 3600000000))))))
        "##]],
    );
}

#[test]
fn a_duty_is_breached_where_nothing_comes_in_its_window() {
    check(
        r#"when = "action = 'incident'"
        then = "action = 'notify'"
        unless = "name = 'false alarm'"
        within = "PT72H"
        same = ["source"]"#,
        expect![[r##"
            # Says one thing.
            LET evidence() = ((EXISTS x. (source(x) AND ((x >= "vault-") AND (x < "vault.")))) AND (NOT action("heartbeat")) AND (NOT action("gap"))) IN
            LET trigger(k_source) = (evidence() AND (EXISTS t. (time_us(t) AND (1767225600000000 <= t))) AND action("incident") AND source(k_source)) IN
            LET does(k_source) = ((evidence() AND action("notify")) AND source(k_source)) IN
            LET lifts(k_source) = ((evidence() AND (NOT (EXISTS x. (name(x) AND (NOT (x = "false alarm")))))) AND source(k_source)) IN
            (trigger(k_source) AND (NOT (EVENTUALLY[0,259200000000] does(k_source))) AND (NOT (EXISTS i, j. ((EVENTUALLY[0,259200000000] (lifts(k_source) AND pos(j))) AND pos(i) AND (NOT (i = j))))))
        "##]],
    );
}

#[test]
fn a_duty_for_each_thing_that_came_before_names_the_thing() {
    check(
        r#"when = "action = 'request'"
        then = "action = 'notify'"
        within = "P30D"
        for_each = "action = 'disclose'"
        each = ["system"]
        same = ["source"]"#,
        expect![[r##"
            # Says one thing.
            LET evidence() = ((EXISTS x. (source(x) AND ((x >= "vault-") AND (x < "vault.")))) AND (NOT action("heartbeat")) AND (NOT action("gap"))) IN
            LET trigger(k_source) = (evidence() AND (EXISTS t. (time_us(t) AND (1767225600000000 <= t))) AND action("request") AND source(k_source)) IN
            LET concerns(k_source, e_system) = ((evidence() AND action("disclose")) AND (source(k_source) AND system(e_system))) IN
            LET does(k_source, e_system) = ((evidence() AND action("notify")) AND (source(k_source) AND system(e_system))) IN
            LET does_somebody() = ((evidence() AND action("notify")) AND (NOT (EXISTS x. system(x)))) IN
            (trigger(k_source) AND (PREVIOUS (ONCE concerns(k_source, e_system))) AND (NOT (EVENTUALLY[0,2592000000000] does(k_source, e_system))) AND (NOT (EVENTUALLY[0,2592000000000] does_somebody())))
        "##]],
    );
}

#[test]
fn what_was_done_before_leaves_nothing_to_do() {
    check(
        r#"when = "action = 'collect'"
        then = "action = 'inform'"
        already = "action = 'inform'"
        within = "PT1S"
        same = []"#,
        expect![[r##"
            # Says one thing.
            LET evidence() = ((EXISTS x. (source(x) AND ((x >= "vault-") AND (x < "vault.")))) AND (NOT action("heartbeat")) AND (NOT action("gap"))) IN
            LET trigger() = (evidence() AND (EXISTS t. (time_us(t) AND (1767225600000000 <= t))) AND action("collect")) IN
            LET was_done() = (evidence() AND action("inform")) IN
            LET does() = (evidence() AND action("inform")) IN
            (trigger() AND (NOT (PREVIOUS (ONCE was_done()))) AND (NOT (EVENTUALLY[0,1000000] does())))
        "##]],
    );
}

#[test]
fn what_recurs_begins_at_a_time_point_of_its_own() {
    check(
        r#"every = "P1D"
        happens = "action = 'assess'"
        members = ["crm", "web"]
        to = 2027-01-01
        same = ["system"]"#,
        expect![[r##"
            # Says one thing.
            LET evidence() = ((EXISTS x. (source(x) AND ((x >= "vault-") AND (x < "vault.")))) AND (NOT action("heartbeat")) AND (NOT action("gap"))) IN
            LET member(k_system) = ((k_system = "crm") OR (k_system = "web")) IN
            LET trigger(k_system) = ((beginning(1767225600000000) AND member(k_system)) OR ((evidence() AND action("assess")) AND (EXISTS t. (time_us(t) AND (1767225600000000 <= t) AND (t < 1798675200000000))) AND system(k_system) AND member(k_system))) IN
            LET happens(k_system) = ((evidence() AND action("assess")) AND system(k_system)) IN
            LET happens_somebody() = ((evidence() AND action("assess")) AND (NOT (EXISTS x. system(x)))) IN
            (trigger(k_system) AND (NOT (EXISTS i, j. ((EVENTUALLY[0,86400000000] (happens(k_system) AND pos(j))) AND pos(i) AND (NOT (i = j))))) AND (NOT (EXISTS i, j. ((EVENTUALLY[0,86400000000] (happens_somebody() AND pos(j))) AND pos(i) AND (NOT (i = j))))))
        "##]],
    );
}

#[test]
fn what_recurs_for_a_register_needs_the_key_to_be_on_it() {
    check(
        r#"every = "P1D"
        happens = "action = 'assess'"
        when = "action = 'store'"
        until = "action = 'erase'"
        same = ["source"]"#,
        expect![[r##"
            # Says one thing.
            LET evidence() = ((EXISTS x. (source(x) AND ((x >= "vault-") AND (x < "vault.")))) AND (NOT action("heartbeat")) AND (NOT action("gap"))) IN
            LET enters(k_source) = ((evidence() AND action("store")) AND source(k_source)) IN
            LET leaves(k_source) = ((evidence() AND action("erase")) AND source(k_source)) IN
            LET trigger(k_source) = (((beginning(1767225600000000) AND ((NOT leaves(k_source)) SINCE (enters(k_source) AND (NOT leaves(k_source))))) OR ((evidence() AND action("store")) AND (EXISTS t. (time_us(t) AND (1767225600000000 <= t))) AND source(k_source))) OR ((evidence() AND action("assess")) AND (EXISTS t. (time_us(t) AND (1767225600000000 <= t))) AND (EXISTS x. (action(x) AND (NOT (x = "store")))) AND source(k_source) AND ((NOT leaves(k_source)) SINCE (enters(k_source) AND (NOT leaves(k_source)))))) IN
            LET happens(k_source) = ((evidence() AND action("assess")) AND source(k_source)) IN
            LET strikes(k_source) = ((evidence() AND action("erase")) AND source(k_source)) IN
            (trigger(k_source) AND (NOT (EXISTS i, j. ((EVENTUALLY[0,86400000000] (happens(k_source) AND pos(j))) AND pos(i) AND (NOT (i = j))))) AND (NOT (EXISTS i, j. ((EVENTUALLY[0,86400000000] (strikes(k_source) AND pos(j))) AND pos(i) AND (NOT (i = j))))))
        "##]],
    );
}

#[test]
fn too_many_are_counted() {
    check(
        r#"at_most = 3
        happens = "action = 'access'"
        within = "PT1H"
        same = ["actor"]"#,
        expect![[r##"
            # Says one thing.
            LET evidence() = ((EXISTS x. (source(x) AND ((x >= "vault-") AND (x < "vault.")))) AND (NOT action("heartbeat")) AND (NOT action("gap"))) IN
            LET trigger(k_actor) = (evidence() AND (EXISTS t. (time_us(t) AND (1767225600000000 <= t))) AND action("access") AND actor(k_actor)) IN
            LET counted(k_actor) = ((evidence() AND action("access")) AND actor(k_actor)) IN
            (trigger(k_actor) AND (EXISTS c. ((c <- CNT j;k_actor (ONCE[0,3600000000) (counted(k_actor) AND pos(j)))) AND (3 < c))))
        "##]],
    );
}

#[test]
fn what_has_to_last_is_breached_by_an_end() {
    check(
        r#"when = "action = 'hold'"
        lasts = "P1D"
        ends = "action = 'release'"
        same = ["source"]"#,
        expect![[r##"
            # Says one thing.
            LET evidence() = ((EXISTS x. (source(x) AND ((x >= "vault-") AND (x < "vault.")))) AND (NOT action("heartbeat")) AND (NOT action("gap"))) IN
            LET trigger(k_source) = (evidence() AND (EXISTS t. (time_us(t) AND (1767225600000000 <= t))) AND action("hold") AND source(k_source)) IN
            LET ended(k_source) = ((evidence() AND action("release")) AND source(k_source)) IN
            (trigger(k_source) AND (EVENTUALLY[0,86400000000) ended(k_source)))
        "##]],
    );
}

#[test]
fn what_mfotl_cannot_say_is_refused() {
    for (rule, refusal) in [
        (
            r#"when = "action = 'incident'"
            then = "action = 'notify'"
            within = "P1M"
            same = []"#,
            Refusal::Calendar,
        ),
        (
            r#"when = "action = 'incident'"
            then = "action = 'notify'"
            deadline = "due"
            same = []"#,
            Refusal::Deadline,
        ),
        (
            r#"when = "action = 'request'"
            then = "action = 'erase'"
            within = "P30D"
            paused_by = "action = 'hold'"
            resumed_by = "action = 'release'"
            same = ["subject"]"#,
            Refusal::Pause,
        ),
        (
            r#"never = '''purpose = 'the "real" one' '''"#,
            Refusal::QuotationMark,
        ),
        (
            r#"when = "action = 'use'"
            only_after = "action = 'approve'"
            where = """
                (this.actor = that.actor OR this.actor = that.object OR this.object = that.actor)
                AND (this.system = that.name OR this.name = that.system)
                AND (this.name = that.name OR this.purpose = that.basis)"""
            same = []"#,
            Refusal::Clauses,
        ),
    ] {
        assert_eq!(formula(rule), Err(refusal), "{rule}");
        assert!(!refusal.to_string().is_empty());
    }
}

fn event(seconds: i64, action: Action) -> Event {
    let time = Micros::parse("2026-01-01T00:00:00Z").unwrap();
    let time = time.saturating_add(seconds * 1_000_000);
    Event::new("vault-1", 1, time, action)
}

#[test]
fn a_stream_is_in_the_order_of_evidence_and_ends_at_the_clock() {
    let pledge = pledge_of(
        r#"every = "P1D"
        happens = "action = 'assess' AND (place = 'CN' OR mfa OR due > '2026-01-01T00:00:00Z' OR quantity > 1)"
        same = []"#,
    );
    let commitment = &pledge.commitments[0];
    let mut points = TimePoints::new(&pledge, &[commitment]);
    let mut first = event(-5, Action::Assess);
    (first.place, first.mfa) = (Place::parse("CN"), Some(true));
    let mut second = event(3, Action::Assess);
    (second.place, second.quantity) = (Some(Place::UNKNOWN), Some(7));
    let mut third = event(2, Action::Heartbeat);
    third.due = Some(third.time);
    // Dated ahead of the log, whose clock does not reach it.
    let mut ahead = event(9, Action::Assess);
    ahead.logged = Some(event(4, Action::Assess).time);
    // No evidence, and no word about the time.
    let published = avow_monitor::publication(&[7; 32], 1, event(60, Action::Use).time);
    for (leaf, event) in (0..).zip([&first, &second, &third, &ahead, &published]) {
        points.push(leaf, event).unwrap();
    }
    expect![[r#"
        pos(int)
        beginning(int)
        source(string)
        time_us(int)
        action(string)
        place(string)
        quantity(int)
        due_us(int)
        mfa(int)
    "#]]
    .assert_eq(&points.signature());
    let mut log = String::new();
    points.finish(&mut |line| log.push_str(line));
    expect![[r#"
        @1767225595000000 pos(0) source("vault-1") time_us(1767225595000000) action("assess") place("CN") mfa(1)
        @1767225600000000 pos(1) beginning(1767225600000000)
        @1767225602000000 pos(2) source("vault-1") time_us(1767225602000000) action("heartbeat") due_us(1767225602000000)
        @1767225603000000 pos(3) source("vault-1") time_us(1767225603000000) action("assess") quantity(7)
        @1767225604000000 pos(4) time_us(1767225604000000)
    "#]].assert_eq(&log);
}

#[test]
fn a_stream_that_would_be_judged_otherwise_is_refused() {
    let pledge = pledge_of("never = \"purpose = 'x'\"");
    let refusal = |event: &Event| {
        let mut points = TimePoints::new(&pledge, &[&pledge.commitments[0]]);
        let mut first = self::event(10, Action::Use);
        first.purpose = Some("né".to_owned());
        points.push(0, &first).unwrap();
        points.push(1, event)
    };
    assert_eq!(refusal(&event(8, Action::Use)), Ok(()));
    assert_eq!(
        refusal(&event(7, Action::Use)),
        Err(StreamRefusal::Late { leaf: 1 })
    );
    let mut old = event(8, Action::Use);
    old.time = Micros::new(-1).unwrap();
    assert_eq!(refusal(&old), Err(StreamRefusal::BeforeEpoch { leaf: 1 }));
    for text in ["a \"b\"", "a\\"] {
        let mut quoted = event(10, Action::Use);
        quoted.purpose = Some(text.to_owned());
        let refused = refusal(&quoted).unwrap_err();
        assert!(refused.to_string().contains("`purpose`"), "{refused}");
    }
    // What no formula reads is not in the stream.
    let mut quoted = event(10, Action::Use);
    quoted.basis = Some("\"".to_owned());
    assert_eq!(refusal(&quoted), Ok(()));
}
