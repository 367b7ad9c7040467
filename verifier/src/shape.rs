//! The shape of a proof: its tables with their lookups, derived by prover and verifier alike.

use alloc::vec::Vec;

use air::F;
use air::kind::Kind;
use air::table::Table;
use air::tables::{byte, range};
use p3_air::BaseAir;
use p3_air::symbolic::AirLayout;
use p3_batch_stark::common::{GlobalPreprocessed, PreprocessedInstanceMeta};
use p3_batch_stark::{CommonData, symbolic};
use p3_lookup::logup::LogUpGadget;
use p3_lookup::{Lookup, Lookups};

use crate::config::{Challenge, Commitment, Config};

/// The largest constraint degree: what blowup 2 leaves room for.
pub const MAX_DEGREE: usize = 3;

/// Logarithm of the largest height of any table.
pub const MAX_LOG_HEIGHT: usize = 22;
/// Logarithm of the smallest height.
pub const MIN_LOG_HEIGHT: usize = 5;

/// A table's lookups, those of one bus folded into shared columns as far as degree 3 allows.
pub fn lookups(table: &Table) -> Lookups<F> {
    Lookups::<F>::from_air::<Challenge, Table>(table).pack_same_bus(&LogUpGadget::new(), MAX_DEGREE)
}

/// What prover and verifier know of the tables of a proof: their lookups and the commitment to the fixed columns.
pub fn common_data(tables: &[Table], heights: &[usize], fixed: Commitment) -> CommonData<Config> {
    let mut instances = Vec::with_capacity(tables.len());
    let mut matrix_to_instance = Vec::new();
    for (i, (table, &log_height)) in tables.iter().zip(heights).enumerate() {
        let width = table.kind().fixed_width();
        instances.push((width > 0).then(|| {
            let matrix_index = matrix_to_instance.len();
            matrix_to_instance.push(i);
            PreprocessedInstanceMeta { matrix_index, width, degree_bits: log_height }
        }));
    }
    let preprocessed = Some(GlobalPreprocessed { commitment: fixed, instances, matrix_to_instance });
    CommonData::new(preprocessed, tables.iter().map(lookups).collect())
}

/// The number of quotient chunks of a table.
pub fn quotient_chunks_of(table: &Table, lookups: &[Lookup<F>]) -> usize {
    let layout = AirLayout::from_air::<F>(table);
    1 << symbolic::get_log_num_quotient_chunks::<F, Challenge, Table, _>(
        table,
        layout,
        1 << MAX_LOG_HEIGHT,
        lookups,
        0,
        &LogUpGadget::new(),
    )
}

/// The height that a table always has, if it does not depend on the run.
pub const fn fixed_log_height(kind: Kind, log_program: usize) -> Option<usize> {
    match kind {
        Kind::Program => Some(log_program),
        Kind::Range => Some(range::HEIGHT.ilog2() as usize),
        Kind::Byte => Some(byte::HEIGHT.ilog2() as usize),
        Kind::Segment => Some(MIN_LOG_HEIGHT),
        _ => None,
    }
}

/// Committed base-field cells of a row: columns and the columns of the lookups.
pub fn cells_per_row(table: &Table, lookups: &Lookups<F>) -> usize {
    BaseAir::<F>::width(table) + 5 * (lookups.len() + 1)
}
