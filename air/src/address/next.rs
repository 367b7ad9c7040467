//! The word behind that of a load or store, of accesses that cross into it.
//!
//! # Assumes
//! [`locate`](super::locate) has located the word before it. `crosses` is boolean, of degree 1, and at most `is_real`.
//!
//! # Constrains
//! Where `crosses` is 1, the next word may be accessed as the first one may, and `carry` is what the index of the first
//! one carries into limb 1 of the next one's address: `index + 1 = 2^13 carry + next index`, the latter below 2^13.
//! Behind the input lies the program and behind RAM the output, which permit what the region before them does; behind
//! the program and behind the output there is nothing, above all not the registers. Where `crosses` is 0, every cell is
//! zero.
//!
//! # Degree
//! 2.

use p3_field::PrimeCharacteristicRing;

use super::{Base, GAP_BITS, INPUT, LIMB, Memory, OUTPUT, PROGRAM, RAM, Region, WORDS_PER_LIMB, check_gap, of_region};
use crate::F;
use crate::columns;
use crate::emit::{Builder, Emitter, constant};
use crate::event::{Event, limbs};
use crate::layout::SLOT_MEMORY;

columns! {
    /// The word behind the first one; all zero on rows that do not cross into it.
    pub struct Next {
        /// Iff the first word is the last one whose address has its limb 1.
        carry,
        /// Its contents before.
        old: [4],
        /// Time of the previous access; 0 is the opening of the page.
        prev,
        /// The gap to the previous access, less one, without its low 16 bits.
        gap_high,
    }
}

const _: () = assert!(INPUT.base + INPUT.size == PROGRAM.base, "behind the input lies the program");
const _: () = assert!(RAM.base + RAM.size == OUTPUT.base, "behind RAM lies the output");
const _: () = assert!(2 * INPUT.size <= LIMB && 2 * RAM.size <= LIMB, "a bound of a range check");

/// How many limbs from a region's first one on the word behind one of the region may have: one more than the region
/// itself has if another one follows that permits the same, rounded up to a power of two.
fn reach(region: &Region) -> u32 {
    let another_follows = [INPUT.base, RAM.base].contains(&region.base);
    if another_follows { 2 * region.size } else { region.size }
}

impl Next<F> {
    /// The cells of a load or store that crosses.
    pub fn fill(event: &Event) -> Self {
        let second = event.second;
        Self {
            carry: F::from_bool(event.word % WORDS_PER_LIMB == WORDS_PER_LIMB - 1),
            old: limbs(second.old),
            prev: F::from_u32(second.prev),
            gap_high: F::from_u32((event.clock + SLOT_MEMORY - second.prev - 1) >> 16),
        }
    }
}

/// Checks that the word behind the located one may be accessed where `crosses` is 1, and that there is none elsewhere.
pub fn reach_next<AB: Builder>(
    e: &mut Emitter<'_, AB>,
    (base, memory): (&Base<AB::Var>, &Memory<AB::Var>),
    next: &Next<AB::Var>,
    crosses: AB::Var,
) {
    let [o0, o1, o2, o3] = next.old;
    for cell in [next.carry, o0, o1, o2, o3, next.prev, next.gap_high] {
        e.zero_when("no next word unless crossing", AB::Expr::ONE - crosses, cell);
    }
    // The second check leaves the carry less than 2^15 from zero, so that the first one is about integers and has one
    // carry.
    let index = memory.index + AB::Expr::ONE - next.carry * F::from_u32(WORDS_PER_LIMB);
    e.range(constant::<AB>(WORDS_PER_LIMB), index, crosses);
    let high = base.value[1] + base.carry + next.carry;
    e.range(of_region::<AB>(memory, reach), high - of_region::<AB>(memory, |region| region.base), crosses);
}

/// Accesses the word behind `word` where `crosses` is 1, from old to new.
pub fn access_next<AB: Builder>(
    e: &mut Emitter<'_, AB>,
    clock: AB::Var,
    word: AB::Expr,
    (next, new): (&Next<AB::Var>, [AB::Expr; 4]),
    crosses: AB::Var,
) {
    let (time, crosses) = (clock + F::from_u32(SLOT_MEMORY), crosses.into());
    check_gap(e, GAP_BITS, time.clone() - next.prev - AB::Expr::ONE, next.gap_high, &crosses);
    e.access((word + AB::Expr::ONE, false), time, next.prev, next.old.map(Into::into), new, &crosses);
}
