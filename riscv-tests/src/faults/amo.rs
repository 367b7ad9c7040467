//! Atomics that must fault: misaligned, outside the map, or writing what is read-only; a reservation stays as it was.

use spec_interp::map::{PROGRAM_BASE, RAM_BASE, STATE_BASE};
use spec_interp::{Cause, Op};

use super::{OUTSIDE, READ_ONLY, case};
use crate::Case;
use crate::amo::AMOS;
use crate::asm::{Asm, Code, rv};
use crate::reserve::{DOUBLE, PAIRS};

/// Assembles an atomic on the address in a0.
type Emit = Box<dyn Fn(&mut Code)>;

/// An operation, its width, and how to assemble it.
type Atomic = (Op, u64, Emit);

/// Every operation that writes, or would: atomics of both kinds, each time with another ordering.
fn writing() -> Vec<Atomic> {
    let amos = AMOS.iter().enumerate().map(|(i, row)| {
        let emit: Emit = Box::new(move |code| (row.emit[i % 4])(code, 12, 11, 10));
        (row.op, row.width as u64, emit)
    });
    let conditional = PAIRS.iter().map(|pair| {
        let emit: Emit = Box::new(move |code| (pair.sc[3])(code, 12, 11, 10));
        (pair.sc_op, pair.width as u64, emit)
    });
    conditional.chain(amos).collect()
}

fn reserving() -> Vec<Atomic> {
    let reserving = PAIRS.iter().map(|pair| {
        let emit: Emit = Box::new(move |code| (pair.lr[1])(code, 12, 10));
        (pair.lr_op, pair.width as u64, emit)
    });
    reserving.collect()
}

pub(super) fn cases() -> Vec<Case> {
    let (writing, reserving) = (writing(), reserving());
    let mut cases = misaligned(writing.iter().chain(&reserving));
    for (i, addr) in OUTSIDE.into_iter().enumerate() {
        // Half of the stores are an sc, which faults whether or not it would have written.
        let writes = &writing[if i % 2 == 0 { i / 2 % 2 } else { 2 + i % 18 }];
        cases.push(atomic(&reserving[i % 2], Cause::LoadAccess { addr }, addr));
        cases.push(atomic(writes, Cause::StoreAccess { addr }, addr));
    }
    for (i, addr) in READ_ONLY.into_iter().enumerate() {
        let cause = Cause::StoreReadOnly { addr };
        cases.push(atomic(&writing[i % 2], cause, addr));
        cases.push(atomic(&writing[2 + 5 * i % 18], cause, addr));
    }
    cases.push(unreserved());
    cases
}

/// Every operation at two of the offsets that its width forbids, so that each offset occurs several times; at the next
/// doublewords too, and where an aligned one would fault.
fn misaligned<'a>(atomics: impl Iterator<Item = &'a Atomic>) -> Vec<Case> {
    let mut cases = Vec::new();
    for (i, atomic_op) in atomics.enumerate() {
        let offsets: Vec<u64> = (1..8).filter(|offset| offset % atomic_op.1 != 0).collect();
        for j in [2 * i, 2 * i + 1] {
            let base = [RAM_BASE, RAM_BASE + 0xf8, PROGRAM_BASE, STATE_BASE - 8, RAM_BASE + 8][j % 5];
            let addr = base + offsets[j % offsets.len()];
            cases.push(atomic(atomic_op, Cause::MisalignedAtomic { addr }, addr));
        }
    }
    cases
}

/// One atomic, while the first doubleword of RAM is reserved.
fn atomic((op, _, emit): &Atomic, cause: Cause, addr: u64) -> Case {
    let before = |asm: &mut Asm| {
        asm.li(10, RAM_BASE);
        (DOUBLE.lr[0])(&mut asm.code, 0, 10);
        asm.li(10, addr);
        asm.li(11, 0x1234);
    };
    case(format!("faults/{op}_{addr:x}"), cause, before, emit)
}

/// An `sc` without any reservation faults like one with it.
fn unreserved() -> Case {
    let cause = Cause::StoreReadOnly { addr: PROGRAM_BASE };
    let last = |code: &mut Code| rv!(code; sc.w x12, x11, [x10]);
    case("faults/sc.w_unreserved".into(), cause, |asm| asm.li(10, PROGRAM_BASE), last)
}
