//! A row that lies, and what of a row a lie may not touch.

use std::collections::BTreeSet;

use crate::bus::PROGRAM;
use crate::check::formula::{Cell, Formula};
use crate::check::judge::Rows;
use crate::check::search::Place;
use crate::check::sheet::{Spoken, sheet};
use crate::emit::Role;
use crate::event::Event;
use crate::kind::Kind;

/// A row that claims something else than its instruction does, its other cells filled to fit as well as can be.
#[derive(Clone, Debug)]
pub struct RowLie {
    /// What it claims.
    pub what: String,
    /// The row.
    pub rows: Rows,
    /// The cells that make the claim: a search leaves them alone.
    pub claims: Vec<Place>,
    /// Whether it is one of many like it, of which a search need not try all.
    pub of_many: bool,
}

/// The honest row of an event.
pub fn honest_row(kind: Kind, event: &Event<'_>) -> Rows {
    let trace = kind.rows(&[core::slice::from_ref(event)]);
    Rows::single(trace.values[..trace.width].to_vec())
}

/// The columns of cells, each once and in order.
pub fn columns<'a>(cells: impl Iterator<Item = &'a Cell>) -> Vec<usize> {
    cells.map(|cell| cell.column).collect::<BTreeSet<_>>().into_iter().collect()
}

/// The columns of what a row takes, which the rest of the run fixes.
pub fn fixed_columns(kind: Kind) -> Vec<usize> {
    let taken = sheet(kind).interactions.iter().filter(|spoken| spoken.role == Role::Take);
    columns(taken.flat_map(Spoken::cells))
}

/// The columns by which a row says that it is one, and of which operation.
pub fn flag_columns(kind: Kind) -> Vec<usize> {
    let asked = sheet(kind).interactions.iter().filter(|spoken| spoken.bus == PROGRAM);
    columns(asked.flat_map(|spoken| [&spoken.count, &spoken.tuple[2]]).flat_map(Formula::cells))
}
