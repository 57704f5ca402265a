//! The same figures by SQL over what `avow events` prints, in DuckDB.

use std::process::Command;

use crate::evidence;

#[test]
fn sql_over_the_printed_events_gives_the_expected_figures() {
    let Some(folder) = evidence::folder() else {
        return;
    };
    let (Some(python), Some(avow)) = (
        std::env::var_os("AVOW_PYTHON"),
        std::env::var_os("AVOW_BIN"),
    ) else {
        println!("not run: AVOW_PYTHON and AVOW_BIN are not both set");
        return;
    };
    let script = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/oracle/cloudtrail_counts.py"
    );
    let output = Command::new(python)
        .arg(script)
        .arg(avow)
        .arg(folder)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
