//! `avow pledge`: help for those who write pledges.

use clap::ArgMatches;

use crate::failure::{Ending, Failure, Result};
use crate::pledge_schema;
use crate::screen::Screen;

/// Prints the JSON Schema of a pledge, for editors.
pub(crate) fn schema(_: &ArgMatches, screen: &Screen) -> Result<Ending> {
    let schema = pledge_schema::schema();
    if screen.json {
        screen.object(&schema)?;
    } else {
        let text = serde_json::to_string_pretty(&schema)
            .map_err(|e| Failure::bug(format!("write the schema: {e}")))?;
        screen.line(&text)?;
    }
    Ok(Ending::Fine)
}
