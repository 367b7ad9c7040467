//! The reviewed lists: what may be left out of a table without any claim coming of it, with the reason why it stays.

use air::kind::Kind;

/// What no forger misses: nothing new is accepted, or nothing that says anything new. Table, part, reason.
pub const REDUNDANT: [(Kind, &str, &str); 13] = [
    (
        Kind::Mul,
        "c:flag is boolean",
        "two flags whose sum is a bit: other values that make the bound of a range a power of two make the number of no operation",
    ),
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
    (
        Kind::Jump,
        "i:1 range",
        "a target outside the program is no instruction's pc, round the field neither, and no end of a run that has an exit code",
    ),
    (
        Kind::ArithImm,
        "c:flag is boolean",
        "of two flags with a sum of 1 that are none, the range of the sign has a bound that is no power of two, or their number is no operation's",
    ),
    (Kind::Branch, "c:is_negated on real rows only", "on padding rows it changes taken, which says nothing there"),
    (
        Kind::ShiftImm,
        "c:bounds of one limb",
        "the words of other instructions do not make up for the distance of their numbers; no matter what numbers there are",
    ),
    (
        Kind::Div,
        "c:divisor is zero",
        "a quotient of all ones without a product beyond the dividend leaves only divisors 0 and 1, and 1 for one dividend, whose quotient it is: the row says the same",
    ),
    (
        Kind::Page,
        "c:is_real is boolean",
        "rows follow each other so that nothing else fits, on all rows taken together",
    ),
    (
        Kind::Page,
        "c:a page goes on as registers or not",
        "each row for itself names registers in their pages alone; a row of words that nobody accesses could be either",
    ),
    (Kind::Page, "c:is_last is boolean", "as is_real: eleven blocks in order leave no other value"),
    (Kind::Page, "c:is_last on real rows only", "as is_real: behind padding nothing ends a page"),
];

/// What keeps some cell from having a second value, and nothing else: without it rows are accepted that were not, but no
/// claim comes of it. It is there because no cell of a row in use may be free. Table, part, what the cell is without it.
pub const FILLINGS: [(Kind, &str, &str); 19] = [
    (Kind::Logic, "c:an immediate has no previous access", NO_ACCESS),
    (Kind::SingleBit, "c:an immediate has no previous access", NO_ACCESS),
    (Kind::Compare, "c:an immediate has no previous access", NO_ACCESS),
    (Kind::CountZeros, "c:no rest without a one", "the rest of nothing, which is not looked at"),
    (Kind::Bits, "c:0 has no inverse", "a factor of 0"),
    (Kind::Shift, "c:srlw sraw: no bits stay in limb 2", "a piece of a limb that the row has no use for"),
    (Kind::Shift, "c:sraw: no bits cross from limb 2", "a piece of a limb that the row has no use for"),
    (Kind::Shift, "c:sll is not signed", "a sign that fills nothing where bits are moved left"),
    (Kind::ShiftImm, "c:sign weighs half or nothing", "the weight of a sign that is 0"),
    (Kind::ShiftWord, "c:is_filled on real rows only", "a flag of padding, which says nothing"),
    (Kind::Mul, "c:no upper carries of mulw", "a carry between limbs that are not looked at"),
    (Kind::Mulh, "c:sign on signed forms only", "a sign on padding; on rows in use a look-up says the same"),
    (Kind::Div, "c:flags on real rows only", "a flag of padding, which says nothing"),
    (
        Kind::Jump,
        "i:0 range",
        "a carry, for which the halves of the target make up; of an odd target it can make no pc of an instruction",
    ),
    (Kind::Jump, "c:jalr alone reads", "a register that jal does not read"),
    (Kind::Amo, "c:is_word on real rows only", "a flag of padding, which says nothing"),
    (Kind::Amo, "c:at most one region", "regions of padding; elsewhere a store reaches none of two"),
    (Kind::MemoryMisaligned, "c:no next word unless crossing", "a word that is not accessed"),
    (Kind::Page, "c:the empty slot has no access", "the time of an access that is not made"),
];
const NO_ACCESS: &str = "the time of an access that is not made";

/// Why a part may be missed by nobody, or by those only who look for free cells.
pub fn reason(list: &[(Kind, &str, &'static str)], kind: Kind, part: &str) -> Option<&'static str> {
    list.iter().find(|(table, name, _)| (*table, *name) == (kind, part)).map(|(_, _, reason)| *reason)
}
