//! Looking for what is wrong with a trace, without a proof: violated constraints by table, row and name, and tuples
//! that are given and taken unequally.
//!
//! Buses with an answering table are checked against what that table may answer, not against multiplicities, since
//! those are the prover's to choose.

pub mod mutation;
mod row;
mod run;
#[cfg(test)]
pub mod samples;

use std::collections::HashMap;

use p3_field::PrimeCharacteristicRing;
use p3_lookup::InteractionSymbolicBuilder;
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;

pub use row::{Message, RowReport, evaluate};
pub use run::LaidOut;
#[cfg(test)]
pub use run::samples::sum_of_input;

use crate::F;
use crate::bus::{self, Bus};
use crate::emit::{Emitter, Names};
use crate::table::{self, Table};
use crate::tables::Kind;

/// The names of a table's constraints and the buses of its interactions, in order.
pub fn names(kind: Kind) -> Names {
    let mut names = Names::default();
    let mut builder = symbolic_builder(kind);
    table::eval(kind, &mut Emitter::recording(&mut builder, &mut names));
    names
}

/// The table's constraints and interactions as expressions.
pub fn symbolic(kind: Kind) -> InteractionSymbolicBuilder<F> {
    let mut builder = symbolic_builder(kind);
    table::eval(kind, &mut Emitter::new(&mut builder));
    builder
}

fn symbolic_builder(kind: Kind) -> InteractionSymbolicBuilder<F> {
    InteractionSymbolicBuilder::new(p3_air::symbolic::AirLayout {
        preprocessed_width: kind.fixed_width(),
        main_width: kind.width(),
        num_public_values: kind.public_values(),
        ..Default::default()
    })
}

/// Something wrong with a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Violation {
    /// A constraint does not hold.
    Constraint {
        /// The table.
        kind: Kind,
        /// The row.
        row: usize,
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
        let names = names(kind);
        for row in 0..trace.height() {
            let report = evaluate(table, trace, row, public);
            violations.extend(report.violated.iter().map(|&i| Violation::Constraint {
                kind,
                row,
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

/// The bus of a name.
pub fn bus_of(name: &str) -> Option<Bus> {
    bus::ALL.into_iter().find(|bus| bus.name == name)
}
