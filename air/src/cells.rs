//! Rows over values: what their table states comes to a listener. A value is a field element of one row, a pack of such or of
//! challenges, one for each of several rows, or the degree of what stands in its place.

use alloc::vec::Vec;

use p3_air::{AirBuilder, RowWindow};
use p3_field::Algebra;
use p3_lookup::{Count, InteractionBuilder};

use crate::F;

/// What a cell may be.
pub trait Value: Algebra<F> + Copy + Send + Sync {}

impl<V: Algebra<F> + Copy + Send + Sync> Value for V {}

/// What hears rows.
pub trait Listener<V = F> {
    /// Hears a constraint, which holds iff it is 0.
    fn constraint(&mut self, x: V);

    /// Hears a tuple on a bus.
    fn interaction(&mut self, bus_name: &str, tuple: impl Iterator<Item = V>, count: Count<V>);
}

/// The builder over the cells of rows.
#[derive(Debug)]
pub struct CellBuilder<'a, V, L> {
    main: RowWindow<'a, V>,
    fixed: RowWindow<'a, V>,
    public: &'a [F],
    is_first: V,
    is_last: V,
    /// Whoever hears it.
    pub listener: L,
}

impl<'a, V: Value, L: Listener<V>> CellBuilder<'a, V, L> {
    /// Rows and the next ones, their fixed cells, the public values, and 1 for the first and 1 for the last row.
    #[inline]
    pub fn new(
        [local, next]: [&'a [V]; 2],
        fixed: &'a [V],
        public: &'a [F],
        [is_first, is_last]: [V; 2],
        listener: L,
    ) -> Self {
        let (main, fixed) = (RowWindow::from_two_rows(local, next), RowWindow::from_two_rows(fixed, fixed));
        Self { main, fixed, public, is_first, is_last, listener }
    }
}

impl<'a, V: Value, L: Listener<V>> AirBuilder for CellBuilder<'a, V, L> {
    type F = F;
    type Expr = V;
    type Var = V;
    type PreprocessedWindow = RowWindow<'a, V>;
    type MainWindow = RowWindow<'a, V>;
    type PublicVar = F;
    type PeriodicVar = V;

    #[inline]
    fn main(&self) -> Self::MainWindow {
        self.main
    }

    #[inline]
    fn preprocessed(&self) -> &Self::PreprocessedWindow {
        &self.fixed
    }

    #[inline]
    fn is_first_row(&self) -> V {
        self.is_first
    }

    #[inline]
    fn is_last_row(&self) -> V {
        self.is_last
    }

    #[inline]
    fn is_transition(&self) -> V {
        V::ONE - self.is_last
    }

    #[inline(always)]
    fn assert_zero<I: Into<V>>(&mut self, x: I) {
        self.listener.constraint(x.into());
    }

    #[inline]
    fn public_values(&self) -> &[F] {
        self.public
    }
}

impl<V: Value, L: Listener<V>> InteractionBuilder for CellBuilder<'_, V, L> {
    #[inline(always)]
    fn push_interaction<E: Into<V>>(
        &mut self,
        bus_name: &str,
        fields: impl IntoIterator<Item = E>,
        count: impl Into<Count<V>>,
    ) {
        self.listener.interaction(bus_name, fields.into_iter().map(Into::into), count.into());
    }

    /// No table looks up in itself.
    fn push_local_interaction(&mut self, _: impl IntoIterator<Item = (Vec<V>, Count<V>)>) {}
}
