//! Looking for what is wrong with a trace, without a proof: violated constraints by table, row and name, and tuples
//! that are given and taken unequally.
//!
//! Buses with an answering table are checked against what that table may answer, not against multiplicities, since
//! those are the prover's to choose.

pub mod audit;
pub mod deletion;
pub mod formula;
pub mod judge;
pub mod liar;
pub mod lie;
pub mod misread;
pub mod mutation;
pub mod paging;
pub mod permutation;
mod row;
mod run;
#[cfg(test)]
pub mod samples;
pub mod search;
pub mod sheet;
#[cfg(test)]
pub mod small;
pub mod stepwise;
pub mod words;

use core::cell::LazyCell;
use core::fmt;
use std::collections::HashMap;

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use spec_interp::Op;

#[cfg(test)]
pub use row::RowBuilder;
pub use row::{Message, RowReport, Said, evaluate};
pub use run::LaidOut;
#[cfg(test)]
pub use run::samples::sum_of_input;

use crate::F;
use crate::bus::{self, Bus, PROGRAM};
use crate::kind::Kind;
use crate::lower::ops_of;
use crate::table::Table;
pub use crate::table::{names, symbolic};

/// Something wrong with a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Violation {
    /// A constraint does not hold.
    Constraint {
        /// The table.
        kind: Kind,
        /// The row.
        row: usize,
        /// What the row executes, if it says so: operations that share a number, such as `add`.
        ops: Vec<Op>,
        /// The constraint's name.
        name: String,
    },
    /// A tuple was given more often than taken, or the other way round.
    Unbalanced {
        /// The bus.
        bus: &'static str,
        /// The tuple.
        tuple: Vec<F>,
        /// Given less taken.
        count: F,
        /// Tables and rows that speak of the tuple.
        places: Vec<(Kind, usize)>,
    },
}

/// What was given less what was taken of a tuple, and the tables and rows that speak of it.
type Account = (F, Vec<(Kind, usize)>);

/// Checks all tables of a segment; at most `limit` violations are returned.
pub fn check(tables: &[(Table, &RowMajorMatrix<F>)], public: &[F], limit: usize) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut balance: HashMap<(&'static str, Vec<F>), Account> = HashMap::new();
    for (table, trace) in tables {
        let kind = table.kind();
        let names = LazyCell::new(|| names(kind));
        let is_fixed = matches!(kind, Kind::Program | Kind::Range | Kind::Byte);
        for row in 0..trace.height() {
            // Nothing is required of a row of a fixed table, and without a multiplicity it says nothing.
            if is_fixed && trace.row_slice(row).is_some_and(|cells| cells.iter().all(|cell| *cell == F::ZERO)) {
                continue;
            }
            let report = evaluate(table, trace, row, public);
            violations.extend(report.violated.iter().map(|&i| Violation::Constraint {
                kind,
                row,
                ops: ops(&report.messages),
                name: names.constraints[i].clone(),
            }));
            for message in report.messages {
                let entry = balance.entry((message.bus.name, message.tuple)).or_default();
                entry.0 += message.count;
                entry.1.push((kind, row));
            }
            if violations.len() >= limit {
                violations.truncate(limit);
                return violations;
            }
        }
    }
    let unbalanced = balance.into_iter().filter(|(_, (count, _))| *count != F::ZERO);
    violations.extend(unbalanced.map(|((bus, tuple), (count, places))| Violation::Unbalanced {
        bus,
        tuple,
        count,
        places,
    }));
    violations.truncate(limit);
    violations
}

/// What the row that says this executes.
fn ops(messages: &[Message]) -> Vec<Op> {
    let number = messages.iter().find(|message| message.bus == PROGRAM).and_then(|message| message.tuple.get(2));
    number.map_or_else(Vec::new, |number| ops_of(number.as_canonical_u32()).collect())
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constraint { kind, row, ops, name } => {
                let ops: Vec<_> = ops.iter().map(|op| op.mnemonic()).collect();
                write!(f, "table {}, row {row} ({}): constraint \"{name}\" does not hold", kind.name(), ops.join(" "))
            }
            Self::Unbalanced { bus, tuple, count, places } => {
                let places: Vec<_> = places.iter().map(|(kind, row)| format!("{} row {row}", kind.name())).collect();
                let places = places.join(", ");
                write!(f, "bus {bus}: {tuple:?} is given {count} times more often than taken; of it speak {places}")
            }
        }
    }
}

/// The bus of a name.
pub fn bus_of(name: &str) -> Option<Bus> {
    bus::ALL.into_iter().find(|bus| bus.name == name)
}

/// Asserts that a function gives the multilinear extensions of columns, at points whose first coordinate is the highest
/// bit of a row.
#[cfg(test)]
pub fn assert_extensions<const N: usize>(columns: &RowMajorMatrix<F>, at: impl Fn(&[F]) -> [F; N]) {
    let coordinates =
        |seed: u32| move |i| F::from_u32(seed) * F::from_usize(i + 1) * F::from_u32(1_234_567) + F::from_u32(seed);
    for seed in 0..4 {
        let point: Vec<F> = (0..columns.height().ilog2() as usize).map(coordinates(seed)).collect();
        let extension = |column: usize| {
            let mut values: Vec<F> = columns.rows().map(|row| row.into_iter().nth(column).expect("a cell")).collect();
            for &coordinate in &point {
                let (low, high) = values.split_at(values.len() / 2);
                values = low.iter().zip(high).map(|(&low, &high)| low + coordinate * (high - low)).collect();
            }
            values[0]
        };
        assert_eq!(at(&point), core::array::from_fn(extension), "{point:?}");
    }
}

#[cfg(test)]
mod tests {
    use super::samples::{Samples, columns};
    use super::*;

    #[test]
    fn a_violation_names_table_row_operation_and_constraint() {
        let samples = Samples::of_ops(Kind::Arith, &[Op::Add, Op::Subw]);
        let mut trace = samples.trace();
        let column = columns(Kind::Arith, &["result"])[0];
        let row = samples.list.len() - 1;
        trace.values[row * trace.width + column] += F::ONE;
        let violations = check(&[(Table::new(Kind::Arith), &trace)], &[], 1);
        let text = violations.first().expect("a violation").to_string();
        assert_eq!(text, format!("table arith, row {row} (subw): constraint \"sub: carry\" does not hold"));
    }

    #[test]
    fn every_program_row_stands_for_its_operation() {
        for (number, op) in [
            (crate::rom::operation(Kind::Compare, 0, false), Op::Slt),
            (crate::rom::operation(Kind::Jump, 1, false), Op::Jalr),
        ] {
            assert_eq!(ops_of(number).collect::<Vec<_>>(), [op]);
        }
        assert_eq!(ops_of(0).count(), 0);
    }
}
