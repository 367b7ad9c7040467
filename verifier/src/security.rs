//! How secure a proof is: bits proven, computed by `p3-security` from the tables and parameters that are compiled in.
//!
//! Computed for the largest segment: every table present as often as it may be, each at the largest height.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use air::F;
use air::bus::ALL as BUSES;
use air::kind::Kind;
use air::table::Table;
use p3_air::BaseAir;
use p3_air::symbolic::AirLayout;
use p3_batch_stark::{num_batched_openings, symbolic};
use p3_field::BasedVectorSpace;
use p3_lookup::Lookups;
use p3_lookup::logup::LogUpGadget;
use p3_security::logup::{LogUpAir, security_term};
use p3_security::shape::{InstanceShape, StarkAirParams};
use p3_security::stark::proven_security_report;
use p3_security::{ErrorBits, GrindingSites, Regime};
use p3_uni_stark::OpeningShape;

use crate::config::{Blowup, Challenge, Parameters};
use crate::shape::{MAX_DEGREE, MAX_LOG_HEIGHT, lookups, quotient_chunks_of};

/// Whole bits of the challenge field, 5 log2 p = 154.9.
const MODULUS_BITS: usize = 154;
/// Bits of work to find a collision of nine-element digests: half of 9 log2 p = 278.8.
const COLLISION_BITS: usize = 139;
/// The bits that every proof must reach.
pub const TARGET_BITS: usize = 128;

/// The security of proofs with given parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct SecurityReport {
    /// Bits proven: the least of the terms, in the better regime. It measures round-by-round soundness.
    pub bits: f64,
    /// Bits of the union of the terms, whose errors are added: never more than the least of them.
    pub union: f64,
    /// The proximity regime in which they are proven.
    pub regime: String,
    /// Each source of error with its bits.
    pub terms: Vec<(String, f64)>,
    /// The parameters.
    pub parameters: Parameters,
    /// Polynomials batched into one.
    pub openings: usize,
}

/// The tables of the largest segment, with their lookups.
fn largest() -> Vec<(Table, Lookups<F>)> {
    let tables =
        Kind::ALL.into_iter().flat_map(|kind| (0..*kind.count().end()).map(move |_| Table::with_fixed(kind, None)));
    tables.map(|table| (lookups(&table), table)).map(|(lookups, table)| (table, lookups)).collect()
}

/// The security of proofs at a blowup.
pub fn report(blowup: Blowup) -> SecurityReport {
    report_for(blowup.parameters())
}

/// The security of proofs with any parameters.
pub fn report_for(parameters: Parameters) -> SecurityReport {
    let tables = largest();
    let dimension = <Challenge as BasedVectorSpace<F>>::DIMENSION;

    let openings = tables.iter().map(|(table, lookups)| {
        let next = !BaseAir::<F>::main_next_row_columns(table).is_empty();
        let (width, fixed) = (BaseAir::<F>::width(table), table.kind().fixed_width());
        let chunks = quotient_chunks_of(table, lookups);
        num_batched_openings(width, next, fixed, false, chunks, lookups.len(), dimension, OpeningShape::new())
    });
    let openings: usize = openings.sum();
    let constraints = tables.iter().map(|(table, lookups)| {
        let layout = AirLayout::from_air::<F>(table);
        let (base, extension) =
            symbolic::get_symbolic_constraints::<F, Challenge, Table, _>(table, layout, lookups, &LogUpGadget::new());
        base.len() + extension.len()
    });
    let air = StarkAirParams {
        num_constraints: constraints.sum(),
        max_constraint_degree: MAX_DEGREE,
        num_quotient_chunks: 2,
        max_combo: 2,
    };
    let shape = InstanceShape {
        log_trace_length: MAX_LOG_HEIGHT,
        modulus_bits: MODULUS_BITS,
        collision_resistance: COLLISION_BITS,
        num_batched_functions: openings,
    };
    let grinding = GrindingSites {
        out_of_domain: parameters.ood_grinding,
        batch_combination: parameters.batch_grinding,
        lookup_challenge: parameters.lookup_grinding,
    };
    let logup = LogUpAir {
        num_interactions: tables.iter().map(|(table, _)| table.names().interactions.len()).sum(),
        // The name of the bus enters as one more element.
        max_message_width: 1 + BUSES.iter().map(|bus| bus.width).max().unwrap_or(0),
    };
    let extras: Vec<_> = security_term(&logup, &shape, &grinding).into_iter().collect();
    let fri = parameters.fri(()).security_regime();
    let report = proven_security_report(&fri, &air, &shape, &extras, &grinding);
    let better = match report.ldr {
        Some(ldr) if ldr.security_bits() > report.udr.security_bits() => ldr,
        _ => report.udr,
    };
    let regime = match better.regime {
        Regime::ListDecoding { m } => format!("Johnson bound, multiplicity {m}"),
        Regime::UniqueDecoding => "unique decoding".to_owned(),
        other => format!("{other:?}"),
    };
    let errors: Vec<ErrorBits> = better.terms().iter().map(|term| term.bits).collect();
    SecurityReport {
        bits: better.security_bits(),
        union: ErrorBits::sum(&errors).bits(),
        regime,
        terms: better.terms().iter().map(|term| (term.label.to_owned(), term.bits.bits())).collect(),
        parameters,
        openings,
    }
}

#[cfg(test)]
mod tests {
    use p3_field::PrimeField32;

    use super::*;

    #[test]
    fn every_blowup_reaches_the_target() {
        for blowup in Blowup::ALL {
            let report = report(blowup);
            assert!(report.bits >= TARGET_BITS as f64, "{report:#?}");
            assert!(report.terms.iter().all(|(_, bits)| *bits >= report.bits), "{report:#?}");
            // As if every term were the least.
            let lowest = report.bits - (report.terms.len() as f64).log2();
            assert!((lowest..report.bits).contains(&report.union), "{report:#?}");
        }
    }

    #[test]
    fn the_field_and_the_digest_have_the_bits_claimed() {
        let bits = f64::from(F::ORDER_U32).log2();
        assert_eq!((5.0 * bits) as usize, MODULUS_BITS);
        assert_eq!((4.5 * bits) as usize, COLLISION_BITS);
    }
}
