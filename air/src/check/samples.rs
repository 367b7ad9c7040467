//! Rows for tests: operations on boundary operands, without a program that runs them.

use p3_field::{Field, PrimeCharacteristicRing};
use p3_matrix::dense::RowMajorMatrix;
use rayon::prelude::*;
use spec_interp::map::PROGRAM_BASE;
use spec_interp::{Inst, Op, alu};

use crate::F;
use crate::check::mutation::{Sweep, locally_invalid, sweep};
use crate::columns::Columns;
use crate::event::{Event, SecondAccess};
use crate::kind::Kind;
use crate::lower::lower;
use crate::rom::Rom;
use crate::table::Table;
use crate::witness::instruction_trace;

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

/// Every pair of operands.
pub fn pairs() -> impl Iterator<Item = (u64, u64)> {
    OPERANDS.into_iter().flat_map(|a| OPERANDS.into_iter().map(move |b| (a, b)))
}

/// An instruction with operands and everything else an event needs.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// The instruction; it stands at an address of its own.
    pub inst: Inst,
    /// The value of rs1.
    pub rs1: u64,
    /// The value of rs2; an immediate replaces it.
    pub rs2: u64,
}

/// An operation on one register and a constant.
pub const fn by_constant(op: Op, imm: i64) -> Inst {
    Inst { op, rd: 5, rs1: 6, rs2: 0, imm, len: 4 }
}

/// Operations by every constant below a bound on every operand.
pub fn samples_by_constants(ops: &[Op], bound: i64) -> Vec<Sample> {
    let insts = ops.iter().flat_map(|&op| (0..bound).map(move |imm| by_constant(op, imm)));
    insts.flat_map(|inst| OPERANDS.map(|rs1| Sample { inst, rs1, rs2: 0 })).collect()
}

/// The program of samples: one row for each, in order.
pub fn rom(samples: &[Sample]) -> Rom {
    let row = |(i, sample): (usize, &Sample)| lower(PROGRAM_BASE + 4 * i as u64, &sample.inst);
    Rom::from_rows(samples.iter().enumerate().filter_map(row).collect())
}

/// The event of a sample that computes `rd` of two words and goes on in straight line. Fields can be overwritten.
pub fn event<'p>(rom: &'p Rom, index: usize, sample: &Sample) -> Event<'p> {
    let row = &rom.rows[index];
    let rs2 = if row.immediate { row.immediate_value() } else { sample.rs2 };
    let second = if matches!(row.table, Kind::ShiftImm | Kind::ShiftWord) { sample.inst.imm as u64 } else { rs2 };
    let clock = 4 + 4 * index as u32;
    Event {
        row,
        clock,
        next_pc: row.next_pc as u32,
        rs1: sample.rs1,
        rs2,
        rd_old: sample.rs1.rotate_left(17) ^ 0xabc,
        rd_new: alu(sample.inst.op, sample.rs1, second).unwrap_or(0),
        rs1_prev: clock.saturating_sub(3),
        rs2_prev: if row.immediate { 0 } else { clock.saturating_sub(2) },
        rd_prev: clock.saturating_sub(1),
        word: 0,
        mem_old: 0,
        mem_new: 0,
        mem_prev: 0,
        second: SecondAccess::default(),
    }
}

/// Register forms of operations on every pair of operands, and immediate forms on every operand and the ends of the
/// immediate.
pub fn alu_samples(ops: &[Op]) -> Vec<Sample> {
    let inst = |op, imm| Inst { op, rd: 5, rs1: 6, rs2: if imm == 0 { 7 } else { 0 }, imm, len: 4 };
    let sample = |&op: &Op| {
        let immediates: &[i64] = match op {
            Op::Addi | Op::Addiw | Op::Andi | Op::Ori | Op::Xori | Op::Slti | Op::Sltiu => &[-2048, -1, 1, 2047],
            Op::Slli | Op::Srli | Op::Srai | Op::Rori | Op::SlliUw | Op::Bclri | Op::Bexti | Op::Binvi | Op::Bseti => {
                &[1, 15, 16, 17, 31, 32, 47, 48, 63]
            }
            Op::Slliw | Op::Srliw | Op::Sraiw | Op::Roriw => &[1, 15, 16, 17, 31],
            Op::ZextH => &[0xffff],
            _ => &[],
        };
        let with_immediate = OPERANDS
            .into_iter()
            .flat_map(move |rs1| immediates.iter().map(move |&imm| Sample { inst: inst(op, imm), rs1, rs2: 0 }));
        let register =
            immediates.is_empty().then(|| pairs().map(move |(rs1, rs2)| Sample { inst: inst(op, 0), rs1, rs2 }));
        with_immediate.chain(register.into_iter().flatten()).collect::<Vec<_>>()
    };
    ops.iter().flat_map(sample).collect()
}

/// The trace of a table's samples.
pub fn trace(kind: Kind, rom: &Rom, samples: &[Sample]) -> RowMajorMatrix<F> {
    let events: Vec<_> = samples.iter().enumerate().map(|(i, sample)| event(rom, i, sample)).collect();
    instruction_trace(kind, &events)
}

/// The cells of a row.
pub fn cells<C: Columns<F>>(row: &C) -> Vec<F> {
    let mut cells = vec![F::ZERO; C::WIDTH];
    row.write(&mut cells);
    cells
}

/// Whether a row violates a constraint or asks for what no fixed table holds.
pub fn is_invalid<C: Columns<F>>(kind: Kind, row: &C, rom: &Rom) -> bool {
    locally_invalid(&Table::new(kind), &cells(row), rom)
}

/// Sweeps every `stride`th row of a trace and a padding row, and asserts that only what may be free survives, in at
/// most 2% of the cells.
pub fn assert_caught(
    kind: Kind,
    rom: &Rom,
    trace: &RowMajorMatrix<F>,
    stride: usize,
    may_be_free: impl Fn(&str, &[F]) -> bool,
) -> Sweep {
    let used = rom.rows.len();
    let rows = (0..used).step_by(stride).chain((used < trace.values.len() / trace.width).then_some(used));
    let sweep = sweep(&Table::new(kind), trace, rom, &[], rows, may_be_free);
    assert!(
        sweep.survivors.is_empty(),
        "{} survivors, such as {:#?}",
        sweep.survivors.len(),
        &sweep.survivors[..4.min(sweep.survivors.len())]
    );
    assert!(sweep.free_cells * 50 <= sweep.cells, "{} of {} cells are free", sweep.free_cells, sweep.cells);
    sweep
}

/// Asserts that every row of a trace has no other flags than its own, unless it has none. Tried are all ways to set
/// them to 0 or 1, and one of them to numbers beside these, such as one that makes up for others set in excess.
pub fn assert_flags(kind: Kind, rom: &Rom, trace: &RowMajorMatrix<F>, flags: &[&str]) {
    let names = kind.column_names();
    let columns = flags.iter().map(|flag| names.iter().position(|name| name == flag).expect("a column"));
    let columns: Vec<_> = columns.collect();
    let table = Table::new(kind);
    trace.values.par_chunks_exact(trace.width).for_each(|honest| {
        let mut row = honest.to_vec();
        for code in 0..1_u32 << flags.len() {
            for (i, &column) in columns.iter().enumerate() {
                row[column] = F::from_u32(code >> i & 1);
            }
            for (&column, value) in columns.iter().flat_map(|column| (-5..=2).map(move |value| (column, value))) {
                let flag = core::mem::replace(&mut row[column], F::from_i32(value));
                let is_off = columns.iter().all(|&column| row[column] == F::ZERO);
                assert!(is_off || row == honest || locally_invalid(&table, &row, rom), "{row:?}");
                row[column] = flag;
            }
        }
    });
}

/// The names of the constraints that a row violates whose cells are 0, but for these.
fn violated(kind: Kind, cells: &[(usize, F)]) -> Vec<String> {
    let mut row = vec![F::ZERO; kind.width()];
    cells.iter().for_each(|&(column, value)| row[column] = value);
    let report = crate::check::row::evaluate_cells(&Table::new(kind), &row, &row, &[], false, false, &[]);
    let names = crate::check::names(kind).constraints;
    report.violated.iter().map(|&i| names[i].clone()).collect()
}

/// Asserts that a constraint of this name keeps each of the columns, arrays by their name alone, from being a fraction.
///
/// Where other constraints imply it no forger can show that it is there, so it is asked for by name.
pub fn assert_boolean(kind: Kind, name: &str, columns: &[&str]) {
    let names = kind.column_names();
    for column in columns {
        let is_it =
            |other: &String| other == column || other.strip_prefix(column).is_some_and(|rest| rest.starts_with('['));
        let places: Vec<_> = (0..names.len()).filter(|&i| is_it(&names[i])).collect();
        assert!(!places.is_empty(), "{} has no column {column}", kind.name());
        for place in places {
            let found = violated(kind, &[(place, F::from_u32(6).inverse())]);
            assert!(found.iter().any(|violated| violated == name), "{}: {found:?}", names[place]);
        }
    }
}

/// The names of the constraints by [`Emitter::one_hot`](crate::emit::Emitter::one_hot).
pub const FLAGS: [&str; 2] = ["flag is boolean", "at most one flag"];

/// Asserts by the names of the constraints that flags are boolean and that no two are set.
pub fn assert_one_hot(kind: Kind, [boolean, at_most_one]: [&str; 2], flags: &[&str]) {
    assert_boolean(kind, boolean, flags);
    let names = kind.column_names();
    let place = |flag: &&str| names.iter().position(|name| name == flag).expect("a column");
    let places: Vec<_> = flags.iter().map(place).collect();
    for (i, &one) in places.iter().enumerate() {
        for &other in &places[..i] {
            let found = violated(kind, &[(one, F::ONE), (other, F::ONE)]);
            assert!(found.iter().any(|violated| violated == at_most_one), "{}", kind.name());
        }
    }
}

/// Asserts that every row of a trace satisfies every constraint and asks only what fixed tables hold.
pub fn assert_honest(kind: Kind, rom: &Rom, trace: &RowMajorMatrix<F>) {
    let (table, names) = (Table::new(kind), crate::check::names(kind));
    for row in trace.values.chunks_exact(trace.width) {
        let report = crate::check::row::evaluate_cells(&table, row, row, &[], false, false, &[]);
        let violated: Vec<_> = report.violated.iter().map(|&i| &names.constraints[i]).collect();
        assert!(violated.is_empty(), "{violated:?} in {row:?}");
        assert!(!locally_invalid(&table, row, rom), "unanswerable look-up in {row:?}: {:?}", report.messages);
    }
}
