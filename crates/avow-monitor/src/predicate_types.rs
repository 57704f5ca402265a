//! Which values fit which field: every literal of a predicate is checked
//! against the field that it is compared with, so that a slip of the pen is
//! an error and not a promise that is never broken.

use std::ops::Range;

use avow_event::{Action, Category, Field, FieldKind, Micros, Outcome, Place, PlaceTable};

use crate::pledge_spelling::nearest;
use crate::{Comparison, Diagnostic, Literal};

/// A literal as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Written {
    Text(String),
    Integer(i64),
    Boolean(bool),
}

/// The officially assigned codes of ISO 3166-1 alpha-2 (249, edition 2020),
/// and `XK`, which the European Commission and others use for Kosovo.
const CODES: &str = "\
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS \
BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE \
EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM \
HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC \
LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA \
NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW \
SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO \
TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW";

/// What a field takes, in words.
pub(crate) fn takes(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Text => "text in single quotes",
        FieldKind::Place => "a place: two capitals in single quotes, for example `'CN'`",
        FieldKind::Action => "an action in single quotes, for example `'store'`",
        FieldKind::Outcome => "`'success'`, `'failure'` or `'denied'`",
        FieldKind::Category => "`'personal'`, `'sensitive'`, `'important'` or `'other'`",
        FieldKind::Integer => "an integer",
        FieldKind::Boolean => "`TRUE` or `FALSE`",
        FieldKind::Time => "a time in single quotes, for example `'2026-03-08T00:00:00Z'`",
    }
}

/// The literal for that field.
pub(crate) fn literal(
    field: Field,
    written: &Written,
    span: &Range<usize>,
    places: &PlaceTable,
) -> Result<Literal, Diagnostic> {
    let kind = field.kind();
    match (kind, written) {
        (FieldKind::Integer, Written::Integer(n)) => Ok(Literal::Integer(*n)),
        (FieldKind::Boolean, Written::Boolean(b)) => Ok(Literal::Boolean(*b)),
        (FieldKind::Text, Written::Text(text)) => Ok(Literal::Text(text.clone())),
        (FieldKind::Time, Written::Text(text)) => time(text, span),
        (FieldKind::Place, Written::Text(text)) => place(field, text, span, places),
        (FieldKind::Action, Written::Text(text)) => {
            name(field, text, span, Action::ALL.iter().map(|a| a.as_str()))
        }
        (FieldKind::Outcome, Written::Text(text)) => {
            name(field, text, span, Outcome::ALL.iter().map(|o| o.as_str()))
        }
        (FieldKind::Category, Written::Text(text)) => {
            name(field, text, span, Category::ALL.iter().map(|c| c.as_str()))
        }
        _ => {
            let stands = match written {
                Written::Text(_) => "this is text",
                Written::Integer(_) => "this is an integer",
                Written::Boolean(_) => "this is a truth value",
            };
            Err(Diagnostic::new(
                span.clone(),
                format!("`{}` takes {}", field.as_str(), takes(kind)),
                stands,
            )
            .help(instead_of_literal(field)))
        }
    }
}

/// How a condition on the field is written.
fn instead_of_literal(field: Field) -> String {
    let name = field.as_str();
    match field.kind() {
        FieldKind::Boolean => format!("write `{name}` or `NOT {name}`"),
        FieldKind::Integer => format!("write digits without quotes: `{name} > 5`"),
        FieldKind::Time => format!("write `{name} >= '2026-03-08T00:00:00Z'`"),
        FieldKind::Place => format!("write `{name} = 'CN'`"),
        FieldKind::Text | FieldKind::Action | FieldKind::Outcome | FieldKind::Category => {
            format!("put the value between single quotes: `{name} = '…'`")
        }
    }
}

/// Whether values of the field can be compared so.
pub(crate) fn check_comparison(
    field: Field,
    comparison: Comparison,
    span: &Range<usize>,
) -> Result<(), Diagnostic> {
    if matches!(comparison, Comparison::Equal | Comparison::NotEqual) || has_order(field) {
        return Ok(());
    }
    Err(Diagnostic::new(
        span.clone(),
        format!("the values of `{}` have no order", field.as_str()),
        "not for this field",
    )
    .help("use `=`, `<>` or `IN`"))
}

/// Texts (byte by byte), integers and times have an order.
pub(crate) fn has_order(field: Field) -> bool {
    matches!(
        field.kind(),
        FieldKind::Text | FieldKind::Integer | FieldKind::Time
    )
}

fn time(text: &str, span: &Range<usize>) -> Result<Literal, Diagnostic> {
    Micros::parse(text).map(Literal::Time).map_err(|_| {
        Diagnostic::new(
            span.clone(),
            format!("`{}` is not a time", shorten(text)),
            "not a time",
        )
        .help("write date, time and offset as in RFC 3339: `'2026-03-08T00:00:00Z'`")
    })
}

fn place(
    field: Field,
    text: &str,
    span: &Range<usize>,
    places: &PlaceTable,
) -> Result<Literal, Diagnostic> {
    let field = field.as_str();
    if text == Place::UNKNOWN.as_str() {
        return Err(Diagnostic::new(
            span.clone(),
            "a place that is not known is NULL, and equal to nothing",
            "never equal",
        )
        .help(format!("write `{field} IS NULL` or `{field} IS NOT NULL`")));
    }
    if places.group(text).is_some() {
        return Err(Diagnostic::new(
            span.clone(),
            format!("`{text}` is a group of places, not a place"),
            "a group",
        )
        .help(format!(
            "write `{field} IN {text}` or `{field} NOT IN {text}`"
        )));
    }
    if CODES.split_ascii_whitespace().any(|code| code == text) {
        return Ok(Literal::Text(text.to_owned()));
    }
    let diagnostic = Diagnostic::new(
        span.clone(),
        format!("no place has the code `{}`", shorten(text)),
        "not a place",
    );
    let upper = text.to_ascii_uppercase();
    Err(
        if CODES.split_ascii_whitespace().any(|code| code == upper) {
            diagnostic.help(format!("write it in capitals: `'{upper}'`"))
        } else if upper == "UK" {
            diagnostic.help("the code of the United Kingdom is `'GB'`")
        } else {
            diagnostic.help("write an ISO 3166-1 alpha-2 code, for example `'CN'`")
        },
    )
}

fn name(
    field: Field,
    text: &str,
    span: &Range<usize>,
    names: impl Iterator<Item = &'static str> + Clone,
) -> Result<Literal, Diagnostic> {
    if names.clone().any(|name| name == text) {
        return Ok(Literal::Text(text.to_owned()));
    }
    let diagnostic = Diagnostic::new(
        span.clone(),
        format!("`{}` has no value `{}`", field.as_str(), shorten(text)),
        "no such value",
    );
    Err(match nearest(text, names.clone()) {
        Some(near) => diagnostic.help(format!("did you mean `'{near}'`?")),
        None => {
            let all: Vec<&str> = names.collect();
            diagnostic.help(format!("the values are {}", all.join(", ")))
        }
    })
}

/// What of a user's text goes into a message.
pub(crate) fn shorten(text: &str) -> String {
    const SHOWN_CHARS: usize = 40;
    let mut shown: String = text
        .chars()
        .take(SHOWN_CHARS)
        .flat_map(char::escape_debug)
        .collect();
    if text.chars().count() > SHOWN_CHARS {
        shown.push('…');
    }
    shown
}
