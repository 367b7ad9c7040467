//! Runs that must fault, at exactly this instruction and with exactly this cause.

mod amo;
mod illegal;

use spec_interp::map::{
    INPUT_BASE, OUTPUT_BASE, OUTPUT_SIZE, PROGRAM_BASE, PROGRAM_SIZE, RAM_BASE, STATE_BASE, STATE_SIZE,
};
use spec_interp::{Cause, Program};

use crate::asm::{Asm, Code, rv};
use crate::csr::{CYCLE, INSTRET};
use crate::memory::{LOADS, STORES};
use crate::{Case, Expectation};

pub(crate) fn cases() -> Vec<Case> {
    [illegal::cases(), fetches(), accesses(), amo::cases(), calls(), csrs()].into_iter().flatten().collect()
}

/// A run that faults: what comes before, and the instruction that does.
pub(crate) fn case(name: String, cause: Cause, before: impl FnOnce(&mut Asm), last: impl FnOnce(&mut Code)) -> Case {
    let mut asm = Asm::new();
    asm.begin();
    before(&mut asm);
    let pc = asm.pc();
    last(&mut asm.code);
    asm.unreachable();
    Case { expect: Expectation::Fault { pc, cause }, ..Case::passing(name, asm.finish()) }
}

/// An address in a0, and in a1 what is not there, so that no write goes unseen.
pub(crate) fn operands(asm: &mut Asm, addr: u64) {
    asm.li(10, addr);
    asm.li(11, 0x1234_5678_9abc_def0);
}

/// Addresses that no access may reach: around every region, in the registers' own, far beyond 32 bits.
const OUTSIDE: [u64; 13] = [
    0,
    INPUT_BASE - 8,
    STATE_BASE,
    STATE_BASE + 10 * 8, // where the proof keeps a0
    STATE_BASE + STATE_SIZE - 8,
    STATE_BASE + STATE_SIZE,
    RAM_BASE - 8,
    OUTPUT_BASE + OUTPUT_SIZE,
    0xffff_fff8,
    1 << 32,
    RAM_BASE + (1 << 32),
    RAM_BASE + (1 << 63),
    !7,
];

/// Addresses that can be read but not written.
const READ_ONLY: [u64; 5] =
    [PROGRAM_BASE, INPUT_BASE, INPUT_BASE + 8, PROGRAM_BASE - 8, PROGRAM_BASE + PROGRAM_SIZE - 8];

/// Jumps to where no code is, and code that ends.
fn fetches() -> Vec<Case> {
    let mut cases = Vec::new();
    for addr in [PROGRAM_BASE - 2, 0x8fff_fffe, STATE_BASE, RAM_BASE, OUTPUT_BASE, PROGRAM_BASE + (1 << 32), !1] {
        let cause = Cause::FetchOutsideCode { addr };
        let jump = |code: &mut Code| rv!(code; jalr x0, x10, 0);
        let case = case(format!("faults/jump_{addr:x}"), cause, |asm| asm.li(10, addr), jump);
        cases.push(Case { expect: Expectation::Fault { pc: addr, cause }, ..case });
    }
    // Control that leaves the code's own ends.
    let ends: [(&str, &[u32], u64); 4] = [
        ("falls_off", &[0x0000_0013], PROGRAM_BASE + 4),    // nop
        ("branches_off", &[0x0000_0463], PROGRAM_BASE + 8), // beq x0, x0, .+8
        ("jumps_below", &[0xffdf_f06f], PROGRAM_BASE - 4),  // j .-4
        ("nothing_after_write", &[0x0400_0893, 0x0000_0073], PROGRAM_BASE + 8), // li a7, 64; ecall
    ];
    for (name, code, pc) in ends {
        cases.push(bare(name, code, pc, Cause::FetchOutsideCode { addr: pc }));
    }
    // c.nop, then the lower half of a nop that ends the code: there is no more to fetch, so it is no instruction.
    let cause = Cause::IllegalInstruction { word: 0x13 };
    cases.push(bare("half_at_the_end", &[0x0013_0001], PROGRAM_BASE + 2, cause));
    cases
}

/// These words alone as a program.
fn bare(name: &str, code: &[u32], pc: u64, cause: Cause) -> Case {
    let code: Vec<u8> = code.iter().flat_map(|word| word.to_le_bytes()).collect();
    let program = Program::from_code(PROGRAM_BASE, &code, &[]).expect("it fits the map");
    Case { expect: Expectation::Fault { pc, cause }, ..Case::passing(format!("faults/{name}"), program) }
}

/// Loads and stores outside the map, at it and far beyond 32 bits; stores to what is read-only.
fn accesses() -> Vec<Case> {
    let mut cases = Vec::new();
    for (i, addr) in OUTSIDE.into_iter().enumerate() {
        let (load, store) = (&LOADS[i % LOADS.len()], &STORES[i % STORES.len()]);
        let rd = if i % 3 == 0 { 0 } else { 11 };
        let name = format!("faults/{}_{addr:x}", load.op);
        cases.push(case(
            name,
            Cause::LoadAccess { addr },
            |asm| operands(asm, addr),
            |code| (load.emit)(code, rd, 10, 0),
        ));
        let name = format!("faults/{}_{addr:x}", store.op);
        cases.push(case(
            name,
            Cause::StoreAccess { addr },
            |asm| operands(asm, addr),
            |code| (store.emit)(code, 11, 10, 0),
        ));
    }
    for (i, addr) in READ_ONLY.into_iter().enumerate() {
        let store = &STORES[i % STORES.len()];
        let name = format!("faults/{}_{addr:x}", store.op);
        let cause = Cause::StoreReadOnly { addr };
        cases.push(case(name, cause, |asm| operands(asm, addr), |code| (store.emit)(code, 11, 10, 0)));
    }
    // The sum of base and offset wraps before it is checked.
    let wraps = |code: &mut Code| rv!(code; ld x10, [x0, -8]);
    cases.push(case("faults/wrap_down".into(), Cause::LoadAccess { addr: !7 }, |_| (), wraps));
    cases
}

fn calls() -> Vec<Case> {
    let mut cases = Vec::new();
    for number in [0, 1, 63, 65, 92, 94, 93 + (1 << 32), u64::MAX] {
        let cause = Cause::UnknownSyscall { number };
        let call = |code: &mut Code| rv!(code; ecall);
        cases.push(case(format!("faults/ecall_{number:x}"), cause, |asm| asm.li(17, number), call));
    }
    let name = |name: &str| format!("faults/{name}");
    cases.push(case(name("ebreak"), Cause::Breakpoint, |_| (), |code| rv!(code; ebreak)));
    cases.push(case(name("c_ebreak"), Cause::Breakpoint, |_| (), |code| rv!(code; c.ebreak)));
    cases
}

/// Control and status registers that this machine lacks: of floating point, other counters, upper halves, privileged.
const NO_CSRS: [u32; 12] = [0, 1, 2, 3, 0x300, 0x7c0, 0xbff, 0xc01, 0xc03, 0xc80, 0xf14, 0xfff];

/// An instruction of the `csrr` kind on this register.
type Access = (&'static str, fn(&mut Code, u32));

/// A write, also of what would leave the counter alone: with a source that is not x0 but holds zero, or with x0 or 0 in
/// a form that writes whatever its source is.
const WRITES: [Access; 12] = [
    ("csrrw", |code, csr| rv!(code; csrrw x12, csr, x10)),
    ("csrrw_x0", |code, csr| rv!(code; csrrw x0, csr, x0)),
    ("csrrs", |code, csr| rv!(code; csrrs x12, csr, x10)),
    ("csrrs_zero", |code, csr| rv!(code; csrrs x12, csr, x11)),
    ("csrrc", |code, csr| rv!(code; csrrc x0, csr, x10)),
    ("csrrc_zero", |code, csr| rv!(code; csrrc x0, csr, x11)),
    ("csrrwi", |code, csr| rv!(code; csrrwi x12, csr, 1)),
    ("csrrwi_0", |code, csr| rv!(code; csrrwi x0, csr, 0)),
    ("csrrsi", |code, csr| rv!(code; csrrsi x12, csr, 16)),
    ("csrrsi_31", |code, csr| rv!(code; csrrsi x0, csr, 31)),
    ("csrrci", |code, csr| rv!(code; csrrci x12, csr, 1)),
    ("csrrci_31", |code, csr| rv!(code; csrrci x0, csr, 31)),
];

const READS: [Access; 4] = [
    ("csrrs", |code, csr| rv!(code; csrrs x12, csr, x0)),
    ("csrrc", |code, csr| rv!(code; csrrc x0, csr, x0)),
    ("csrrsi", |code, csr| rv!(code; csrrsi x12, csr, 0)),
    ("csrrci", |code, csr| rv!(code; csrrci x0, csr, 0)),
];

fn csrs() -> Vec<Case> {
    let reads = NO_CSRS.into_iter().enumerate().map(|(i, csr)| (READS[i % 4], csr));
    let unknown = NO_CSRS.into_iter().enumerate().map(|(i, csr)| (WRITES[i], csr));
    let writes = WRITES.into_iter().flat_map(|write| [(write, CYCLE), (write, INSTRET)]);
    let accesses = reads.map(|access| ("read", access)).chain(unknown.chain(writes).map(|access| ("write", access)));
    accesses
        .map(|(kind, ((name, emit), csr))| {
            let cause = Cause::IllegalCsr { csr: csr as u16 };
            let operands = |asm: &mut Asm| {
                asm.li(10, 1);
                asm.li(11, 0);
            };
            case(format!("faults/{kind}_{csr:x}_{name}"), cause, operands, |code| emit(code, csr))
        })
        .collect()
}
