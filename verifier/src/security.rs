//! How secure a proof is: bits proven, computed by the library from the tables and parameters that are compiled in.
//!
//! Computed for the largest segment of each class: a stack and a sum of fractions that are full, and the largest program.
//! The library's terms stand as they are, but for the one that the nonce behind the commitment raises, which the library
//! does not know.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use air::F;
use air::kind::{Kind, TABLES};
use air::tables::segment::PUBLIC_VALUES;
use p3_field::PrimeCharacteristicRing;
use p3_multi_stark::{VerifierInstance, VerifierInstances, security_report};
use p3_security::ErrorBits;
use p3_sumcheck::PrescribedPointPcs;
use thiserror::Error;

use crate::challenger::Challenger;
use crate::config::{Config, LOOKUP_GRINDING};
use crate::outlined::Outlined;
use crate::program;
use crate::shape::{Class, Heights, MAX_LOG_PROGRAM, MIN_LOG_HEIGHT, Size, fixed_log_height};

/// The bits that every proof must reach.
pub const TARGET_BITS: usize = 128;

/// The term that the nonce behind the commitment raises.
const FINGERPRINT: &str = "logup-fingerprint";
/// The library's terms, and what they are called here. One that is not on this list, or is there no more, is none that
/// anybody has judged.
const TERMS: [(&str, &str); 11] = [
    ("constraint-batching", "batching of a table's constraints"),
    ("air-batching", "batching of the tables"),
    ("zerocheck", "point of the constraints"),
    ("constraint-sumcheck", "sumcheck of the constraints"),
    (FINGERPRINT, "fingerprints of look-ups, with their nonce"),
    ("fractional-gkr", "sum of fractions"),
    ("lookup-opening-link", "batching of numerators and denominators"),
    ("lookup-air-link", "batching of look-ups and constraints"),
    ("whir-opening", "opening of the tables"),
    ("whir-opening", PROGRAM),
    ("commitment-and-transcript-collision", "hash collisions"),
];
const PROGRAM: &str = "opening of the program";

/// The security of the proofs of a class.
#[derive(Clone, Debug, PartialEq)]
pub struct SecurityReport {
    /// The class.
    pub class: Class,
    /// Bits proven: those of the sum of the errors of all terms.
    pub bits: f64,
    /// Each source of error with its bits.
    pub terms: Vec<(&'static str, f64)>,
}

/// Why there is no report.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the library cannot tell how secure proofs are: {0}")]
pub struct Unassessed(String);

/// Heights that fill a class as far as they can, with a small program.
pub fn fullest(class: Class) -> Heights {
    let mut heights = [MIN_LOG_HEIGHT as u8; TABLES.len()];
    for (kind, height) in TABLES.into_iter().zip(&mut heights) {
        if let Some(fixed) = fixed_log_height(kind, MIN_LOG_HEIGHT) {
            *height = fixed as u8;
        }
    }
    for (index, kind) in TABLES.into_iter().enumerate() {
        let is_free = fixed_log_height(kind, MIN_LOG_HEIGHT).is_none();
        let mut higher = heights;
        while let Some(height) = higher.get_mut(index).filter(|_| is_free) {
            *height += 1;
            if usize::from(*height) > class.log_fractions() || !class.holds(Size::of(&higher)) {
                break;
            }
            heights = higher;
        }
    }
    heights
}

/// The security of the proofs of a class, at the largest segment that a verifier accepts.
///
/// # Errors
/// [`Unassessed`] if the library finds fault with the shape or leaves out a part.
pub fn report(class: Class) -> Result<SecurityReport, Unassessed> {
    let heights = fullest(class);
    let unassessed = |error: &dyn core::fmt::Debug| Unassessed(format!("{error:?}"));
    let config = Config::new(class, Default::default()).map_err(|error| unassessed(&error))?;
    let tables: Vec<Outlined> =
        TABLES.into_iter().zip(heights).map(|(kind, height)| Outlined::new(kind, height.into())).collect();
    let references: Vec<&Outlined> = tables.iter().collect();
    let (_, key) =
        p3_multi_stark::setup(&config, &references, &mut Challenger::new(&[])).map_err(|error| unassessed(&error))?;
    let public = [F::ZERO; PUBLIC_VALUES];
    let instances = tables.iter().zip(heights).map(|(table, height)| {
        let public = if table.kind() == Kind::Segment { public.as_slice() } else { &[] };
        VerifierInstance::new(table, &key, height.into(), public)
    });
    let report =
        security_report(&config, &VerifierInstances::new(instances.collect())).map_err(|error| unassessed(&error))?;
    if !report.unassessed_components().is_empty() {
        return Err(unassessed(&report.unassessed_components()));
    }
    // What the heights leave of the class, an attacker may fill; and take the program that is opened the worst.
    let full = libm::log2(class.fractions() as f64 / Size::of(&heights).fractions as f64);
    let program = (MIN_LOG_HEIGHT..=MAX_LOG_PROGRAM).map(program_bits).collect::<Option<Vec<f64>>>();
    let program = program.ok_or_else(|| unassessed(&"programs"))?.into_iter().fold(f64::INFINITY, f64::min);
    let judged: Vec<(&str, f64)> = report.terms().iter().map(|term| (term.label, term.bits.bits())).collect();
    let terms = named(&judged, full, program).ok_or_else(|| unassessed(&judged))?;
    let errors: Vec<ErrorBits> = terms.iter().map(|(_, bits)| ErrorBits::from_log2(*bits)).collect();
    Ok(SecurityReport { class, bits: ErrorBits::sum(&errors).bits(), terms })
}

/// The library's terms by our names, as they are here: the fingerprints' with their nonce, of a class that is filled by a
/// factor of 2^`full` more; the program's for the worst of programs. None if they are not the terms that are known.
fn named(terms: &[(&str, f64)], full: f64, program: f64) -> Option<Vec<(&'static str, f64)>> {
    let are_known = terms.iter().map(|(label, _)| *label).eq(TERMS.map(|(label, _)| label));
    let named = terms.iter().zip(TERMS).map(|(&(label, bits), (_, name))| match (label, name) {
        (FINGERPRINT, _) => (name, bits - full + LOOKUP_GRINDING as f64),
        (_, PROGRAM) => (name, program),
        _ => (name, bits),
    });
    are_known.then(|| named.collect())
}

/// Bits of the opening of the columns of a program of 2^`log_height` rows.
fn program_bits(log_height: usize) -> Option<f64> {
    let security = program::whir(log_height).ok()?.prescribed_security(&program::protocol(log_height))?;
    Some(security.error().bits())
}

#[cfg(test)]
mod tests {
    extern crate std;

    use p3_field::PrimeField32;

    use super::*;
    use crate::config::COLLISION_BITS;

    #[test]
    fn every_class_reaches_the_target_as_a_sum_of_all_terms() {
        for class in Class::ALL {
            assert_eq!(Class::of(Size::of(&fullest(class))), Some(class));
            let report = report(class).expect("it can be told");
            assert!(report.bits >= TARGET_BITS as f64, "{report:#?}");
            assert!(report.terms.iter().all(|(_, bits)| *bits >= report.bits), "{report:#?}");
            std::println!("{report:#?}");
        }
    }

    /// A term that is not there, or is new, has been judged by nobody.
    #[test]
    fn terms_are_the_known_ones() {
        let known: Vec<(&str, f64)> = TERMS.map(|(label, _)| (label, 140.0)).into();
        let bits = |name| named(&known, 0.5, 131.0)?.into_iter().find(|term| term.0 == name).map(|term| term.1);
        assert_eq!(bits(TERMS[4].1), Some(151.5));
        assert_eq!(bits(PROGRAM), Some(131.0));
        assert_eq!(bits("opening of the tables"), Some(140.0));
        for i in 0..known.len() {
            let mut fewer = known.clone();
            fewer.remove(i);
            assert_eq!(named(&fewer, 0.0, 131.0), None);
            let mut other = known.clone();
            other[i].0 = "something-new";
            assert_eq!(named(&other, 0.0, 131.0), None);
            assert_eq!(named(&[&known[..], &[("something-new", 140.0)]].concat(), 0.0, 131.0), None);
        }
    }

    #[test]
    fn the_field_and_the_digest_have_the_bits_claimed() {
        let bits = f64::from(F::ORDER_U32).log2();
        assert_eq!((4.5 * bits) as usize, COLLISION_BITS);
    }
}
