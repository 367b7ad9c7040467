//! Loads, stores, jumps and calls for tests: events by the meaning of `spec-interp`, and what their rows must say.

use p3_field::PrimeField32;
use p3_matrix::dense::RowMajorMatrix;
use spec_interp::exec::exec;
use spec_interp::map::PROGRAM_BASE;
use spec_interp::{Inst, Op};

use super::*;
use crate::bus::{self, BYTE, RANGE, STATE};
use crate::check::samples::OPERANDS;
use crate::check::words::Words;
use crate::columns::Columns;
use crate::event::SecondAccess;
use crate::kind::Kind;
use crate::layout::{CLOCK_STEP, FIRST_CLOCK, RESERVATION, SLOT_RS2, pc_index};
use crate::lower::lower;
use crate::rom::Rom;
use crate::table::Table;
use crate::tables::{byte, program, range};
use crate::witness::instruction_trace;

/// An instruction with the values that it meets.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// The instruction.
    pub inst: Inst,
    /// The value of rs1.
    pub rs1: u64,
    /// The value of the data register of a load or store, of rs2 of others.
    pub data: u64,
    /// The word of memory accessed.
    pub word: u64,
    /// The word behind it; of `lr` and `sc` the reservation.
    pub next: u64,
}

impl Sample {
    /// A load or store at an address.
    pub fn access(op: Op, address: u64, imm: i64, data: u64, word: u64) -> Self {
        let stores = matches!(op, Op::Sb | Op::Sh | Op::Sw | Op::Sd);
        let (rd, rs2) = if stores { (0, 5) } else { (5, 0) };
        let inst = Inst { op, rd, rs1: 6, rs2, len: 4, imm };
        Self { inst, rs1: address.wrapping_sub(imm.cast_unsigned()), data, word, next: 0 }
    }
}

/// Bytes that an operation accesses.
pub fn width(op: Op) -> u64 {
    op.access_width().expect("it accesses memory")
}

/// Accesses of the first and the last word of every region that an operation may reach, at every aligned offset.
pub fn accesses(ops: &[Op]) -> Vec<Sample> {
    let mut samples = Vec::new();
    for &op in ops {
        let first = if matches!(op, Op::Sb | Op::Sh | Op::Sw | Op::Sd) { 2 } else { 0 };
        for region in &[INPUT, PROGRAM, RAM, OUTPUT][first..] {
            let base = u64::from(region.base) << 16;
            for word in [base, base + (u64::from(region.size) << 16) - 8] {
                for offset in (0..8).step_by(width(op) as usize) {
                    for imm in [-2048, -5, 0, 2047] {
                        let n = samples.len();
                        let (data, old) = (OPERANDS[n % 16], OPERANDS[n * 7 / 16 % 16]);
                        samples.push(Sample::access(op, word + offset, imm, data, old));
                    }
                }
            }
        }
    }
    samples
}

/// The program of samples.
pub fn rom(samples: &[Sample]) -> Rom {
    let row = |(i, sample): (usize, &Sample)| lower(PROGRAM_BASE + 4 * i as u64, &sample.inst);
    Rom::from_rows(samples.iter().enumerate().filter_map(row).collect())
}

/// The events of samples, with the shortest and the longest gaps; `word` of an `ecall` is the old a0. A read of the
/// counter finds what the clock says.
pub fn events<'p>(rom: &'p Rom, samples: &[Sample]) -> Vec<Event<'p>> {
    let event = |(i, sample): (usize, &Sample)| {
        let (row, clock) = (&rom.rows[i], (1 << 24) + 4 * i as u32);
        let is_reservation = row.table == Kind::Reservation;
        let memory = u128::from(sample.word) | if is_reservation { 0 } else { u128::from(sample.next) << 64 };
        let counter = u64::from(clock - FIRST_CLOCK) / u64::from(CLOCK_STEP);
        let reservation = if row.table == Kind::Counter { counter } else { sample.next };
        let mut words = Words { old: memory, new: memory, reservation };
        let pc = PROGRAM_BASE + 4 * i as u64;
        let (rd, next_pc) = exec(&sample.inst, pc, sample.rs1, sample.data, &mut words).expect("a legal sample");
        let is_plain = matches!(row.table, Kind::MemoryWord | Kind::MemorySub);
        let is_access = is_plain || matches!(row.table, Kind::Amo | Kind::Reservation);
        let reach = sample.rs1.wrapping_add_signed(sample.inst.imm) % 8 + sample.inst.op.access_width().unwrap_or(0);
        let gaps = if is_reservation { [1, 0x1_0000, 1, 0x1_0000] } else { [1, 0x1_0000, 0x1_0001, clock] };
        let second = SecondAccess {
            old: sample.next,
            new: if is_reservation { words.reservation } else { (words.new >> 64) as u64 },
            prev: clock + SLOT_MEMORY - gaps[i / 4 % 4],
        };
        let is_exit = row.table == Kind::System && sample.rs1 == map::syscall::EXIT;
        Event {
            row,
            clock,
            next_pc: if is_exit { crate::layout::HALTED_PC } else { pc_index(next_pc) },
            rs1: sample.rs1,
            rs2: sample.data,
            rd_old: if row.table == Kind::System { sample.word } else { sample.data },
            rd_new: if sample.inst.rs2 != 0 && is_plain { sample.data } else { rd },
            rs1_prev: clock - [1, 0x1_0000][i % 2],
            rs2_prev: clock,
            rd_prev: clock + SLOT_RD - [1, 0x1_0000][i / 2 % 2],
            word: if is_access { (sample.rs1.wrapping_add_signed(sample.inst.imm) >> 3) as u32 } else { 0 },
            mem_old: words.old as u64,
            mem_new: words.new as u64,
            mem_prev: clock + SLOT_MEMORY - [1, 0x1_0000, 0x1_0001, clock][i % 4],
            second: if is_reservation || is_plain && reach > 8 { second } else { SecondAccess::default() },
        }
    };
    samples.iter().enumerate().map(event).collect()
}

/// What is wrong with a row taken for itself: the constraints that it violates, and the buses on which it asks for
/// what no fixed table holds.
pub fn complaints<C: Columns<F>>(kind: Kind, rom: &Rom, row: &C) -> Vec<String> {
    let mut cells = vec![F::ZERO; C::WIDTH];
    row.write(&mut cells);
    let report = crate::check::evaluate(&Table::new(kind), &RowMajorMatrix::new(cells, C::WIDTH), 0, &[]);
    let names = crate::check::names(kind).constraints;
    let mut complaints: Vec<_> = report.violated.iter().map(|&i| names[i].clone()).collect();
    for message in report.messages {
        let at = |i: usize| message.tuple[i].as_canonical_u32();
        let row = || rom.row_of(at(0)).map(|row| program::tuple(&rom.rows[row]).to_vec());
        let is_range = message.bus == RANGE && (at(0) == 0 || range::row_of(at(0), at(1)).is_none());
        let is_byte = message.bus == BYTE && byte::row_of(at(0), at(1), at(2), at(3)).is_none();
        if is_range || is_byte || message.bus == bus::PROGRAM && row() != Some(message.tuple) {
            complaints.push(message.bus.name.to_owned());
        }
    }
    complaints.dedup();
    complaints
}

/// Asserts that the rows of events take and give on the memory and state buses what the events say.
pub fn assert_says(kind: Kind, events: &[Event<'_>]) {
    let trace = instruction_trace(kind, events);
    let table = Table::new(kind);
    for (i, event) in events.iter().enumerate() {
        let accesses = kind.accesses(event.row);
        let mut expected = Vec::new();
        let mut access = |word: u32, slot: u32, prev: u32, old: u64, new: u64| {
            for (time, value, count) in [(prev, old, F::NEG_ONE), (event.clock + slot, new, F::ONE)] {
                let head = [F::from_u32(word), F::from_u32(time)];
                expected.push((MEMORY, [head.as_slice(), &limbs(value)].concat(), count));
            }
        };
        let row = event.row;
        if accesses.rs1 {
            access(REGISTERS_WORD + row.rs1, SLOT_RS1, event.rs1_prev, event.rs1, event.rs1);
        }
        if accesses.rs2 {
            access(REGISTERS_WORD + row.rs2, SLOT_RS2, event.rs2_prev, event.rs2, event.rs2);
        }
        if event.word != 0 {
            access(event.word, SLOT_MEMORY, event.mem_prev, event.mem_old, event.mem_new);
        }
        let second = event.second;
        if kind == Kind::Reservation {
            access(REGISTERS_WORD + RESERVATION, SLOT_MEMORY, second.prev, second.old, second.new);
        }
        if kind == Kind::MemoryMisaligned && second.prev != 0 {
            access(event.word + 1, SLOT_MEMORY, second.prev, second.old, second.new);
        }
        access(REGISTERS_WORD + row.rd, SLOT_RD, event.rd_prev, event.rd_old, event.rd_new);
        let state = |pc: u32, clock: u32| [pc, clock].map(F::from_u32).to_vec();
        expected.push((STATE, state(row.pc, event.clock), F::NEG_ONE));
        expected.push((STATE, state(event.next_pc, event.clock + 4), F::ONE));
        let report = crate::check::evaluate(&table, &trace, i, &[]);
        for expected in expected {
            let said = |m: &crate::check::Message| (m.bus, m.tuple.clone(), m.count) == expected;
            assert!(report.messages.iter().any(said), "{expected:?} is not among {:?}", report.messages);
        }
    }
}
