//! Runs that must fault, with exactly this cause.

use spec_interp::Cause;
use spec_interp::map::{INPUT_BASE, OUTPUT_BASE, OUTPUT_SIZE, PROGRAM_BASE, RAM_BASE, STATE_BASE};

use crate::asm::{Asm, rv};
use crate::memory::{LOADS, STORES};
use crate::{Case, Expectation};

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = fetches();
    cases.extend(accesses());
    cases.extend(calls());
    cases
}

fn case(name: String, cause: Cause, fill: impl FnOnce(&mut Asm)) -> Case {
    let mut asm = Asm::new();
    asm.begin();
    fill(&mut asm);
    asm.unreachable();
    Case { expect: Expectation::Fault(cause), ..Case::passing(name, asm.finish()) }
}

/// Words that are no instructions, and jumps to where no code is.
fn fetches() -> Vec<Case> {
    let words = [
        (0x0000_0000_u32, "zero"),
        (0xffff_ffff, "ones"),
        (0x0400_1013, "slli_wide"),
        (0x0200_101b, "slliw_wide"),
        (0x0000_2063, "branch_010"),
        (0x0000_7003, "load_111"),
    ];
    let mut cases: Vec<_> = words
        .into_iter()
        .map(|(word, name)| {
            let cause = Cause::IllegalInstruction { word };
            case(format!("faults/illegal_{name}"), cause, |asm| asm.raw(&word.to_le_bytes()))
        })
        .collect();
    for addr in [0, PROGRAM_BASE - 2, 0x8fff_fffe, STATE_BASE, RAM_BASE, OUTPUT_BASE, PROGRAM_BASE + (1 << 32), !1] {
        cases.push(case(format!("faults/jump_{addr:x}"), Cause::FetchOutsideCode { addr }, |asm| {
            asm.li(10, addr);
            let code = &mut asm.code;
            rv!(code; jalr x0, x10, 0);
        }));
    }
    cases
}

/// Loads and stores outside the map, at it and far beyond 32 bits; stores to what is read-only.
fn accesses() -> Vec<Case> {
    let outside = [
        0,
        INPUT_BASE - 8,
        STATE_BASE,
        STATE_BASE + 0x1_0000,
        RAM_BASE - 8,
        OUTPUT_BASE + OUTPUT_SIZE,
        0xffff_fff8,
        1 << 32,
        RAM_BASE + (1 << 32),
        RAM_BASE + (1 << 63),
        !7,
    ];
    let mut cases = Vec::new();
    for (i, addr) in outside.into_iter().enumerate() {
        let (load, store) = (&LOADS[i % LOADS.len()], &STORES[i % STORES.len()]);
        cases.push(case(format!("faults/{}_{addr:x}", load.op), Cause::LoadAccess { addr }, |asm| {
            asm.li(10, addr);
            (load.emit)(&mut asm.code, if i % 3 == 0 { 0 } else { 11 }, 10, 0);
        }));
        cases.push(case(format!("faults/{}_{addr:x}", store.op), Cause::StoreAccess { addr }, |asm| {
            asm.li(10, addr);
            (store.emit)(&mut asm.code, 11, 10, 0);
        }));
    }
    for (addr, store) in [PROGRAM_BASE, INPUT_BASE, INPUT_BASE + 8, PROGRAM_BASE - 8].into_iter().zip(&STORES) {
        cases.push(case(format!("faults/{}_{addr:x}", store.op), Cause::StoreReadOnly { addr }, |asm| {
            asm.li(10, addr);
            (store.emit)(&mut asm.code, 11, 10, 0);
        }));
    }
    // The sum of base and offset wraps before it is checked.
    cases.push(case("faults/wrap_down".into(), Cause::LoadAccess { addr: !7 }, |asm| {
        let code = &mut asm.code;
        rv!(code; ld x10, [x0, -8]);
    }));
    cases
}

fn calls() -> Vec<Case> {
    let mut cases = Vec::new();
    for number in [0, 1, 63, 65, 92, 94, 93 + (1 << 32), u64::MAX] {
        cases.push(case(format!("faults/ecall_{number:x}"), Cause::UnknownSyscall { number }, |asm| {
            asm.li(17, number);
            let code = &mut asm.code;
            rv!(code; ecall);
        }));
    }
    cases.push(case("faults/ebreak".into(), Cause::Breakpoint, |asm| {
        let code = &mut asm.code;
        rv!(code; ebreak);
    }));
    cases.push(case("faults/c_ebreak".into(), Cause::Breakpoint, |asm| {
        let code = &mut asm.code;
        rv!(code; c.ebreak);
    }));
    cases
}
