//! A predicate as SQL that means the same in DuckDB, SQLite, DataFusion and
//! Spark.
//!
//! The table has a column for each field, by the field's name; the times are
//! integers `time_us`, `logged_us` and `due_us` (microseconds since 1970). The
//! loader has to store a place `UNKNOWN` as NULL, for example by
//! `NULLIF(place, 'UNKNOWN')`, and truth values as booleans or 0 and 1.

use std::fmt::Write as _;

use avow_event::{Field, FieldKind};

use crate::{Literal, Operand, PairCondition, Predicate, Side};

/// The column of a field.
pub fn sql_column(field: Field) -> String {
    let name = field.as_str();
    match field.kind() {
        FieldKind::Time => format!("{name}_us"),
        _ => name.to_owned(),
    }
}

impl Predicate {
    /// The condition over the columns of [`sql_column`].
    pub fn to_sql(&self) -> String {
        let mut sql = String::new();
        self.write_sql("", &mut sql);
        sql
    }

    /// The same, over columns of the table alias `alias`.
    pub fn to_sql_of(&self, alias: &str) -> String {
        let mut sql = String::new();
        self.write_sql(&format!("{alias}."), &mut sql);
        sql
    }

    fn write_sql(&self, table: &str, sql: &mut String) {
        let column = |field: &Field| format!("{table}{}", sql_column(*field));
        let value = |operand: &Operand| operand_sql(operand, table);
        // Writing to a string does not fail.
        let _ = match self {
            // SQLite knows TRUE only since 3.23, and this form always.
            Self::Constant(true) => write!(sql, "1 = 1"),
            Self::Constant(false) => write!(sql, "1 = 0"),
            Self::Holds(field) => write!(sql, "{}", column(field)),
            Self::Compare(left, comparison, right) => {
                write!(sql, "{} {comparison} {}", value(left), value(right))
            }
            Self::In {
                field,
                values,
                negated,
            } => {
                let values: Vec<String> = values.iter().map(literal_sql).collect();
                let (not, list) = (not(*negated), values.join(", "));
                write!(sql, "{} {not}IN ({list})", column(field))
            }
            Self::Between {
                value: tested,
                low,
                high,
                negated,
            } => {
                let (not, tested) = (not(*negated), value(tested));
                write!(
                    sql,
                    "{tested} {not}BETWEEN {} AND {}",
                    value(low),
                    value(high)
                )
            }
            Self::IsNull { field, negated } => {
                write!(sql, "{} IS {}NULL", column(field), not(*negated))
            }
            // Not LIKE: SQLite's ignores the case of ASCII letters, and
            // SQLite, Spark and DuckDB differ about escapes.
            Self::HasPrefix {
                field,
                prefix,
                negated,
            } => {
                let sign = if *negated { "<>" } else { "=" };
                let length = prefix.chars().count();
                let prefix = quoted(prefix);
                write!(
                    sql,
                    "SUBSTR({}, 1, {length}) {sign} {prefix}",
                    column(field)
                )
            }
            Self::And(parts) => {
                write_list(parts, "AND", "1 = 1", table, sql);
                Ok(())
            }
            Self::Or(parts) => {
                write_list(parts, "OR", "1 = 0", table, sql);
                Ok(())
            }
            Self::Not(part) => {
                sql.push_str("NOT (");
                part.write_sql(table, sql);
                sql.push(')');
                Ok(())
            }
        };
    }
}

impl PairCondition {
    /// The condition over the columns of the table aliases `this` and `that`.
    pub(crate) fn to_sql(&self) -> String {
        let list = |parts: &[Self], word: &str, empty: &str| {
            if parts.is_empty() {
                return empty.to_owned();
            }
            let parts: Vec<String> = parts.iter().map(|p| format!("({})", p.to_sql())).collect();
            parts.join(word)
        };
        match self {
            Self::One(Side::This, predicate) => predicate.to_sql_of("this"),
            Self::One(Side::That, predicate) => predicate.to_sql_of("that"),
            Self::Cross {
                this,
                comparison,
                that,
                plus,
            } => {
                let that = match *plus {
                    0 => Operand::Field(*that),
                    plus => Operand::Sum(*that, plus),
                };
                let that = operand_sql(&that, "that.");
                format!("this.{} {comparison} {that}", sql_column(*this))
            }
            Self::And(parts) => list(parts, " AND ", "1 = 1"),
            Self::Or(parts) => list(parts, " OR ", "1 = 0"),
            Self::Not(part) => format!("NOT ({})", part.to_sql()),
        }
    }
}

/// The value of a condition: 1, 0 or NULL.
pub(crate) fn three_valued(condition: &str) -> String {
    format!("CASE WHEN {condition} THEN 1 WHEN NOT ({condition}) THEN 0 END")
}

fn not(negated: bool) -> &'static str {
    if negated { "NOT " } else { "" }
}

fn write_list(parts: &[Predicate], word: &str, empty: &str, table: &str, sql: &mut String) {
    if parts.is_empty() {
        sql.push_str(empty);
    }
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            sql.push(' ');
            sql.push_str(word);
            sql.push(' ');
        }
        // Every part in parentheses: databases differ about how tightly NOT
        // and BETWEEN bind.
        sql.push('(');
        part.write_sql(table, sql);
        sql.push(')');
    }
}

fn operand_sql(operand: &Operand, table: &str) -> String {
    match operand {
        Operand::Field(field) => format!("{table}{}", sql_column(*field)),
        Operand::Literal(literal) => literal_sql(literal),
        Operand::Sum(field, added) => {
            let sign = if *added < 0 { '-' } else { '+' };
            format!(
                "({table}{} {sign} {})",
                sql_column(*field),
                added.unsigned_abs()
            )
        }
    }
}

fn literal_sql(literal: &Literal) -> String {
    match literal {
        Literal::Text(text) => quoted(text),
        Literal::Integer(n) => n.to_string(),
        Literal::Boolean(true) => "TRUE".to_owned(),
        Literal::Boolean(false) => "FALSE".to_owned(),
        Literal::Time(time) => time.get().to_string(),
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
