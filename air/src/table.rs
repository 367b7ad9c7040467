//! A table as the proof system sees it: widths, fixed columns, constraints.

use alloc::sync::Arc;
use alloc::vec::Vec;

use p3_air::{Air, BaseAir};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::InteractionSymbolicBuilder;
use p3_matrix::dense::RowMajorMatrix;

use crate::F;
use crate::emit::{Builder, Emitter, Names};
use crate::kind::Kind;

/// One table of one program: its kind and its fixed columns, if it has any.
#[derive(Clone, Debug)]
pub struct Table {
    kind: Kind,
    fixed: Option<Arc<RowMajorMatrix<F>>>,
}

impl Table {
    /// A table without fixed columns.
    ///
    /// # Panics
    /// If the kind has fixed columns.
    pub fn new(kind: Kind) -> Self {
        assert_eq!(kind.fixed_width(), 0, "{} has fixed columns", kind.name());
        Self { kind, fixed: None }
    }

    /// A table with fixed columns, or with their number alone.
    pub const fn with_fixed(kind: Kind, fixed: Option<Arc<RowMajorMatrix<F>>>) -> Self {
        Self { kind, fixed }
    }

    /// A table as a verifier knows it, who has fixed columns by their commitment and knows nothing but their height: one
    /// column of zeros stands for them.
    pub fn of_height(kind: Kind, log_height: usize) -> Self {
        let zeros = || Arc::new(RowMajorMatrix::new(F::zero_vec(1 << log_height), 1));
        Self { kind, fixed: (kind.fixed_width() > 0).then(zeros) }
    }

    /// Its kind.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Its fixed columns, if it has any and they are known.
    pub const fn fixed(&self) -> Option<&Arc<RowMajorMatrix<F>>> {
        self.fixed.as_ref()
    }

    /// The names of its constraints and the buses of its interactions.
    pub fn names(&self) -> Names {
        names(self.kind)
    }
}

impl BaseAir<F> for Table {
    fn width(&self) -> usize {
        self.kind.width()
    }

    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<F>> {
        self.fixed.as_deref().cloned()
    }

    fn preprocessed_width(&self) -> usize {
        self.kind.fixed_width()
    }

    fn main_next_row_columns(&self) -> Vec<usize> {
        self.kind.next_row_columns()
    }

    fn preprocessed_next_row_columns(&self) -> Vec<usize> {
        Vec::new()
    }

    fn num_public_values(&self) -> usize {
        self.kind.public_values()
    }
}

impl<AB: Builder> Air<AB> for Table {
    fn eval(&self, builder: &mut AB) {
        self.kind.eval(&mut Emitter::new(builder));
    }
}

/// The names of a table's constraints and the buses of its interactions, in order.
pub fn names(kind: Kind) -> Names {
    let mut names = Names::default();
    let mut builder = symbolic_builder(kind);
    kind.eval(&mut Emitter::recording(&mut builder, &mut names));
    names
}

/// The table's constraints and interactions as expressions.
pub fn symbolic(kind: Kind) -> InteractionSymbolicBuilder<F> {
    let mut builder = symbolic_builder(kind);
    kind.eval(&mut Emitter::new(&mut builder));
    builder
}

pub(crate) fn symbolic_builder(kind: Kind) -> InteractionSymbolicBuilder<F> {
    InteractionSymbolicBuilder::new(p3_air::symbolic::AirLayout {
        preprocessed_width: kind.fixed_width(),
        main_width: kind.width(),
        num_public_values: kind.public_values(),
        ..Default::default()
    })
}
