//! All columns of all tables as one: what is committed.

use air::F;
use air::kind::{Kind, TABLES};
use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::{RowMajorMatrix, RowMajorMatrixViewMut};
use p3_sumcheck::TableShape;
use p3_sumcheck::layout::plan_stacked_layout;
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
    /// A stack of zeros for tables of given heights.
    pub(crate) fn new(heights: &Heights) -> Self {
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
        Self { cells: F::zero_vec(1 << log_cells), places, order }
    }

    /// Lays the rows of a table down as columns.
    pub(crate) fn fill(&mut self, table: usize, rows: &RowMajorMatrix<F>) {
        let Place { first, log_height, width } = self.places[table];
        let columns = &mut self.cells[first..first + (width << log_height)];
        rows.as_view().transpose_into(&mut RowMajorMatrixViewMut::new(columns, 1 << log_height));
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
