//! Named forgers that need a whole run: each lies in one thing and fills everything else to fit.

use air::F;
use air::bus::MEMORY;
use air::check::mutation::{is_padding, locally_invalid};
use air::check::sheet::sheet;
use air::check::{LaidOut, Message, RowReport, evaluate};
use air::kind::Kind;
use air::layout::{HALTED_PC, NO_PC, REGISTER_GAP, TIME_BOUND};
use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use rayon::prelude::*;

use crate::runs::{instruction_tests, is_full, sum_of_input};

/// Real rows of each instruction table of a run, at most so many.
fn real_rows(run: &LaidOut, most: usize) -> Vec<(Kind, Vec<F>)> {
    let mut rows = Vec::new();
    for (kind, trace) in run.witness.traces.iter().filter(|(kind, _)| *kind <= Kind::Refresh) {
        let step = if is_full() { 1 } else { trace.height().div_ceil(most) };
        let cells = (0..trace.height()).step_by(step).map(|row| trace.row_slice(row).expect("a row").to_vec());
        rows.extend(cells.filter(|row| !is_padding(*kind, row)).map(|row| (*kind, row)));
    }
    rows
}

fn report(run: &LaidOut, kind: Kind, row: &[F]) -> RowReport {
    evaluate(&run.table(kind), &RowMajorMatrix::new(row.to_vec(), row.len()), 0, &[])
}

fn column(kind: Kind, name: &str) -> Option<usize> {
    kind.column_names().iter().position(|other| other == name)
}

/// Every run of the instruction tests and one with refreshes.
fn runs() -> Vec<LaidOut> {
    instruction_tests().map(|(_, run)| run).chain([sum_of_input()]).collect()
}

/// With equal times an access could take the tuple that it gives, and any value would pass; and with an earlier one the
/// future would be read.
#[test]
fn no_access_takes_its_own_tuple_or_one_of_the_future() {
    let tried: usize = runs()
        .par_iter()
        .map(|run| real_rows(run, 16).iter().map(|(kind, row)| own_tuples(run, *kind, row)).sum::<usize>())
        .sum();
    assert!(tried > 1000, "{tried}");
}

fn own_tuples(run: &LaidOut, kind: Kind, row: &[F]) -> usize {
    let accesses =
        |report: RowReport| report.messages.into_iter().filter(|m| m.bus == MEMORY).collect::<Vec<Message>>();
    let honest = accesses(report(run, kind, row));
    assert!(!locally_invalid(&run.table(kind), row, &run.rom));
    let names = kind.column_names();
    let times = names.iter().enumerate().filter(|(_, name)| name.ends_with("prev") || *name == "from");
    let mut tried = 0;
    for (time, name) in times {
        let mut forged = row.to_vec();
        forged[time] += F::ONE;
        // The access of this column is the one whose taken time moves.
        let moved = accesses(report(run, kind, &forged));
        let Some(access) = (0..honest.len()).find(|&i| honest[i].tuple != moved[i].tuple) else { continue };
        assert_eq!(honest[access].count, F::NEG_ONE);
        let word = honest[access].tuple[0];
        let given = honest.iter().filter(|message| message.tuple[0] == word && message.count == F::ONE);
        // Where a register is read and written, its own tuple is the later one too.
        let own: Vec<F> = given
            .map(|message| message.tuple[1])
            .filter(|own| own.as_canonical_u32() > row[time].as_canonical_u32())
            .collect();
        let ahead = [F::ZERO, F::ONE, F::from_u32(REGISTER_GAP), F::from_u32(TIME_BOUND)];
        for taken in own.iter().flat_map(|own| ahead.map(|ahead| *own + ahead)) {
            forged[time] = taken;
            let high = name.strip_suffix("prev").and_then(|group| column(kind, &format!("{group}gap_high")));
            let claims = high
                .map_or(vec![None], |high| [0, -1, 1, 511, 512].map(|claim| Some((high, F::from_i32(claim)))).to_vec());
            for claim in claims {
                if let Some((high, claim)) = claim {
                    forged[high] = claim;
                }
                assert!(locally_invalid(&run.table(kind), &forged, &run.rom), "{} {name}: {forged:?}", kind.name());
                tried += 1;
            }
        }
    }
    tried
}

/// Where no instruction is there is no row: at padding of the program, behind its end, after the halt.
#[test]
fn nothing_executes_where_there_is_no_instruction() {
    for run in runs() {
        let past = run.rom.rows.last().expect("a program").pc + 1;
        let nowhere = [past, past + 1, past + (1 << 20), NO_PC, HALTED_PC, HALTED_PC - 1, HALTED_PC + 2];
        assert!(nowhere.iter().all(|&pc| run.rom.row_of(pc).is_none()));
        for (kind, row) in real_rows(&run, 4).into_iter().filter(|(kind, _)| *kind < Kind::Refresh) {
            for pc in nowhere.map(F::from_u32).into_iter().chain([F::NEG_ONE]) {
                let mut forged = row.clone();
                forged[column(kind, "cpu.pc").expect("every instruction has a pc")] = pc;
                assert!(locally_invalid(&run.table(kind), &forged, &run.rom), "{} at {pc}", kind.name());
            }
        }
    }
}

/// A row without a flag says nothing or violates a constraint, so the all-zero row of the program, operation 0, is
/// never asked for: all cells but the flags at random, and one at a time.
#[test]
fn padding_says_nothing_whatever_its_cells() {
    let run = sum_of_input();
    for kind in Kind::ALL.into_iter().filter(|kind| !sheet(*kind).flags.is_empty()) {
        let (width, flags) = (kind.width(), &sheet(kind).flags);
        let free: Vec<usize> = (0..width).filter(|column| !flags.contains(column)).collect();
        let mut rows = vec![vec![F::ZERO; width]];
        for value in [F::ONE, F::NEG_ONE, F::from_u32(1 << 16), F::from_u32(123_456_789)] {
            rows.extend(
                free.iter().map(|&column| (0..width).map(|i| if i == column { value } else { F::ZERO }).collect()),
            );
        }
        let random = |i: usize| if flags.contains(&i) { F::ZERO } else { F::from_u32(1_000_003 * (i as u32 + 1)) };
        rows.push((0..width).map(random).collect());
        for row in rows {
            let report = report(&run, kind, &row);
            assert!(report.messages.is_empty() || !report.violated.is_empty(), "{} {row:?}: {report:?}", kind.name());
        }
    }
}
