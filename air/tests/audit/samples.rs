//! Honest rows of every table, rows where the machine faults, and lies about them.

use std::collections::BTreeMap;
use std::ops::Range;

use air::F;
use air::address;
use air::bus::PROGRAM;
use air::check::LaidOut;
use air::check::audit::Sample;
use air::check::deletion::NOTHING;
use air::check::formula::{Cell, Context, Formula};
use air::check::judge::{Judge, Rows, Verdict};
use air::check::liar::{faults, lies, lies_of_fault};
use air::check::lie::{RowLie, flag_columns, honest_row};
use air::check::misread::access;
use air::check::paging::{self, PagingLie};
use air::check::sheet::sheet;
use air::columns::Columns;
use air::event::Event;
use air::event::Refresh;
use air::execution::{Execution, record, trace};
use air::kind::Kind;
use air::layout::{REGISTERS_WORD, TIME_BOUND};
use air::lower::{lower, ops_of};
use air::rom::Rom;
use air::rom::RomRow;
use air::table::Table;
use air::tables::refresh;
use p3_field::{Field, PrimeCharacteristicRing, PrimeField32};
use p3_matrix::Matrix;
use rayon::prelude::*;
use riscv_tests::{Case, Expectation, cases};
use spec_interp::exec::branch_taken;
use spec_interp::map::PROGRAM_BASE;
use spec_interp::{Inst, Machine, Op, alu};

use crate::by_hand::{FORGERIES, Forgery};

/// Operands beside those of the instruction tests, each pair for what a liar can do with it.
const OPERANDS: [(u64, u64); 30] = [
    // Differences in one limb only, for markers that are set twice.
    (2, 1),
    (1, 2),
    (0, 0),
    (1 << 63, 1),
    (1, 1 << 63),
    // All carries at their largest, and products whose lower half is all zeros or all ones but for limb 0.
    (u64::MAX, u64::MAX),
    (u64::MAX, 1),
    (1, u64::MAX),
    (1, 0xffff_ffff_ff00_0001),
    (1, 0xffff_ff00_0000_0001),
    (1, 0xff00_0000_0000_0001),
    (0xffff_ffff_ff00_0001, 1),
    (0xffff_ff00_0000_0001, 1),
    (0xff00_0000_0000_0001, 1),
    (1 << 63, u64::MAX),
    (0xffff, 0xffff),
    (0x8000_0000, 0x8000_0000),
    // Bytes whose multiples by 2^8 fill a limb.
    (0x8000, 0x80_8000),
    (0xff00_ff00_ff00_ff00, 0x80_8080_8080),
    // Negative words shifted by less than a limb.
    (0x8000_0000, 1),
    (0xffff_ffff_8765_4321, 7),
    // Limbs of which the sum of two neighbours reaches the third.
    (0x0002_0003_0002_0002, 48),
    // A limb that is one below a power of two, cut at its top.
    (0x7fff_7fff_7fff_7fff, 15),
    (u64::MAX, 63),
    // One bit and its neighbour.
    (0x0b, 3),
    (0x0b, 2),
    // Divisions that go otherwise where a sign is not what it should be.
    (7, 3_u64.wrapping_neg()),
    ((1 << 63) + 4, 3),
    // Ones in two limbs.
    (0x0001_0001, 0),
    (0x0001_0001_0001_0001, 4),
];

/// Limb 0 is 511 times byte 1 less 254 times byte 3, as which it would be cut with an upper byte that is 2.
const WORD: u64 = 0x8182_8384_0105_0101;

/// The number of an operation, and the flags of its row.
type Operation = (u32, Vec<u32>);

/// The programs and runs that samples are taken from.
pub struct Source {
    cases: Vec<Case>,
    roms: Vec<Rom>,
    /// A run with pages of input and output, and refreshes.
    run: LaidOut,
    branches: Rom,
    /// One instruction of each table.
    instructions: Rom,
}

impl Source {
    /// The instruction tests that exit.
    pub fn new() -> Self {
        let exits = |case: &Case| matches!(case.expect, Expectation::Exit(_));
        let cases: Vec<Case> = cases().into_iter().filter(exits).collect();
        let roms = cases.par_iter().map(|case| Rom::new(&case.program)).collect();
        let long = cases.iter().find(|case| case.name == "system/sum_of_input").expect("the case");
        let run = LaidOut::new(&long.program, &[0xa5; 9000]).expect("it runs");
        Self { cases, roms, run, branches: dense_branches(), instructions: one_of_each_table() }
    }

    /// The runs of the instruction tests.
    pub fn executions(&self) -> Vec<Execution<'_>> {
        let both = self.cases.par_iter().zip(&self.roms);
        both.map(|(case, rom)| {
            let mut machine = Machine::new(case.program.clone(), &case.input).expect("the input fits");
            let chunks = trace(&mut machine, 1000, &mut |_, _| ()).expect("it runs");
            record(&case.program, &case.input, rom, chunks).expect("it is recorded")
        })
        .collect()
    }

    /// Samples of a table, at most `most` of each of its operations; the plainest come first.
    pub fn samples<'a>(&'a self, executions: &'a [Execution<'a>], kind: Kind, most: usize) -> Vec<Sample<'a>> {
        let mut samples =
            if kind < Kind::Refresh { self.instructions(executions, kind, most) } else { self.windows(kind) };
        let cells: Vec<Vec<F>> = samples.iter().map(|sample| sample.rows.cells[0].clone()).collect();
        assert!(samples.iter().all(|sample| sample.faults || is_honest(sample)), "{}", kind.name());
        let flags = flag_columns(kind);
        for (i, sample) in samples.iter_mut().enumerate() {
            // Other operations with other operands, and the same with others.
            let same =
                |other: &&Vec<F>| kind < Kind::Refresh && flags.iter().all(|&flag| other[flag] == cells[i][flag]);
            let far = (1..=8).map(|step| &cells[(i + 37 * step) % cells.len()]);
            sample.others = far.chain(cells.iter().filter(same).take(24)).cloned().collect();
        }
        samples
    }

    fn instructions<'a>(&'a self, executions: &'a [Execution<'a>], kind: Kind, most: usize) -> Vec<Sample<'a>> {
        // By operation and flags, of which some are no operation of their own.
        let flags = flag_columns(kind);
        let mut by_operation: BTreeMap<Operation, Vec<(&Rom, Event<'a>)>> = BTreeMap::new();
        for (rom, run) in self.roms.iter().zip(executions) {
            for event in run.pieces(kind).flatten() {
                let row = honest_row(kind, event);
                let flags = flags.iter().map(|&flag| row.cells[0][flag].as_canonical_u32()).collect();
                by_operation.entry((event.row.operation(), flags)).or_default().push((rom, *event));
            }
        }
        // By how far they are from the start of their list, so that the first ones are of all operations.
        let mut ranked: Vec<(usize, Sample<'a>)> = Vec::new();
        let mut faulting: Vec<Sample<'a>> = Vec::new();
        let sample = |rom, event: &Event<'a>, faults| Sample {
            table: Table::new(kind),
            rom,
            public: &[],
            rows: honest_row(kind, event),
            lies: [forged(kind, event), if faults { lies_of_fault(kind, event) } else { lies(kind, event) }].concat(),
            others: Vec::new(),
            faults,
        };
        for events in by_operation.values() {
            let spread = (0..most.min(events.len())).map(|i| &events[i * events.len() / most.min(events.len())]);
            for (rank, (rom, event)) in spread.enumerate() {
                ranked.push((rank, sample(rom, event, false)));
            }
            for (rom, event) in events.iter().filter(|(_, event)| is_apart(event.row)).take(2) {
                faulting.extend(faults(kind, event).iter().map(|event| sample(rom, event, true)));
            }
            let (rom, event) = &events[0];
            for (rank, (rs1, rs2)) in OPERANDS.into_iter().enumerate() {
                // Several operations may share a number; the row tells whether it was the right one.
                let sample = with_operands(event, rs1, rs2).map(|event| sample(rom, &event, false));
                ranked.extend(sample.filter(is_honest).map(|sample| (rank / 3, sample)));
            }
        }
        for events in by_operation.values() {
            let elsewhere = events.iter().find_map(|(rom, event)| Some((rom, another_place(kind, event)?)));
            ranked.extend(elsewhere.map(|(rom, event)| (0, sample(rom, &event, false))));
        }
        if kind == Kind::Branch {
            for (i, row) in self.branches.rows.iter().enumerate() {
                let (_, event) = &by_operation.values().next().expect("branches are in some run")[0];
                let (rs1, rs2) = OPERANDS[i % OPERANDS.len()];
                let event = with_operands(&Event { row, ..*event }, rs1, rs2).expect("a branch");
                ranked.push((i / 6, sample(&self.branches, &event, false)));
            }
        }
        let mut elsewhere = Vec::new();
        for events in by_operation.values().take(3) {
            elsewhere.extend(self.elsewhere(kind, &events[0].1));
        }
        ranked.sort_by_key(|(rank, _)| *rank);
        let padding = Rows::single(vec![F::ZERO; kind.width()]);
        let (rom, event) = &by_operation.values().next().expect("every table is in some run")[0];
        let padding = Sample { rows: padding, lies: Vec::new(), ..sample(rom, event, false) };
        // Honest and faulting ones in turn, so that the first ones are of both.
        let (mut honest, mut faulting) = (ranked.into_iter().map(|(_, sample)| sample), faulting.into_iter());
        let mut samples = vec![padding];
        loop {
            let both = [honest.next(), faulting.next()];
            if both.iter().all(Option::is_none) {
                break;
            }
            samples.extend(both.into_iter().flatten());
        }
        samples.extend(elsewhere);
        samples
    }

    /// Rows that stand at an instruction of another table, with two flags that are none and make its number: nothing may be
    /// accepted there.
    fn elsewhere<'a>(&'a self, kind: Kind, event: &Event<'a>) -> Vec<Sample<'a>> {
        let Some(asked) = sheet(kind).interactions.iter().find(|spoken| spoken.bus == PROGRAM) else {
            return Vec::new();
        };
        let mut samples = Vec::new();
        if matches!(kind, Kind::ShiftImm | Kind::ShiftWord) {
            // Their amounts are in the program, where these have none.
            return samples;
        }
        // With 0 as the first operand much is the same whatever the operation; but the result must be wrong.
        let operand = |there: &RomRow| if there.immediate { there.immediate_value() } else { 5 };
        let is_wrong = |there: &&RomRow| {
            let (operand, mut ops) = (operand(there), ops_of(there.operation()));
            there.table != kind && ops.all(|op| alu(op, 0, operand).is_none_or(|result| result != operand))
        };
        for there in self.instructions.rows.iter().filter(is_wrong) {
            let row = RomRow { table: event.row.table, flag: event.row.flag, ..*there };
            let (rs1, rs2, next_pc) = (0, operand(there), there.next_pc as u32);
            let event = Event { row: &row, next_pc, rs1, rs2, rd_new: rs2, ..*event };
            let honest = honest_row(kind, &event);
            let cells = honest.cells[0].as_slice();
            let context = Context { rows: [cells, cells], fixed: &[], public: &[], ends: [false; 2] };
            let slope = |form: &Formula, column| form.in_cell(Cell { offset: 0, column }, &context)[1];
            let missing = F::from_u32(there.operation()) - F::from_u32(row.operation());
            let flags = flag_columns(kind);
            for (i, &one) in flags.iter().enumerate() {
                for &other in &flags[..i] {
                    let [u, v] = [&asked.count, &asked.tuple[2]].map(|form| [one, other].map(|flag| slope(form, flag)));
                    let Some(scale) = (u[0] * v[1] - u[1] * v[0]).try_inverse() else { continue };
                    let mut rows = honest.clone();
                    rows.cells[0][one] -= u[1] * scale * missing;
                    rows.cells[0][other] += u[0] * scale * missing;
                    samples.push(Sample {
                        table: Table::new(kind),
                        rom: &self.instructions,
                        public: &[],
                        rows,
                        lies: Vec::new(),
                        others: Vec::new(),
                        faults: true,
                    });
                }
            }
        }
        samples
    }

    /// Rows of a table that no instruction fills: the first ones, where a page ends and another begins, the last in use
    /// and the padding behind it, the last of all.
    fn windows(&self, kind: Kind) -> Vec<Sample<'_>> {
        let pages = paging::honest();
        let trace = if kind == Kind::Page { &pages } else { self.run.trace(kind).expect("the table") };
        let is_used = |row: &usize| trace.row_slice(*row).is_some_and(|row| row.iter().any(|cell| *cell != F::ZERO));
        let used = (0..trace.height()).rev().find(is_used).map_or(1, |row| row + 1);
        let height = trace.height();
        let ranges: Vec<Range<usize>> = match kind {
            Kind::Segment | Kind::Page => core::iter::once(0..height).collect(),
            Kind::Range | Kind::Byte | Kind::Program => [0, 1, used - 1].map(|row| row..row + 1).to_vec(),
            _ => [0, 1, used / 2, used - 1, used, height - 1].map(|row| row % height..row % height + 1).to_vec(),
        };
        let table = self.run.table(kind);
        let rows = |range: Range<usize>| {
            let mut rows = Rows::of(&table, trace, range);
            if matches!(kind, Kind::Range | Kind::Byte | Kind::Program) {
                // As if all its answers were asked for.
                rows.cells[0].fill(F::ONE);
            }
            rows
        };
        let sample = |range: Range<usize>| Sample {
            rows: rows(range),
            table: table.clone(),
            rom: &self.run.rom,
            public: &self.run.witness.public,
            lies: if kind == Kind::Page { pages_lies(&table) } else { Vec::new() },
            others: Vec::new(),
            faults: false,
        };
        let mut samples: Vec<Sample<'_>> = ranges.into_iter().map(sample).collect();
        if kind == Kind::Refresh {
            // Up to the last time that there is, and at its limbs' ends.
            let ends = [(TIME_BOUND - 9, TIME_BOUND - 1), (0xfffe, 0xffff), (0xffff, 0x1_0000), (3, 0x1_0003)];
            let row = |(from, to)| refresh::Refresh::fill(&Refresh { word: REGISTERS_WORD + 5, value: 7, from, to });
            let rows = ends.map(|times| {
                let mut cells = vec![F::ZERO; kind.width()];
                row(times).write(&mut cells);
                Rows::single(cells)
            });
            let first = samples[0].clone();
            samples.extend(rows.into_iter().map(|rows| Sample { rows, ..first.clone() }));
        }
        samples
    }
}

/// A program with the first operation of each table, with an immediate and without, between three registers.
fn one_of_each_table() -> Rom {
    let mut rows: Vec<RomRow> = Vec::new();
    for op in Op::ALL {
        let (rs2, imm) = if op.access_width().is_some() { (0, 8) } else { (7, 8) };
        let pc = PROGRAM_BASE + 200 + 4 * rows.len() as u64;
        let is_new =
            |row: &RomRow| rows.iter().all(|other| (other.table, other.immediate) != (row.table, row.immediate));
        rows.extend(lower(pc, &Inst { op, rd: 5, rs1: 6, rs2, len: 4, imm }).filter(is_new));
    }
    Rom::from_rows(rows)
}

/// A program of branches whose targets are fourteen halfwords ahead, among instructions at every halfword.
fn dense_branches() -> Rom {
    let branch = |i: u32| RomRow {
        pc: 100 + i,
        next_pc: i64::from(102 + i),
        table: Kind::Branch,
        flag: (i % 6) as u8,
        immediate: false,
        rd: 0,
        rs1: 6,
        rs2: 7,
        w: [i64::from(114 + i), 0, 0, 0],
    };
    Rom::from_rows((0..64).map(branch).collect())
}

/// Whether a sample's rows are accepted as they are.
fn is_honest(sample: &Sample<'_>) -> bool {
    let mut judge = Judge::new(&sample.table, sample.rom, sample.public, &NOTHING, &sample.rows);
    if sample.table.kind() == Kind::Page {
        judge.expect_pages();
    }
    judge.verdict(&sample.rows) == Verdict::Same
}

/// The forgeries by hand of an instruction.
fn forged(kind: Kind, event: &Event<'_>) -> Vec<RowLie> {
    let is_it = |forgery: &&Forgery| {
        let (op, operands) = forgery.instruction;
        operands == [event.rs1, event.rs2] && ops_of(event.row.operation()).any(|other| other == op)
    };
    let lie = |forgery: &Forgery| {
        let (mut rows, names) = (honest_row(kind, event), kind.column_names());
        for (name, value) in forgery.cells {
            let column = names.iter().position(|other| other == name).expect("a column");
            rows.cells[0][column] = F::from_i32(*value);
        }
        RowLie { what: "by hand".to_owned(), rows, claims: Vec::new(), of_many: false }
    };
    FORGERIES.iter().filter(is_it).map(lie).collect()
}

/// Tables of pages that are none.
fn pages_lies(table: &Table) -> Vec<RowLie> {
    let rows = |lie: &PagingLie| Rows::of(table, &lie.trace, 0..32);
    let lie =
        |lie: PagingLie| RowLie { rows: rows(&lie), what: lie.what.to_owned(), claims: Vec::new(), of_many: false };
    paging::lies().into_iter().map(lie).collect()
}

/// The event at a place where the instruction tests have too few: narrow accesses of [`WORD`], and wide ones of all but one
/// byte of the next word. None if more than memory would change.
fn another_place<'p>(kind: Kind, event: &Event<'p>) -> Option<Event<'p>> {
    let (offset, event) = match kind {
        Kind::MemorySub => (2, Event { mem_old: WORD, ..*event }),
        Kind::MemoryMisaligned if event.second.prev != 0 => (7, *event),
        _ => return None,
    };
    let op = ops_of(event.row.operation()).next()?;
    access(&event, event.row, op, address::effective(&event) & !7 | offset).filter(|event| is_apart(event.row))
}

/// Whether the row names three registers, so that the value of one can change alone.
const fn is_apart(row: &RomRow) -> bool {
    (row.rs1 != row.rs2 || row.immediate) && row.rs1 != row.rd && row.rs2 != row.rd
}

/// The event with other operands and what its operation makes of them; none if more than operands would change.
fn with_operands<'p>(event: &Event<'p>, rs1: u64, rs2: u64) -> Option<Event<'p>> {
    let row = event.row;
    let op = ops_of(row.operation()).next()?;
    if matches!(row.table, Kind::ShiftImm | Kind::ShiftWord) {
        return None;
    }
    let rs2 = if row.immediate { event.rs2 } else { rs2 };
    if !is_apart(row) {
        return None;
    }
    if row.table == Kind::Amo && matches!(op, Op::AmominD | Op::AmomaxD | Op::AmominuD | Op::AmomaxuD) {
        return access(&Event { mem_old: rs1, rs2, ..*event }, row, op, event.rs1);
    }
    if let Some(taken) = branch_taken(op, rs1, rs2) {
        let next_pc = if taken { row.w[0] } else { row.next_pc };
        return Some(Event { rs1, rs2, next_pc: next_pc as u32, ..*event });
    }
    alu(op, rs1, rs2).map(|rd_new| Event { rs1, rs2, rd_new, ..*event })
}
