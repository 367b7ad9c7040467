//! Where a comparison ends because the oracle cannot say more: at what it lacks, gets wrong, or does its own way.
//! Random programs have none of these.

use spec_interp::isa::Ext;
use spec_interp::map::syscall;
use spec_interp::{Cause, Fault, Inst, Op, decode};

/// Cases of `riscv-tests` about what RISC-V leaves open and the machine's definition settles. Manual, "A" extension,
/// section "Load-Reserved/Store-Conditional Instructions": an SC may fail, or not, when widths or stores intervene. And one
/// that reserves in the middle of RAM, where a process on QEMU has no memory.
pub const OPEN: [&str; 3] = ["known_falls/sc_at_another_address", "known_falls/sc_of_another_width", "reserve/stories"];

/// The word forms of atomic minimum and maximum.
pub const MIN_MAX_W: [Op; 4] = [Op::AmominW, Op::AmomaxW, Op::AmominuW, Op::AmomaxuW];

/// Unicorn 2.0.1 has no bit manipulation. It compares a zero-extended word of memory with a sign-extended one of rs2.
/// Manual, "A" extension, section "Atomic Memory Operations": the upper half of rs2 is ignored, so both are words.
/// Repaired in Unicorn's pull request 1922.
pub fn unicorn(inst: &Inst, _: u64) -> bool {
    matches!(inst.op.encoding().ext, Ext::Zba | Ext::Zbb | Ext::Zbs) || MIN_MAX_W.contains(&inst.op)
}

/// QEMU 7.2 counts on into the upper half in `ctzw` when the lower one is zero. Manual, "Zbb", `ctzw`: "if the
/// least-significant word is 0, the output is 32". Its system calls are those of Linux, of which `exit` is the same.
pub fn qemu(inst: &Inst, rs1: u64) -> bool {
    match inst.op {
        Op::Ctzw => rs1 as u32 == 0 && rs1 != 0,
        Op::Ecall => rs1 != syscall::EXIT,
        _ => false,
    }
}

/// Where Unicorn 2.0.1 goes on and this machine faults.
///
/// At most halfwords that are no instruction, since its second decoder of them has no default, and where an
/// instruction crosses the end of a segment, which it does not know. At control registers, since it runs in machine
/// mode. At misaligned atomics, which work there, and at any SC that fails, which reaches no memory there.
pub fn unicorn_goes_on(fault: &Fault) -> bool {
    let store_conditional = fault.inst.is_some_and(|inst| matches!(inst.op, Op::ScW | Op::ScD));
    match fault.cause {
        Cause::IllegalInstruction { word } => word & 3 != 3 || decode(word).is_some(),
        Cause::IllegalCsr { .. } | Cause::MisalignedAtomic { .. } => true,
        _ => store_conditional,
    }
}

/// QEMU faults where this machine does.
pub fn qemu_goes_on(_: &Fault) -> bool {
    false
}
