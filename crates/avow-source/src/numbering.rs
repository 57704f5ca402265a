//! Who gave an event its number.

/// Who gave an event its `seq`. The name of the source does not tell: an own
/// event may call its source what it likes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbering {
    /// The source itself, in its record. The number is evidence: a gap in the
    /// numbers is a gap in the evidence.
    Source,
    /// This crate, in reading order, because the record has no number. It may
    /// be given anew in another order.
    Counted,
}
