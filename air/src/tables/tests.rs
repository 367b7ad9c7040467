//! What is tried with the rows of every table: all tables are gone through, and a new one with them.
//!
//! Here rows of instructions stand for themselves, with boundary operands. Rows of real runs, and with them the tables that no
//! instruction fills, are swept in `tests/soundness`.

use p3_field::{Field, PrimeCharacteristicRing, PrimeField32};
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use rayon::prelude::*;

use crate::F;
use crate::address::samples::assert_says;
use crate::bus::{MEMORY, PROGRAM};
use crate::check::evaluate;
use crate::check::formula::{Cell, Context};
use crate::check::lie::{columns, flag_columns};
use crate::check::mutation::locally_invalid;
use crate::check::samples::{Samples, assert_boolean, assert_caught, assert_honest, assert_one_hot};
use crate::check::sheet::sheet;
use crate::emit::Role;
use crate::kind::Kind;
use crate::layout::{CLOCK_STEP, REGISTER_BITS, REGISTER_GAP, REGISTERS_WORD};
use crate::table::Table;

/// Columns that how often a row speaks, or its operation's number, is made of, though no constraint of their own keeps them
/// to 0 and 1.
const NO_FLAGS: [(Kind, &str); 4] = [
    // A word of the program's row, and a part of another.
    (Kind::ShiftImm, "low_bound"),
    (Kind::ShiftImm, "sign_weight"),
    // Equal to a sum of products of flags.
    (Kind::MemoryMisaligned, "crosses"),
    // 1 in the first row and 0 in all others.
    (Kind::Segment, "active"),
];

/// Rows swept of each operation.
const SWEPT: usize = 64;
/// Rows of each operation whose flags are tried, of those with an operand of 0: there the result is often right whatever
/// the operation. Of others there are half as many.
const FLAGGED: usize = 5;
/// What is tried with the flags of these rows of an operation at most, unless it is one row.
const TRIES: usize = 150_000;

/// Numbers of samples evenly spread over those of each operation whose rs1 is such: of so many every `step(so many)`th.
fn spread(samples: &Samples, step: impl Fn(usize) -> usize, holds: impl Fn(u64) -> bool) -> Vec<usize> {
    let all: Vec<usize> = (0..samples.list.len()).filter(|&i| holds(samples.list[i].rs1)).collect();
    let by_operation = all.chunk_by(|&i, &k| samples.list[i].inst.op == samples.list[k].inst.op);
    by_operation.flat_map(|rows| rows.iter().copied().step_by(step(rows.len()))).collect()
}

#[test]
fn honest_rows_hold_and_say_what_instructions_mean() {
    for kind in Kind::instructions() {
        let samples = Samples::of(kind);
        let events: Vec<_> = samples.events().map(|(_, event)| event).collect();
        assert!(!events.is_empty(), "{} has no samples", kind.name());
        for op in kind.ops().iter().copied().flatten() {
            assert!(samples.list.iter().any(|sample| sample.inst.op == *op), "{} has no sample of {op}", kind.name());
        }
        assert_honest(kind, &samples.rom, &samples.trace());
        assert_says(kind, &events);
    }
}

#[test]
fn mutants_are_caught() {
    for kind in Kind::instructions() {
        let samples = Samples::of(kind);
        let mut trace = samples.trace();
        // Padding, whether or not there is some already.
        let used = samples.list.len();
        trace.values.resize((used + 1) * trace.width, F::ZERO);
        // Of sixteen operands by every amount an odd step below sixteen meets every operand and every amount.
        let rows = spread(&samples, |all| ((all / SWEPT) | 1).min(15), |_| true);
        let rows: Vec<_> = rows.into_iter().chain([used]).collect();
        let found = assert_caught(kind, &samples.rom, &trace, &rows);
        println!("{}: {} rows, {} cells, {} mutants", kind.name(), rows.len(), found.cells, found.mutants);
    }
}

/// Tried are all ways to set the flags to 0 or 1, and one of them to numbers beside these, such as one that makes up for
/// others set in excess: a row has no other flags than its own, unless it has none.
#[test]
fn flags_are_those_of_the_operation() {
    for kind in Kind::instructions() {
        let (samples, flags) = (Samples::of(kind), flags(kind));
        assert!(!flags.is_empty(), "{} has no flags", kind.name());
        let beside =
            flags.iter().flat_map(|&flag| [-5, -4, -3, -2, -1, 2].map(|value| (flag, Some(F::from_i32(value)))));
        let beside: Vec<_> = [(flags[0], None)].into_iter().chain(beside).collect();
        let zeros = (TRIES / (beside.len() << flags.len())).clamp(1, FLAGGED);
        let others = zeros.div_ceil(2);
        let rows = [
            spread(&samples, |all| (all / zeros) | 1, |rs1| rs1 == 0),
            spread(&samples, |all| (all / others) | 1, |rs1| rs1 != 0),
        ];
        let (table, trace) = (Table::new(kind), samples.trace());
        rows.concat().into_par_iter().for_each(|i| {
            let honest = &trace.values[i * trace.width..(i + 1) * trace.width];
            let mut row = honest.to_vec();
            for code in 0..1_u32 << flags.len() {
                flags.iter().enumerate().for_each(|(bit, &flag)| row[flag] = F::from_u32(code >> bit & 1));
                for &(flag, value) in &beside {
                    let bit = row[flag];
                    row[flag] = value.unwrap_or(bit);
                    let is_off = flags.iter().all(|&flag| row[flag] == F::ZERO);
                    let is_caught = is_off || row == honest || locally_invalid(&table, &row, &samples.rom);
                    assert!(is_caught, "{}: the flags of {row:?}, which is {:?}", kind.name(), samples.list[i]);
                    row[flag] = bit;
                }
            }
        });
    }
}

/// A register is taken as its previous access left it, which was earlier, and not by more than a refresh reaches.
#[test]
fn registers_are_accessed_later_than_before_and_not_too_much() {
    for kind in Kind::instructions() {
        let names = kind.column_names();
        let column = |name: &str| names.iter().position(|other| other == name);
        let clock = column("cpu.clock").expect("every instruction has a time");
        let prevs: Vec<_> = ["rs1.prev", "rs2.prev", "rd.prev", "data.prev", "a0.prev", "a2.prev", "a7_prev"]
            .map(column)
            .into_iter()
            .flatten()
            .collect();
        assert!(!prevs.is_empty(), "{} accesses no register", kind.name());
        let (table, samples) = (Table::new(kind), Samples::of(kind));
        let trace = samples.trace();
        for (i, &prev) in spread(&samples, |all| all.div_ceil(2), |_| true)
            .iter()
            .flat_map(|i| prevs.iter().map(move |prev| (i, prev)))
        {
            let mut row = trace.values[i * trace.width..(i + 1) * trace.width].to_vec();
            // Slots of one instruction are less than a step apart.
            for gap in [F::from_u32(CLOCK_STEP), -F::from_u32(REGISTER_GAP + CLOCK_STEP)] {
                row[prev] = row[clock] + gap;
                let is_caught = locally_invalid(&table, &row, &samples.rom);
                assert!(is_caught, "{}: {} of {:?}", kind.name(), names[prev], samples.list[*i]);
            }
        }
    }
}

/// The flags that name the row's operation.
fn flags(kind: Kind) -> Vec<usize> {
    let mut flags = flag_columns(kind);
    flags.retain(|&column| is_flag(kind, column));
    flags
}

fn is_flag(kind: Kind, column: usize) -> bool {
    !NO_FLAGS.contains(&(kind, kind.column_names()[column].as_str()))
}

#[test]
fn flags_are_bits_and_an_operation_has_one() {
    for kind in Kind::ALL {
        for spoken in sheet(kind).interactions.iter().filter(|spoken| spoken.role != Role::Answer) {
            let flags: Vec<_> = spoken.naming().filter(|&column| is_flag(kind, column)).collect();
            assert_boolean(kind, &flags);
            if spoken.bus == PROGRAM {
                let real: Vec<_> = spoken.count.cells().iter().map(|cell| cell.column).collect();
                assert_one_hot(kind, &real);
            }
        }
    }
}

/// The program says three numbers of registers as one. Others that make the same are caught by a constraint, or name a
/// register that is in neither of the pages of registers.
#[test]
fn registers_are_the_program_s() {
    Kind::instructions().par_bridge().for_each(|kind| {
        let (samples, table) = (Samples::of(kind), Table::new(kind));
        let asked = sheet(kind).interactions.iter().find(|spoken| spoken.bus == PROGRAM).expect("an instruction");
        let numbers = columns(asked.tuple[3].cells().iter());
        for index in spread(&samples, |rows| rows.div_ceil(3), |_| true) {
            let honest = samples.trace().row_slice(index).expect("a row").to_vec();
            let context = Context::alone(&honest);
            let weight = |column| asked.tuple[3].in_cell(Cell { offset: 0, column }, &context)[1];
            let pairs = numbers.iter().flat_map(|&first| numbers.iter().map(move |&second| (first, second)));
            for (first, second) in pairs.filter(|(first, second)| first != second) {
                for step in [1, -1, 32, 64, -64, 1 << 12, -(1 << 12), 1 << 25, 1 << 29].map(F::from_i32) {
                    let mut cells = honest.clone();
                    cells[first] += step;
                    cells[second] -= step * weight(first) * weight(second).inverse();
                    let said = evaluate(&table, &RowMajorMatrix::new(cells.clone(), cells.len()), 0, &[]).messages;
                    let is_there =
                        |word: F| word.as_canonical_u32() >> REGISTER_BITS == REGISTERS_WORD >> REGISTER_BITS;
                    let mut registers = said
                        .iter()
                        .filter(|said| said.bus == MEMORY && said.count != F::ZERO && said.tuple[6] == F::ONE);
                    let is_caught = registers.any(|said| !is_there(said.tuple[0]));
                    assert!(
                        is_caught || locally_invalid(&table, &cells, &samples.rom),
                        "{kind:?} {first} {second} {step}"
                    );
                }
            }
        }
    });
}
