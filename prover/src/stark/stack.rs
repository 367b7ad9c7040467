//! All columns of all tables as one: what is committed.

use air::F;
use air::kind::{Kind, TABLES};
use p3_field::PrimeCharacteristicRing;
use p3_matrix::Matrix;
use p3_matrix::dense::{RowMajorMatrix, RowMajorMatrixViewMut};
use p3_sumcheck::TableShape;
use p3_sumcheck::layout::plan_stacked_layout;
use rayon::prelude::*;
use verifier::shape::Heights;

/// The columns of all tables, one behind the other, those of the highest tables first; zeros fill up.
pub(crate) struct Stack {
    cells: Vec<F>,
    places: Vec<Place>,
    /// Tables in the order in which they lie.
    order: Vec<usize>,
}

/// Where the columns of a table lie.
#[derive(Clone, Copy)]
struct Place {
    first: usize,
    log_height: usize,
    width: usize,
}

impl Stack {
    /// The stack of tables of given heights, whose rows are laid down as columns. Rows are dropped as soon as they lie there;
    /// where there are none, cells are zeros.
    pub(crate) fn new(heights: &Heights, rows: Vec<Option<RowMajorMatrix<F>>>) -> Self {
        let shape = |(kind, &height): (Kind, &u8)| TableShape::new(height.into(), kind.width());
        let shapes: Vec<TableShape> = TABLES.into_iter().zip(heights).map(shape).collect();
        let (log_cells, placements) = plan_stacked_layout(&shapes);
        let mut places = vec![Place { first: 0, log_height: 0, width: 0 }; TABLES.len()];
        for placement in &placements {
            let shape = &shapes[placement.idx()];
            let first = placement.selectors().first().map_or(0, |selector| selector.index() << shape.num_variables());
            places[placement.idx()] = Place { first, log_height: shape.num_variables(), width: shape.width() };
        }
        let order = placements.iter().map(|placement| placement.idx()).collect();
        let mut stack = Self { cells: F::zero_vec(1 << log_cells), places, order };
        stack.fill(rows);
        stack
    }

    fn fill(&mut self, mut rows: Vec<Option<RowMajorMatrix<F>>>) {
        let (mut at, mut rest) = (0, self.cells.as_mut_slice());
        let mut tables = Vec::with_capacity(rows.len());
        for &table in &self.order {
            let Place { first, log_height, width } = self.places[table];
            let (columns, behind) = rest.split_at_mut(width << log_height);
            (at, rest) = (at + columns.len(), behind);
            debug_assert_eq!(first + columns.len(), at, "tables lie one behind the other");
            tables.extend(rows[table].take().map(|rows| (rows, columns)));
        }
        tables.into_par_iter().for_each(|(rows, columns)| {
            rows.as_view().transpose_into(&mut RowMajorMatrixViewMut::new(columns, rows.height()));
        });
    }

    /// All cells.
    pub(super) fn cells(&self) -> &[F] {
        &self.cells
    }

    /// The columns of a table.
    pub(super) fn columns(&self, table: usize) -> impl Iterator<Item = &[F]> {
        let Place { first, log_height, width } = self.places[table];
        self.cells[first..first + (width << log_height)].chunks_exact(1 << log_height)
    }

    /// The first cell of a table.
    pub(super) fn first(&self, table: usize) -> usize {
        self.places[table].first
    }

    /// The logarithm of a table's height.
    pub(super) fn log_height(&self, table: usize) -> usize {
        self.places[table].log_height
    }

    /// Tables in the order in which they lie.
    pub(super) fn order(&self) -> &[usize] {
        &self.order
    }
}
