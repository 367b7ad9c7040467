//! A table as the library's verifier is given it.

use air::F;
use air::kind::Kind;
use air::table::Table;
use p3_air::{Air, BaseAir};
use p3_bus::BusSymbolicBuilder;
use p3_lookup::InteractionSymbolicBuilder;
use p3_matrix::dense::RowMajorMatrix;
use p3_multi_stark::folder::{InteractionMultilinearFolder, MultilinearFolder};

use crate::config::Challenge;

/// A table of which an outline is stated where the library asks for expressions, and the table itself where it asks for
/// values.
///
/// From expressions it takes nothing but how many constraints there are, degrees, and the buses, widths and weights of
/// interactions; making and walking them was half of the verifier's time. Its closing check, on which all soundness
/// rests, evaluates the table at the opened values.
#[derive(Debug)]
pub struct Outlined(Table);

impl Outlined {
    /// A table by its height.
    pub fn new(kind: Kind, log_height: usize) -> Self {
        Self(Table::of_height(kind, log_height))
    }

    /// Its kind.
    pub const fn kind(&self) -> Kind {
        self.0.kind()
    }
}

impl BaseAir<F> for Outlined {
    fn width(&self) -> usize {
        self.0.width()
    }

    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<F>> {
        self.0.preprocessed_trace()
    }

    fn preprocessed_width(&self) -> usize {
        self.0.preprocessed_width()
    }

    fn main_next_row_columns(&self) -> alloc::vec::Vec<usize> {
        self.0.main_next_row_columns()
    }

    fn preprocessed_next_row_columns(&self) -> alloc::vec::Vec<usize> {
        self.0.preprocessed_next_row_columns()
    }

    fn num_public_values(&self) -> usize {
        self.0.num_public_values()
    }
}

impl Air<InteractionSymbolicBuilder<F, Challenge>> for Outlined {
    fn eval(&self, builder: &mut InteractionSymbolicBuilder<F, Challenge>) {
        self.kind().outline().state(builder);
    }
}

/// Binary buses, of which there are none.
impl Air<BusSymbolicBuilder<F, Challenge>> for Outlined {
    fn eval(&self, _: &mut BusSymbolicBuilder<F, Challenge>) {}
}

impl<'a> Air<MultilinearFolder<'a, F, Challenge, Challenge>> for Outlined {
    fn eval(&self, builder: &mut MultilinearFolder<'a, F, Challenge, Challenge>) {
        self.0.eval(builder);
    }
}

impl<'a> Air<InteractionMultilinearFolder<'a, F, Challenge, Challenge>> for Outlined {
    fn eval(&self, builder: &mut InteractionMultilinearFolder<'a, F, Challenge, Challenge>) {
        self.0.eval(builder);
    }
}
