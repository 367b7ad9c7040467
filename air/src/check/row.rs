//! One row evaluated over field elements.

use p3_field::PrimeCharacteristicRing;
use p3_lookup::Count;
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;

use crate::F;
use crate::bus::Bus;
use crate::cells::{CellBuilder, Listener};
use crate::check::bus_of;
use crate::check::deletion::{Deletion, NOTHING};
use crate::check::formula::Context;
use crate::emit::Emitter;
use crate::table::Table;

/// A tuple that a row gives (positive count), takes, asks for or answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The bus.
    pub bus: Bus,
    /// The tuple.
    pub tuple: Vec<F>,
    /// How often; never zero.
    pub count: F,
    /// Whether it answers look-ups, as the row of an answering table does.
    pub answers: bool,
    /// The interaction's number, in the order of [`crate::check::names`].
    pub interaction: usize,
}

/// A message of one of several rows.
#[derive(Clone, Debug)]
pub struct Said {
    /// The row, counted from the first one.
    pub row: usize,
    /// The message.
    pub message: Message,
}

/// What one row violates and says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowReport {
    /// Numbers of the constraints that do not hold, in the order of [`crate::check::names`].
    pub violated: Vec<usize>,
    /// The messages with a non-zero count.
    pub messages: Vec<Message>,
}

/// Evaluates a row of a trace.
pub fn evaluate(table: &Table, trace: &RowMajorMatrix<F>, row: usize, public: &[F]) -> RowReport {
    let cells = |row: usize| trace.row_slice(row % trace.height()).map(|cells| cells.to_vec()).unwrap_or_default();
    let fixed = table.fixed().and_then(|fixed| fixed.row_slice(row).map(|cells| cells.to_vec())).unwrap_or_default();
    let (rows, ends) = ([&*cells(row), &*cells(row + 1)], [row == 0, row + 1 == trace.height()]);
    hear(table, &Context { rows, fixed: &fixed, public, ends }, &NOTHING, true)
}

/// Collects what a row violates and says, as if something were not stated of it.
pub struct Hearing<'a> {
    constraints: usize,
    interactions: usize,
    deletion: &'a Deletion,
    /// Whether messages are wanted.
    hears: bool,
    report: RowReport,
}

impl Listener for Hearing<'_> {
    fn constraint(&mut self, x: F) {
        if x != F::ZERO && !self.deletion.drops_constraint(self.constraints) {
            self.report.violated.push(self.constraints);
        }
        self.constraints += 1;
    }

    fn interaction(&mut self, bus_name: &str, tuple: impl Iterator<Item = F>, count: Count<F>) {
        let (count, weight) = count.into_parts();
        let interaction = self.interactions;
        self.interactions += 1;
        if self.hears && count != F::ZERO && !self.deletion.drops_interaction(interaction) {
            let bus = bus_of(bus_name).expect("tables speak on declared buses only");
            self.report.messages.push(Message {
                bus,
                tuple: tuple.collect(),
                count,
                answers: weight == 0,
                interaction,
            });
        }
    }
}

/// The builder that evaluates a row.
pub type RowBuilder<'a> = CellBuilder<'a, F, Hearing<'a>>;

/// What a row violates and, if it `hears` messages, which cost most of it, says; as if something were not stated of it.
pub fn hear(table: &Table, context: &Context<'_>, deletion: &Deletion, hears: bool) -> RowReport {
    let Context { rows: [local, next], fixed, public, ends } = *context;
    let public = &public[..table.kind().public_values()];
    let hearing = Hearing { constraints: 0, interactions: 0, deletion, hears, report: RowReport::default() };
    let mut builder = RowBuilder::new([local, next], fixed, public, ends.map(F::from_bool), hearing);
    table.kind().eval(&mut Emitter::new(&mut builder));
    builder.listener.report
}
