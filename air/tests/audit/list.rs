//! The reviewed list: what may be left out of a table without anything new being accepted, with the reason why it stays.

use air::tables::Kind;

/// Table, part, reason.
pub const REDUNDANT: [(Kind, &str, &str); 10] = [
    (
        Kind::ShiftAdd,
        "c:flag is boolean",
        "two flags whose sum is a bit and whose operation is in the program are bits; on padding they cancel and say nothing",
    ),
    (Kind::Mul, "c:flag is boolean", "as in shift_add: two flags, one sum, one operation"),
    (
        Kind::SingleBit,
        "c:power: no bit without use",
        "a shared gadget: here bits without use are on padding rows, which say nothing; count_zeros needs it",
    ),
    (
        Kind::CountZeros,
        "c:at most one marker",
        "with two markers the power of two would be 2 and its bound 0; it says so where the markers are",
    ),
    (
        Kind::CountZeros,
        "c:a marker on real rows only",
        "a marker on a padding row asks for a range and says nothing else; padding shall say nothing at all",
    ),
    (Kind::Branch, "c:is_negated on real rows only", "on padding rows it changes taken, which says nothing there"),
    (
        Kind::Div,
        "c:divisor is zero",
        "a quotient of all ones without a product beyond the dividend leaves only divisors 0 and 1, and 1 for one dividend whose quotient it is",
    ),
    (
        Kind::Page,
        "c:is_real is boolean",
        "rows follow each other so that nothing else fits, on all rows taken together",
    ),
    (Kind::Page, "c:is_last is boolean", "as is_real: eleven blocks in order leave no other value"),
    (Kind::Page, "c:is_last on real rows only", "as is_real: behind padding nothing ends a page"),
];

/// The reason why a part may be missed by nobody.
pub fn reason(kind: Kind, part: &str) -> Option<&'static str> {
    REDUNDANT.iter().find(|(table, name, _)| (*table, *name) == (kind, part)).map(|(_, _, reason)| *reason)
}
