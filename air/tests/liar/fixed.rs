//! Lies of the tables that answer: how often each row was asked.

use air::F;
use air::check::{LaidOut, Violation};
use air::kind::Kind;
use p3_field::PrimeCharacteristicRing;
use p3_matrix::Matrix;

use crate::{honest, sum_of_input};

/// Columns of multiplicities of a table.
fn multiplicities(kind: Kind) -> Vec<usize> {
    let names = kind.column_names();
    (0..names.len()).filter(|&column| names[column].starts_with("multiplicity")).collect()
}

/// The first rows, the last ones and some between, of those whose multiplicity is zero or is not.
fn rows(run: &LaidOut, kind: Kind, column: usize, asked: bool) -> Vec<usize> {
    let trace = run.trace(kind).expect("the table");
    let is_asked = |row: &usize| (trace.values[row * trace.width + column] != F::ZERO) == asked;
    // The last row of the range table repeats the one before it.
    let height = trace.height() - usize::from(kind == Kind::Range);
    let all: Vec<usize> = (0..height).filter(is_asked).collect();
    let mut some: Vec<usize> =
        [0, 1, all.len() / 2, all.len().saturating_sub(1)].into_iter().filter_map(|i| all.get(i).copied()).collect();
    some.dedup();
    some
}

/// Changes multiplicities and checks that just as many tuples do not balance, each answered by one of these rows so much
/// too often.
fn assert_caught(run: &mut LaidOut, kind: Kind, changes: &[(usize, usize, F)]) {
    for &(row, column, change) in changes {
        let trace = run.trace_mut(kind).expect("the table");
        trace.values[row * trace.width + column] += change;
    }
    let violations = run.violations(usize::MAX);
    let trace = run.trace(kind).expect("the table");
    let is_caught = |violation: &Violation| match violation {
        Violation::Unbalanced { bus, count, places, .. } => {
            // A row that answers no longer is heard no longer.
            let by = |&(row, column, change): &(usize, usize, F)| {
                let is_mute = trace.values[row * trace.width + column] == F::ZERO;
                change == -*count && (is_mute || places.contains(&(kind, row)))
            };
            *bus == kind.name() && changes.iter().any(by)
        }
        Violation::Constraint { .. } => false,
    };
    assert!(violations.len() == changes.len() && violations.iter().all(is_caught), "{changes:?}: {violations:?}");
    for &(row, column, change) in changes {
        let trace = run.trace_mut(kind).expect("the table");
        trace.values[row * trace.width + column] -= change;
    }
}

#[test]
fn every_answer_is_given_as_often_as_it_is_asked_for() {
    let case = sum_of_input();
    let mut run = honest(&case.program, &case.input);
    let mut lies = 0;
    for kind in [Kind::Range, Kind::Byte, Kind::Program, Kind::Poseidon2] {
        for column in multiplicities(kind) {
            let (asked, unasked) = (rows(&run, kind, column, true), rows(&run, kind, column, false));
            for &row in asked.iter().chain(&unasked) {
                assert_caught(&mut run, kind, &[(row, column, F::ONE)]);
                assert_caught(&mut run, kind, &[(row, column, F::NEG_ONE)]);
            }
            // Moved: as many answers in all. What pads the permutations is one that is asked for too, that of zeros.
            let others = unasked.iter().filter(|_| kind != Kind::Poseidon2);
            for (&from, &to) in asked.iter().zip(others.chain(asked.iter().skip(1))) {
                assert_caught(&mut run, kind, &[(from, column, F::NEG_ONE), (to, column, F::ONE)]);
                lies += 1;
            }
            lies += 2 * (asked.len() + unasked.len());
        }
    }
    println!("{lies} lies about multiplicities");
}
