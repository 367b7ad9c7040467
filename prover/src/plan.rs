//! Planning heights: whether a table's rows go into one table, mostly padding at worst, or into two.

use air::execution::Execution;
use air::table::Table;
use air::tables::{Kind, height};

use crate::shape::{cells_per_row, lookups, most};

/// A table is divided iff that saves at least this part of the segment's cells; each further table costs about a
/// twenty-fifth of a proof.
const WORTH: usize = 32;

/// The heights of the instruction tables by kind; empty for those without rows.
pub fn plan(execution: &Execution<'_>) -> Vec<Vec<usize>> {
    let rows = |kind: Kind| execution.events[kind as usize].len();
    let cells = |kind: Kind| {
        let table = Table::new(kind);
        cells_per_row(&table, &lookups(&table))
    };
    let total: usize = Kind::instructions().map(|kind| whole(rows(kind)) * cells(kind)).sum();
    let heights = |kind: Kind| {
        let rows = rows(kind);
        let parts = divided(rows);
        let saved = (whole(rows) - parts.iter().sum::<usize>()) * cells(kind);
        let divide = most(kind) > 1 && saved > 0 && saved >= total / WORTH;
        if divide { parts } else { Vec::from_iter((rows > 0).then(|| height(rows))) }
    };
    Kind::instructions().map(heights).collect()
}

/// Rows of one table, padding included.
const fn whole(rows: usize) -> usize {
    if rows == 0 { 0 } else { height(rows) }
}

/// The heights of two tables, the first one full; or of one, if that is no higher.
fn divided(rows: usize) -> Vec<usize> {
    if rows == 0 {
        return Vec::new();
    }
    let first = height(rows) / 2;
    match rows.checked_sub(first).filter(|&rest| rest > 0 && first >= height(0)) {
        Some(rest) if height(rest) < first => vec![first, height(rest)],
        _ => vec![height(rows)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_tables_are_never_higher_than_one() {
        for rows in (0..200).chain([1000, 4095, 4096, 4097, 5000, 6144, 6145]) {
            let parts = divided(rows);
            assert!(parts.iter().sum::<usize>() >= rows && parts.iter().sum::<usize>() <= whole(rows), "{rows}");
            assert!(parts.iter().all(|part| part.is_power_of_two() && *part >= 32), "{rows}");
        }
    }
}
