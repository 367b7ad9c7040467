//! One row over field elements: what its table states comes, as values, to a listener.

use p3_air::{AirBuilder, RowWindow};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};

use crate::F;

/// What hears a row.
pub trait Listener {
    /// Hears a constraint, which holds iff it is 0.
    fn constraint(&mut self, x: F);

    /// Hears a tuple on a bus.
    fn interaction(&mut self, bus_name: &str, tuple: impl Iterator<Item = F>, count: Count<F>);
}

/// The builder over the cells of a row.
#[derive(Debug)]
pub struct CellBuilder<'a, L> {
    main: RowWindow<'a, F>,
    fixed: RowWindow<'a, F>,
    public: &'a [F],
    is_first: F,
    is_last: F,
    /// Whoever hears it.
    pub listener: L,
}

impl<'a, L: Listener> CellBuilder<'a, L> {
    /// A row and the next one, its fixed cells, the public values, and whether it is the first and whether the last one.
    #[inline]
    pub fn new([local, next]: [&'a [F]; 2], fixed: &'a [F], public: &'a [F], ends: [bool; 2], listener: L) -> Self {
        let (main, fixed) = (RowWindow::from_two_rows(local, next), RowWindow::from_two_rows(fixed, fixed));
        let [is_first, is_last] = ends.map(F::from_bool);
        Self { main, fixed, public, is_first, is_last, listener }
    }
}

impl<'a, L: Listener> AirBuilder for CellBuilder<'a, L> {
    type F = F;
    type Expr = F;
    type Var = F;
    type PreprocessedWindow = RowWindow<'a, F>;
    type MainWindow = RowWindow<'a, F>;
    type PublicVar = F;
    type PeriodicVar = F;

    fn main(&self) -> Self::MainWindow {
        self.main
    }

    fn preprocessed(&self) -> &Self::PreprocessedWindow {
        &self.fixed
    }

    fn is_first_row(&self) -> F {
        self.is_first
    }

    fn is_last_row(&self) -> F {
        self.is_last
    }

    fn is_transition(&self) -> F {
        F::ONE - self.is_last
    }

    #[inline(always)]
    fn assert_zero<I: Into<F>>(&mut self, x: I) {
        self.listener.constraint(x.into());
    }

    fn public_values(&self) -> &[F] {
        self.public
    }
}

impl<L: Listener> InteractionBuilder for CellBuilder<'_, L> {
    #[inline(always)]
    fn push_interaction<E: Into<F>>(
        &mut self,
        bus_name: &str,
        fields: impl IntoIterator<Item = E>,
        count: impl Into<Count<F>>,
    ) {
        self.listener.interaction(bus_name, fields.into_iter().map(Into::into), count.into());
    }

    fn push_local_interaction(&mut self, _: impl IntoIterator<Item = (Vec<F>, Count<F>)>) {}
}
