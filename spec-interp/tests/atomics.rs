//! Atomics, their reservation, and counters (manual, chapters "A Extension for Atomic Instructions" and "Zicntr").

use spec_interp::map::{OUTPUT_BASE, OUTPUT_SIZE, PROGRAM_BASE, RAM_BASE, STATE_BASE};
use spec_interp::{Cause, Machine, Op, Program, Words};

const A0: u32 = 10;
const A1: u32 = 11;
const A2: u32 = 12;

const fn r(op: Op, rd: u32, rs1: u32, rs2: u32) -> u32 {
    op.encoding().value | rd << 7 | rs1 << 15 | rs2 << 20
}

fn lr(op: Op) -> u32 {
    r(op, A0, A1, 0)
}

fn sc(op: Op) -> u32 {
    r(op, A0, A1, A2)
}

/// A machine over these words, with a1 an address, a2 an operand, and a word of RAM.
fn machine(code: &[u32], a1: u64, a2: u64, ram: u64) -> Machine {
    let bytes: Vec<u8> = code.iter().flat_map(|word| word.to_le_bytes()).collect();
    let program = Program::from_code(PROGRAM_BASE, &bytes, &ram.to_le_bytes()).unwrap();
    let mut machine = Machine::new(program, &[]).unwrap();
    (machine.regs[11], machine.regs[12]) = (a1, a2);
    machine
}

/// rd and the first word of RAM behind one instruction.
fn amo(op: Op, offset: u64, a2: u64, ram: u64) -> (u64, u64) {
    let mut machine = machine(&[r(op, A0, A1, A2)], RAM_BASE + offset, a2, ram);
    machine.run(1, &mut ()).unwrap();
    (machine.regs[10], machine.memory.word(RAM_BASE).unwrap())
}

/// The a0 that each of the instructions leaves.
fn results(code: &[u32], a1: u64) -> Vec<u64> {
    let mut machine = machine(code, a1, 7, 5);
    let mut step = |_| {
        machine.run(1, &mut ()).unwrap();
        machine.regs[10]
    };
    (0..code.len()).map(&mut step).collect()
}

#[test]
fn word_atomics_leave_the_other_half_alone_and_sign_extend() {
    let ram = 0x8000_0001_7fff_ffff;
    assert_eq!(amo(Op::AmoaddW, 0, 1, ram), (0x7fff_ffff, 0x8000_0001_8000_0000));
    assert_eq!(amo(Op::AmoaddW, 4, u64::MAX, ram), (0xffff_ffff_8000_0001, 0x8000_0000_7fff_ffff));
    assert_eq!(amo(Op::AmoswapW, 4, 0xdead_beef_0000_0002, ram), (0xffff_ffff_8000_0001, 0x0000_0002_7fff_ffff));
    assert_eq!(amo(Op::AmoswapD, 0, 9, ram), (ram, 9));
}

#[test]
fn word_minima_look_at_the_low_word_of_the_register() {
    let ram = 0x0000_0000_8000_0000; // as a word the least
    assert_eq!(amo(Op::AmominW, 0, 1 << 63, ram).1, 0x8000_0000);
    assert_eq!(amo(Op::AmomaxW, 0, 1 << 63, ram).1, 0);
    assert_eq!(amo(Op::AmominuW, 0, 1 << 63 | 3, ram).1, 3);
    assert_eq!(amo(Op::AmomaxuW, 0, 1 << 63 | 3, ram).1, 0x8000_0000);
    assert_eq!(amo(Op::AmominD, 0, 1 << 63, ram).1, 1 << 63);
    assert_eq!(amo(Op::AmomaxuD, 0, 1 << 63, ram).1, 1 << 63);
}

#[test]
fn a_conditional_store_needs_the_reservation_of_its_address_and_width() {
    assert_eq!(results(&[sc(Op::ScD)], RAM_BASE), [1]);
    assert_eq!(results(&[lr(Op::LrD), sc(Op::ScD), sc(Op::ScD)], RAM_BASE), [5, 0, 1]);
    assert_eq!(results(&[lr(Op::LrD), sc(Op::ScW), sc(Op::ScD)], RAM_BASE), [5, 1, 1]);
    assert_eq!(results(&[lr(Op::LrW), sc(Op::ScD), sc(Op::ScW)], RAM_BASE), [5, 1, 1]);
    // The second reservation replaces the first; stores and other atomics leave it alone.
    let store = 0x00c5_b023; // sd a2, 0(a1)
    assert_eq!(results(&[lr(Op::LrW), lr(Op::LrD), sc(Op::ScD)], RAM_BASE), [5, 5, 0]);
    assert_eq!(results(&[lr(Op::LrD), store, sc(Op::ScD)], RAM_BASE), [5, 5, 0]);
    assert_eq!(results(&[lr(Op::LrD), r(Op::AmoaddD, A0, A1, A2), sc(Op::ScD)], RAM_BASE), [5, 5, 0]);
    // Another address.
    let next = 0x0085_8593; // addi a1, a1, 8
    assert_eq!(results(&[lr(Op::LrD), next, sc(Op::ScD)], RAM_BASE), [5, 5, 1]);
}

#[test]
fn a_conditional_store_that_fails_writes_nothing() {
    let mut machine = machine(&[sc(Op::ScD)], RAM_BASE, 9, 5);
    machine.run(1, &mut ()).unwrap();
    assert_eq!((machine.regs[10], machine.memory.word(RAM_BASE)), (1, Some(5)));
}

#[test]
fn atomics_fault_where_they_are_not_aligned_or_may_not_write() {
    let atomics = Op::ALL.into_iter().filter(|op| op.family() == spec_interp::Family::Amo);
    for op in atomics {
        let width = if op.mnemonic().ends_with('d') { 8 } else { 4 };
        let reserves = matches!(op, Op::LrW | Op::LrD);
        let word = if reserves { lr(op) } else { r(op, A0, A1, A2) };
        let cause = |addr| {
            let mut machine = machine(&[word], addr, 1, 5);
            machine.reservation = 77;
            let cause = machine.run(1, &mut ()).map_err(|fault| fault.cause);
            assert!(cause.is_ok() || machine.reservation == 77, "{op}");
            cause
        };
        for offset in 1..width {
            assert_eq!(cause(RAM_BASE + offset), Err(Cause::MisalignedAtomic { addr: RAM_BASE + offset }), "{op}");
        }
        for addr in [0, STATE_BASE, OUTPUT_BASE + OUTPUT_SIZE, RAM_BASE + (1 << 32)] {
            let expected = if reserves { Cause::LoadAccess { addr } } else { Cause::StoreAccess { addr } };
            assert_eq!(cause(addr), Err(expected), "{op}");
        }
        let read_only = Cause::StoreReadOnly { addr: PROGRAM_BASE };
        assert_eq!(cause(PROGRAM_BASE), if reserves { Ok(spec_interp::Outcome::LimitReached) } else { Err(read_only) });
    }
}

#[test]
fn counters_read_what_retired_before_and_nothing_else_is_there() {
    let nop = 0x13;
    let read = |csr: u32| 0x0000_2573 | csr << 20; // csrrs a0, csr, zero
    assert_eq!(results(&[nop, read(0xc00), nop, read(0xc02)], 0), [0, 1, 1, 3]);
    for (word, csr) in [
        (read(0xc01), 0xc01), // time
        (read(0x001), 0x001), // fflags
        (read(0x300), 0x300), // mstatus
        (0xc000_1573, 0xc00), // csrrw a0, cycle, zero
        (0xc000_5573, 0xc00), // csrrwi a0, cycle, 0
        (0xc025_a573, 0xc02), // csrrs a0, instret, a1
        (0xc020_e573, 0xc02), // csrrsi a0, instret, 1
        (0xc020_f573, 0xc02), // csrrci a0, instret, 1
    ] {
        let fault = machine(&[word], 0, 0, 0).run(1, &mut ()).unwrap_err();
        assert_eq!(fault.cause, Cause::IllegalCsr { csr }, "{word:#x}");
    }
    assert_eq!(results(&[0xc000_6573, 0xc020_7573, 0xc000_3573], 0), [0, 1, 2]);
}
