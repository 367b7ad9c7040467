//! Rows for tests: every operation on boundary operands, without a program that runs them. What an operation meets follows
//! from the format of its instructions, so that a new one has its samples as soon as a table lists it.

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_matrix::dense::RowMajorMatrix;
use rayon::prelude::*;
use spec_interp::exec::exec;
use spec_interp::isa::{Ext, Format};
use spec_interp::map::{self, PROGRAM_BASE};
use spec_interp::{CSR_CYCLE, Family, Inst, Op, decode};

use crate::F;
use crate::address::samples::{accesses, atomics, jumps, reservations};
use crate::bus::{BYTE, PROGRAM, RANGE};
use crate::check::deletion::NOTHING;
use crate::check::formula::Context;
use crate::check::mutation::{Sweep, forgery_caught, free_in_padding, locally_invalid, sweep, sweep_pairs};
use crate::check::names;
use crate::check::row::hear;
use crate::check::sheet::sheet;
use crate::check::words::Words;
use crate::columns::Columns;
use crate::event::{Event, SecondAccess};
use crate::kind::Kind;
use crate::layout::{
    CLOCK_STEP, FIRST_CLOCK, HALTED_PC, SLOT_MEMORY, SLOT_RD, SLOT_RS1, SLOT_RS2, TIME_BOUND, pc_index,
};
use crate::lower::{lower, table_of};
use crate::rom::Rom;
use crate::table::Table;
use crate::tables::{byte, program, range};

/// Operands at which arithmetic goes wrong: the ends of words and halves, of limbs and bytes, and patterns.
pub const OPERANDS: [u64; 16] = [
    0,
    1,
    2,
    u64::MAX,
    u64::MAX - 1,
    1 << 63,
    (1 << 63) + 1,
    (1 << 63) - 1,
    (1 << 31) - 1,
    1 << 31,
    (1 << 32) - 1,
    1 << 32,
    0xffff_ffff_8000_0000,
    0x5555_5555_5555_5555,
    0x0001_0000_ffff_00ff,
    0x9e37_79b9_7f4a_7c15,
];

/// Counts of instructions at which a limb of the counter begins or ends, the last that a segment reaches, which comes first,
/// and the last that there is room for.
pub const COUNTS: [u32; 11] =
    [(1 << 22) - 1, 0, 1, 2, 0xfffe, 0xffff, 0x1_0000, 0x1_0001, 0x1f_ffff, (TIME_BOUND >> 2) - 2, 0x12_3456];

/// Every pair of operands.
pub fn pairs() -> impl Iterator<Item = (u64, u64)> {
    OPERANDS.into_iter().flat_map(|a| OPERANDS.into_iter().map(move |b| (a, b)))
}

/// Operands, words whose highest or lowest one is at every place, and words of which few bytes are set.
fn words() -> impl Iterator<Item = u64> {
    let ends = (0..64).flat_map(|bit| {
        let one = 1_u64 << bit;
        [one, one | (one - 1), one | 1, one.wrapping_neg(), one | 1 << 63, one | one >> 3 | one << 5]
    });
    let bytes = (0..8).flat_map(|byte| [0xff << (8 * byte), 0x80 << (8 * byte) | 1, !(0xff << (8 * byte))]);
    OPERANDS.into_iter().chain(ends).chain(bytes)
}

/// An instruction with the values that it meets; it stands at an address of its own.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// The instruction.
    pub inst: Inst,
    /// The value of rs1.
    pub rs1: u64,
    /// The value of rs2, also of the register that a store stores; an immediate replaces it.
    pub rs2: u64,
    /// The word of memory accessed; of an `ecall` the old a0.
    pub word: u64,
    /// The word behind it; of `lr` and `sc` the reservation.
    pub next: u64,
}

impl Sample {
    /// An instruction that meets registers alone.
    pub const fn new(inst: Inst, rs1: u64, rs2: u64) -> Self {
        Self { inst, rs1, rs2, word: 0, next: 0 }
    }

    /// The address that it accesses, if it is a load or a store.
    pub const fn address(&self) -> u64 {
        self.rs1.wrapping_add_signed(self.inst.imm)
    }

    /// Whether it is a load or a store, and not naturally aligned.
    fn is_misaligned(&self) -> bool {
        let op = self.inst.op;
        op.family() == Family::Memory && op.access_width().is_some_and(|width| !self.address().is_multiple_of(width))
    }

    /// The table that executes it.
    pub fn table(&self) -> Kind {
        let (table, _) = table_of(self.inst.op).expect("an operation of a table");
        if self.is_misaligned() { Kind::MemoryMisaligned } else { table }
    }
}

/// An operation on one register and a constant.
pub const fn by_constant(op: Op, imm: i64) -> Inst {
    Inst { op, rd: 5, rs1: 6, rs2: 0, imm, len: 4 }
}

/// An operation on two registers.
pub const fn by_register(op: Op) -> Inst {
    Inst { op, rd: 5, rs1: 6, rs2: 7, imm: 0, len: 4 }
}

/// An operation on every operand by amounts in a register, which has bits above them.
pub fn by_amounts(op: Op, amounts: impl IntoIterator<Item = u64>) -> impl Iterator<Item = Sample> {
    let with_bits_above = amounts.into_iter().map(|amount| amount.wrapping_mul(0x9e37_79b9_7f4a_7c15) & !63 | amount);
    with_bits_above.flat_map(move |rs2| OPERANDS.map(|rs1| Sample::new(by_register(op), rs1, rs2)))
}

/// The operations of a table by their number.
pub fn ops(kind: Kind) -> impl Iterator<Item = Op> + Clone {
    kind.ops().iter().copied().flatten().copied()
}

/// What an operation of a table meets.
fn samples_of(op: Op) -> Vec<Sample> {
    let by_constants = |constants: &[i64]| {
        let insts = constants.iter().map(|&imm| by_constant(op, imm));
        insts.flat_map(|inst| OPERANDS.map(|rs1| Sample::new(inst, rs1, 0))).collect::<Vec<_>>()
    };
    let amounts = |bound: i64| by_constants(&(0..bound).collect::<Vec<_>>());
    let by_pairs = |inst: Inst| pairs().map(move |(rs1, rs2)| Sample::new(inst, rs1, rs2));
    let encoding = op.encoding();
    match encoding.format {
        Format::R if encoding.family == Family::Shift || encoding.ext == Ext::Zbs => {
            by_pairs(by_register(op)).chain(by_amounts(op, 0..64)).collect()
        }
        Format::R => by_pairs(by_register(op)).collect(),
        Format::Unary => words().map(|word| Sample::new(by_constant(op, 0), word, 0)).collect(),
        Format::I => by_constants(&[-2048, -1, 1, 2047]),
        Format::Shamt6 => amounts(64),
        Format::Shamt5 => amounts(32),
        Format::U | Format::Fence => {
            let imms = [0, 1 << 12, 0x7fff_f000, -0x8000_0000, -0x1000];
            imms.map(|imm| Sample::new(Inst { rs1: 0, ..by_constant(op, imm) }, 0, 0)).to_vec()
        }
        Format::B => by_pairs(Inst { rd: 0, imm: 4096, ..by_register(op) }).collect(),
        Format::J => jumps(op),
        Format::Load if encoding.family == Family::Jump => jumps(op),
        Format::Load | Format::S => accesses(op),
        Format::LoadReserved => reservations(op),
        Format::Amo if matches!(op, Op::ScW | Op::ScD) => reservations(op),
        Format::Amo => atomics(op),
        Format::Csr | Format::CsrImm => {
            let inst = |i: i64| Inst { rd: (i % 3) as u8, rs1: 0, ..by_constant(op, i64::from(CSR_CYCLE) + i % 2 * 2) };
            (0..).zip(OPERANDS.into_iter().cycle()).take(24).map(|(i, rs2)| Sample::new(inst(i), 0, rs2)).collect()
        }
        Format::Bare => {
            let inst = decode(encoding.value).expect("an instruction");
            let calls = [map::syscall::WRITE, map::syscall::EXIT].into_iter();
            let calls =
                calls.flat_map(|call| OPERANDS.into_iter().zip(OPERANDS.into_iter().rev()).map(move |w| (call, w)));
            calls.map(|(call, (word, rs2))| Sample { word, ..Sample::new(inst, call, rs2) }).collect()
        }
    }
}

/// A program of samples, which come to rows of one table.
#[derive(Debug)]
pub struct Samples {
    /// The table.
    pub kind: Kind,
    /// The samples.
    pub list: Vec<Sample>,
    /// One row for each, in order.
    pub rom: Rom,
}

impl Samples {
    /// All samples of the rows of a table.
    pub fn of(kind: Kind) -> Self {
        let ops = Op::ALL.into_iter().filter(|op| table_of(*op).is_some());
        Self::new(kind, ops.flat_map(samples_of).filter(|sample| sample.table() == kind))
    }

    /// Those of some operations.
    pub fn of_ops(kind: Kind, ops: &[Op]) -> Self {
        Self::new(kind, ops.iter().copied().flat_map(samples_of))
    }

    /// Samples for a table.
    pub fn new(kind: Kind, samples: impl IntoIterator<Item = Sample>) -> Self {
        let list: Vec<_> = samples.into_iter().collect();
        let row = |(sample, i): (&Sample, u64)| lower(PROGRAM_BASE + 4 * i, &sample.inst);
        let rom = Rom::from_rows(list.iter().zip(0..).filter_map(row).collect());
        Self { kind, list, rom }
    }

    /// The event of one of them.
    pub fn event(&self, index: usize) -> Event<'_> {
        event(&self.rom, index, &self.list[index])
    }

    /// The samples and their events.
    pub fn events(&self) -> impl Iterator<Item = (&Sample, Event<'_>)> {
        self.list.iter().enumerate().map(|(i, sample)| (sample, self.event(i)))
    }

    /// Their rows, and padding.
    pub fn trace(&self) -> RowMajorMatrix<F> {
        self.kind.rows(&[&self.events().map(|(_, event)| event).collect::<Vec<_>>()])
    }

    /// Whether a row violates a constraint or asks for what no fixed table holds.
    pub fn is_invalid<C: Columns<F>>(&self, row: &C) -> bool {
        locally_invalid(&Table::new(self.kind), &cells(row), &self.rom)
    }

    /// What is wrong with a row taken for itself: the constraints that it violates, and the buses on which it asks for what
    /// no fixed table holds.
    pub fn complaints<C: Columns<F>>(&self, row: &C) -> Vec<String> {
        let cells = cells(row);
        let report =
            hear(&Table::new(self.kind), &Context { ends: [true; 2], ..Context::alone(&cells) }, &NOTHING, true);
        let names = names(self.kind).constraints;
        let mut complaints: Vec<_> = report.violated.iter().map(|&i| names[i].clone()).collect();
        for message in report.messages {
            let at = |i: usize| message.tuple[i].as_canonical_u32();
            let row = || self.rom.row_of(at(0)).map(|row| program::tuple(&self.rom.rows[row]).to_vec());
            let is_range = message.bus == RANGE && (at(0) == 0 || range::row_of(at(0), at(1)).is_none());
            let is_byte = message.bus == BYTE && byte::row_of(at(0), at(1), at(2)).is_none();
            if is_range || is_byte || message.bus == PROGRAM && row() != Some(message.tuple) {
                complaints.push(message.bus.name.to_owned());
            }
        }
        complaints.dedup();
        complaints
    }

    /// Whether the row of a sample, once it is forged, violates anything or says what the honest one does not.
    pub fn is_caught<C: Columns<F>>(&self, index: usize, forge: impl FnOnce(&mut C)) -> bool {
        forgery_caught(&Table::new(self.kind), &self.trace(), &self.rom, &[], index, |cells| {
            let mut row = C::from_row(cells);
            forge(&mut row);
            row.write(cells);
        })
    }

    /// Asserts that a row violates a constraint or asks for what no fixed table holds.
    pub fn assert_invalid<C: Columns<F> + core::fmt::Debug>(&self, row: &C) {
        assert!(self.is_invalid(row), "accepted: {row:?}");
    }
}

/// The event of a sample, by the meaning of `spec-interp`, at clocks and gaps of all sizes. A read of the counter finds
/// what the clock says.
fn event<'p>(rom: &'p Rom, index: usize, sample: &Sample) -> Event<'p> {
    let (row, op) = (&rom.rows[index], sample.inst.op);
    let count = COUNTS[index % COUNTS.len()];
    let clock = FIRST_CLOCK + CLOCK_STEP * count;
    let before = |slot: u32, gaps: [u32; 4], step: usize| (clock + slot).saturating_sub(gaps[index / step % 4]);
    let (register, word) = ([1, 0x1_0000, 1, 0x1_0000], [1, 0x1_0000, 0x1_0001, 1 << 25]);

    let (is_plain, is_reservation) = (op.family() == Family::Memory, row.table == Kind::Reservation);
    let memory = u128::from(sample.word) | if is_reservation { 0 } else { u128::from(sample.next) << 64 };
    let reservation = if row.table == Kind::Counter { count.into() } else { sample.next };
    let mut words = Words { old: memory, new: memory, reservation };
    let pc = PROGRAM_BASE + 4 * index as u64;
    let (rd, next_pc) = exec(&sample.inst, pc, sample.rs1, sample.rs2, &mut words).expect("a legal sample");
    let is_store = is_plain && sample.inst.rs2 != 0;
    let crosses = is_plain && sample.address() % 8 + op.access_width().unwrap_or(0) > 8;
    let second = SecondAccess {
        old: sample.next,
        new: if is_reservation { words.reservation } else { (words.new >> 64) as u64 },
        prev: before(SLOT_MEMORY, if is_reservation { register } else { word }, 4),
    };
    let is_exit = row.table == Kind::System && sample.rs1 == map::syscall::EXIT;
    Event {
        row,
        clock,
        next_pc: if is_exit { HALTED_PC } else { pc_index(next_pc) },
        rs1: sample.rs1,
        rs2: if row.immediate { row.immediate_value() } else { sample.rs2 },
        rd_old: match row.table {
            Kind::System => sample.word,
            _ if is_plain => sample.rs2,
            _ => sample.rs1.rotate_left(17) ^ 0xabc,
        },
        rd_new: if is_store { sample.rs2 } else { rd },
        rs1_prev: before(SLOT_RS1, register, 1),
        rs2_prev: if row.table.accesses(row).rs2 { before(SLOT_RS2, register, 4) } else { 0 },
        rd_prev: before(SLOT_RD, register, 2),
        word: if op.access_width().is_some() { (sample.address() >> 3) as u32 } else { 0 },
        mem_old: words.old as u64,
        mem_new: words.new as u64,
        mem_prev: before(SLOT_MEMORY, word, 1),
        second: if is_reservation || crosses { second } else { SecondAccess::default() },
    }
}

/// The cells of a row.
pub fn cells<C: Columns<F>>(row: &C) -> Vec<F> {
    let mut cells = vec![F::ZERO; C::WIDTH];
    row.write(&mut cells);
    cells
}

/// Sweeps rows of a trace that stand for themselves, cell by cell and by pairs of neighbours, and asserts that only what
/// may be free survives.
pub fn assert_caught(kind: Kind, rom: &Rom, trace: &RowMajorMatrix<F>, rows: &[usize]) -> Sweep {
    let (table, may_be_free) = (Table::new(kind), free_in_padding(kind));
    let swept = rows.par_chunks(8).map(|rows| {
        let rows = || rows.iter().copied();
        let single = sweep(&table, trace, rom, &[], rows(), &may_be_free);
        let pairs = sweep_pairs(&table, trace, rom, &[], rows(), &may_be_free);
        Sweep {
            cells: single.cells,
            mutants: single.mutants + pairs.mutants,
            survivors: [single.survivors, pairs.survivors].concat(),
            free_cells: single.free_cells,
        }
    });
    let sum = |sum: Sweep, more: Sweep| Sweep {
        cells: sum.cells + more.cells,
        mutants: sum.mutants + more.mutants,
        survivors: [sum.survivors, more.survivors].concat(),
        free_cells: sum.free_cells + more.free_cells,
    };
    let found = swept.reduce(Sweep::default, sum);
    let survivors = &found.survivors;
    assert!(survivors.is_empty(), "{} survivors, such as {:#?}", survivors.len(), &survivors[..4.min(survivors.len())]);
    found
}

/// The columns of these names, arrays by their name alone.
pub fn columns(kind: Kind, names: &[&str]) -> Vec<usize> {
    let is_it = |column: &str, name: &str| {
        column.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('['))
    };
    let columns = kind.column_names().iter().enumerate();
    let found = columns.filter(|(_, column)| names.iter().any(|name| is_it(column, name)));
    let found: Vec<_> = found.map(|(i, _)| i).collect();
    assert!(found.len() >= names.len(), "{} has not all of {names:?}", kind.name());
    found
}

/// Asserts that a constraint of its own keeps each of the columns to 0 and 1.
///
/// Where other constraints imply it no forger can show that it is there.
pub fn assert_boolean(kind: Kind, columns: &[usize]) {
    for &column in columns {
        let name = &kind.column_names()[column];
        assert!(sheet(kind).booleans.contains(&column), "{}: no constraint keeps {name} to 0 and 1", kind.name());
    }
}

/// Asserts that constraints that speak of these columns alone keep them to 0 and 1 and let no two of them be set.
pub fn assert_one_hot(kind: Kind, columns: &[usize]) {
    assert_boolean(kind, columns);
    let speaks_of_them =
        |i: usize| sheet(kind).constraints[i].formula.cells().iter().all(|cell| columns.contains(&cell.column));
    for (i, &one) in columns.iter().enumerate() {
        for &other in &columns[..i] {
            let mut row = vec![F::ZERO; kind.width()];
            (row[one], row[other]) = (F::ONE, F::ONE);
            let report = hear(&Table::new(kind), &Context::alone(&row), &NOTHING, true);
            let names = [one, other].map(|column| &kind.column_names()[column]);
            assert!(report.violated.into_iter().any(speaks_of_them), "{}: both of {names:?}", kind.name());
        }
    }
}

/// Asserts that every row of a trace satisfies every constraint and asks only what fixed tables hold.
pub fn assert_honest(kind: Kind, rom: &Rom, trace: &RowMajorMatrix<F>) {
    let (table, names) = (Table::new(kind), names(kind));
    trace.values.par_chunks_exact(trace.width).for_each(|row| {
        let report = hear(&table, &Context::alone(row), &NOTHING, true);
        let violated: Vec<_> = report.violated.iter().map(|&i| &names.constraints[i]).collect();
        assert!(violated.is_empty(), "{}: {violated:?} in {row:?}", kind.name());
        let messages = report.messages;
        assert!(!locally_invalid(&table, row, rom), "{}: unanswerable look-up in {row:?}: {messages:?}", kind.name());
    });
}
