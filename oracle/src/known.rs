//! What the oracles get wrong, so that a comparison ends before such an instruction. Random programs have none of them.

use spec_interp::{Inst, Op};

/// The word forms of atomic minimum and maximum.
pub const MIN_MAX_W: [Op; 4] = [Op::AmominW, Op::AmomaxW, Op::AmominuW, Op::AmomaxuW];

/// Unicorn 2.0.1 compares a zero-extended word of memory with a sign-extended one of rs2. Manual, "A" extension,
/// section "Atomic Memory Operations": the upper half of rs2 is ignored, so both are words. Repaired in Unicorn's pull
/// request 1922.
pub fn unicorn(inst: &Inst, _: u64) -> bool {
    MIN_MAX_W.contains(&inst.op)
}

/// QEMU 7.2 counts on into the upper half in `ctzw` when the lower one is zero. Manual, "Zbb", `ctzw`: "if the
/// least-significant word is 0, the output is 32".
pub fn qemu(inst: &Inst, rs1: u64) -> bool {
    inst.op == Op::Ctzw && rs1 as u32 == 0 && rs1 != 0
}
