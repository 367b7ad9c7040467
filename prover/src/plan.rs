//! Planning heights: whether a table's rows go into one table, mostly padding at worst, or are divided among several.

use air::execution::Execution;
use air::kind::Kind;
use air::layout::height;
use air::table::Table;

use verifier::shape::{cells_per_row, lookups};

/// A further table must save at least this part of the segment's cells: it makes the proof about 4% longer.
const WORTH: usize = 32;

/// The heights of the instruction tables by kind; empty for those without rows.
pub fn plan(execution: &Execution<'_>) -> Vec<Vec<usize>> {
    let rows = |kind: Kind| execution.rows(kind);
    let cells = |kind: Kind| {
        let table = Table::new(kind);
        cells_per_row(&table, &lookups(&table))
    };
    let used = Kind::instructions().filter(|&kind| rows(kind) > 0);
    let total: usize = used.map(|kind| height(rows(kind)) * cells(kind)).sum();
    let heights = |kind: Kind| match rows(kind) {
        0 => Vec::new(),
        rows => divide(rows, *kind.count().end(), total / WORTH / cells(kind)),
    };
    Kind::instructions().map(heights).collect()
}

/// The heights of at most `parts` tables for some rows, where a further table costs as much as `worth` rows.
fn divide(rows: usize, parts: usize, worth: usize) -> Vec<usize> {
    let whole = height(rows);
    // The first of several tables is full, so the rest is less than it.
    let first = whole / 2;
    if parts <= 1 || rows <= first || first < height(0) {
        return vec![whole];
    }
    let rest = divide(rows - first, parts - 1, worth);
    let divided = first + rest.iter().sum::<usize>();
    if divided + worth * rest.len() < whole { [vec![first], rest].concat() } else { vec![whole] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn divided_tables_hold_the_rows_and_no_more_than_one_table_would() {
        for rows in (1..200).chain([1000, 4095, 4096, 4097, 5000, 6144, 6145]) {
            for (parts, worth) in [(1, 0), (2, 0), (4, 0), (4, 100)] {
                let heights = divide(rows, parts, worth);
                let sum: usize = heights.iter().sum();
                assert!((rows..=height(rows)).contains(&sum) && heights.len() <= parts, "{rows} {parts} {worth}");
                assert!(heights.iter().all(|height| height.is_power_of_two() && *height >= 32), "{rows}");
            }
        }
    }

    #[test]
    fn a_table_is_divided_where_it_is_worth_it() {
        assert_eq!(divide(4096 + 33, 4, 0), [4096, 64]);
        assert_eq!(divide(4096 + 33, 4, 5000), [8192]);
        assert_eq!(divide(7000, 4, 100), [4096, 2048, 1024]);
    }
}
