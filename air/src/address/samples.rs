//! Loads, stores, atomics and jumps for tests, and what rows must say.

use p3_matrix::dense::RowMajorMatrix;
use rayon::prelude::*;
use spec_interp::isa::Format;
use spec_interp::map::{INPUT_BASE, OUTPUT_BASE, OUTPUT_SIZE, PROGRAM_BASE, PROGRAM_SIZE, RAM_BASE, RAM_SIZE};
use spec_interp::{Inst, Op};

use super::*;
use crate::bus::{EXIT, STATE};
use crate::check::evaluate;
use crate::check::samples::{OPERANDS, Sample, Samples, by_constant, by_register, pairs};
use crate::columns::Columns;
use crate::kind::Kind;
use crate::layout::{CLOCK_STEP, HALTED_PC, REGISTER_BITS, RESERVATION, SLOT_RS2};
use crate::table::Table;

impl Sample {
    /// A load or store at an address.
    pub fn access(op: Op, address: u64, imm: i64, data: u64, word: u64) -> Self {
        let inst = match op.encoding().format {
            Format::S => Inst { rd: 0, rs2: 5, ..by_constant(op, imm) },
            _ => by_constant(op, imm),
        };
        Self { word, ..Self::new(inst, address.wrapping_sub(imm.cast_unsigned()), data) }
    }
}

/// Bytes that an operation accesses.
pub fn width(op: Op) -> u64 {
    op.access_width().expect("it accesses memory")
}

/// Whether a load or a store may access the bytes of `address..address + width`.
pub fn is_legal(op: Op, address: u64) -> bool {
    let inside = |from: u64, to: u64| address >= from && address <= to - width(op);
    let is_store = op.encoding().format == Format::S;
    inside(0xa000_0000, 0xe400_0000) || !is_store && inside(0x4000_0000, 0x9000_0000)
}

/// Every legal access of words at the edges of limbs, pages and regions, at every offset.
pub fn accesses(op: Op) -> Vec<Sample> {
    let regions = [0x4000_0000, 0x8000_0000, 0x9000_0000, 0xa000_0000, 0xe000_0000, 0xe400_0000];
    let edges = regions.into_iter().flat_map(|region| [region - 8, region, region + 0xf8, region + 0xfff8]);
    let addresses = edges.flat_map(|edge| edge..edge + 8).filter(|&address| is_legal(op, address));
    let places = addresses.flat_map(|address| [-2048, -5, 0, 2047].map(|imm| (address, imm)));
    let sample = |(n, (address, imm)): (usize, (u64, i64))| {
        let pick = |period: usize| OPERANDS[n * period / 16 % 16];
        Sample { next: pick(5), ..Sample::access(op, address, imm, pick(16), pick(7)) }
    };
    places.enumerate().map(sample).collect()
}

/// An atomic on every pair of operands, W forms in either half beside another operand, at the ends of the regions.
pub fn atomics(op: Op) -> Vec<Sample> {
    const UPPER: u64 = 0xffff_ffff_0000_0000;
    let ends = [RAM_BASE, OUTPUT_BASE + OUTPUT_SIZE - 8, RAM_BASE + RAM_SIZE - 8, OUTPUT_BASE];
    let sample = |(n, (x, b)): (usize, (u64, u64))| {
        let (address, other) = (ends[n % 4], OPERANDS[n * 7 / 16 % 16]);
        let at = |address, word| Sample { word, ..Sample::new(by_register(op), address, b) };
        if width(op) == 4 {
            vec![at(address, x & !UPPER | other & UPPER), at(address + 4, x << 32 | other & !UPPER)]
        } else {
            vec![at(address, x)]
        }
    };
    pairs().enumerate().flat_map(sample).collect()
}

/// The reservation that an operation needs at an address.
pub fn needed(op: Op, address: u64) -> u64 {
    spec_interp::reservation(address, width(op))
}

/// Reservations that it does not need: none, of another width, of addresses near and far, and of several limbs whose
/// differences add up to nothing.
pub fn others(op: Op, address: u64) -> [u64; 9] {
    let needed = needed(op, address);
    let other_width = needed ^ 12 << 32;
    let lent = [needed + 8 - (8 << 16), needed + (4 << 16) - (4 << 32)];
    [0, address, other_width, needed ^ 4, needed ^ 8, needed ^ 1 << 16, needed ^ 1 << 31, lent[0], lent[1]]
}

/// An `lr` or `sc` at the ends of the regions, with the reservation that an `sc` needs and with others.
pub fn reservations(op: Op) -> Vec<Sample> {
    let is_sc = op.encoding().format == Format::Amo;
    let ends = |base: u64, size: u64| [base, base + size - 8];
    let read_only = [INPUT_BASE, PROGRAM_BASE + PROGRAM_SIZE - 8];
    let words = [read_only, ends(RAM_BASE, RAM_SIZE), ends(OUTPUT_BASE, OUTPUT_SIZE)].concat();
    let words = words.into_iter().skip(if is_sc { 2 } else { 0 });
    let addresses = words.flat_map(|word| (word..word + 8).step_by(width(op) as usize));
    let all = addresses.flat_map(|address| {
        others(op, address).into_iter().chain([needed(op, address); 3]).map(move |reservation| (address, reservation))
    });
    let inst = Inst { rs2: if is_sc { 7 } else { 0 }, ..by_register(op) };
    let sample = |(n, (address, next)): (usize, (u64, u64))| Sample {
        word: OPERANDS[n * 7 / 16 % 16],
        next,
        ..Sample::new(inst, address, OPERANDS[n % 16])
    };
    all.enumerate().map(sample).collect()
}

/// A `jalr` to an address.
pub fn jalr(target: u64, imm: i64, rd: u8) -> Sample {
    let inst = Inst { rd, len: 2 + 2 * (rd & 1), ..by_constant(Op::Jalr, imm) };
    Sample::new(inst, target.wrapping_sub(imm.cast_unsigned()), 0x0123_4567_89ab_cdef)
}

/// Jumps by constants, or to the edges of the program and of its limbs.
pub fn jumps(op: Op) -> Vec<Sample> {
    if op == Op::Jal {
        let inst = |imm| Inst { rd: 1, rs1: 0, ..by_constant(op, imm) };
        return [4, 0, 1 << 12, (1 << 20) - 2].map(|imm| Sample::new(inst(imm), 0, 9)).to_vec();
    }
    let offsets = [0, 1, 0xfff, 0xffff, 0x1_0000, 0x7ff_f800, 0xfff_fffe, 0xfff_ffff];
    let targets = offsets.into_iter().map(|offset| PROGRAM_BASE + offset);
    targets
        .flat_map(|target| {
            [-2048, -1, 0, 1, 2047].into_iter().flat_map(move |imm| [0, 1, 6].map(|rd| jalr(target, imm, rd)))
        })
        .collect()
}

/// What is wrong with the row of a sample once it is forged.
pub fn wrong<C: Columns<F>>(kind: Kind, sample: Sample, forge: impl FnOnce(&mut C)) -> Vec<String> {
    wrong_event(kind, sample, |_| (), forge)
}

/// The same for a row that is filled to fit a forged event.
pub fn wrong_event<C: Columns<F>>(
    kind: Kind,
    sample: Sample,
    forge_event: impl FnOnce(&mut Event<'_>),
    forge: impl FnOnce(&mut C),
) -> Vec<String> {
    let samples = Samples::new(kind, [sample]);
    let mut event = samples.event(0);
    forge_event(&mut event);
    let trace = kind.rows(&[&[event]]);
    let mut row = C::from_row(&trace.values[..trace.width]);
    forge(&mut row);
    samples.complaints(&row)
}

/// Asserts that the rows of events take and give on the memory, state and exit buses what the events say, and nothing else.
pub fn assert_says(kind: Kind, events: &[Event<'_>]) {
    let trace = kind.rows(&[events]);
    let table = Table::new(kind);
    events.par_iter().enumerate().for_each(|(i, event)| {
        let mut expected = Vec::new();
        let mut access = |word: u32, slot: u32, prev: u32, old: u64, new: u64| {
            for (time, value, count) in [(prev, old, F::NEG_ONE), (event.clock + slot, new, F::ONE)] {
                let head = [F::from_u32(word), F::from_u32(time)];
                let is_register = F::from_bool(word >> REGISTER_BITS == REGISTERS_WORD >> REGISTER_BITS);
                expected.push((MEMORY.name, [&head[..], &limbs(value), &[is_register]].concat(), count));
            }
        };
        let (row, second, accesses) = (event.row, event.second, kind.accesses(event.row));
        if accesses.rs1 {
            access(REGISTERS_WORD + row.rs1, SLOT_RS1, event.rs1_prev, event.rs1, event.rs1);
        }
        if accesses.rs2 {
            access(REGISTERS_WORD + row.rs2, SLOT_RS2, event.rs2_prev, event.rs2, event.rs2);
        }
        if event.word != 0 {
            access(event.word, SLOT_MEMORY, event.mem_prev, event.mem_old, event.mem_new);
        }
        let reach = effective(event) % 8 + row.op().access_width().unwrap_or(0);
        if kind == Kind::Reservation || reach > 8 {
            let word = if kind == Kind::Reservation { REGISTERS_WORD + RESERVATION } else { event.word + 1 };
            access(word, SLOT_MEMORY, second.prev, second.old, second.new);
        }
        if accesses.rd {
            access(REGISTERS_WORD + row.rd, SLOT_RD, event.rd_prev, event.rd_old, event.rd_new);
        }
        let state = |pc: u32, clock: u32| [pc, clock].map(F::from_u32).to_vec();
        expected.push((STATE.name, state(row.pc, event.clock), F::NEG_ONE));
        expected.push((STATE.name, state(event.next_pc, event.clock + CLOCK_STEP), F::ONE));
        if event.next_pc == HALTED_PC {
            expected.push((EXIT.name, limbs(event.rd_old).to_vec(), F::ONE));
        }
        expected.sort();
        assert_eq!(said(&table, &trace, i), expected, "{}: {event:?}", kind.name());
    });
}

/// What a row gives and takes.
pub fn said(table: &Table, trace: &RowMajorMatrix<F>, row: usize) -> Vec<(&'static str, Vec<F>, F)> {
    let messages = evaluate(table, trace, row, &[]).messages.into_iter();
    let said = messages.filter(|message| [MEMORY, STATE, EXIT].contains(&message.bus));
    let mut said: Vec<_> = said.map(|message| (message.bus.name, message.tuple, message.count)).collect();
    said.sort();
    said
}
