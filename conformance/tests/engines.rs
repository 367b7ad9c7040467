//! The fast engine against the reference interpreter, to the bit.

use std::sync::Arc;

use arbitrary::{Arbitrary, Unstructured};
use conformance::differ::compare;
use conformance::generate::{Generated, Hostile, Single};
use conformance::own_cases;
use conformance::targets::TARGETS;
use rayon::prelude::*;

/// Within which every case of ours ends, and most random programs.
const LIMIT: u64 = 100_000;
/// The same for hostile programs, many of which never end.
const HOSTILE_LIMIT: u64 = 3000;
const SIZES: [u64; 4] = [1, 3, 64, 1 << 18];

/// Bytes by a linear congruential generator, the same on every run.
fn random(seed: u64, len: usize) -> Vec<u8> {
    let mut state = (seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let next = || {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        (state >> 56) as u8
    };
    core::iter::repeat_with(next).take(len).collect()
}

#[test]
fn own_cases_run_alike_in_chunks_of_any_size() {
    own_cases().par_iter().for_each(|case| {
        let program = Arc::new(case.program.clone());
        for size in SIZES {
            if let Err(difference) = compare(&program, &case.input, LIMIT, size) {
                panic!("{}, chunks of {size}: {difference}", case.name);
            }
        }
    });
}

#[test]
fn hostile_programs_run_alike() {
    (0..1500_u64).into_par_iter().for_each(|seed| {
        let bytes = random(seed, 2500);
        let Hostile { program, input } = Hostile::arbitrary(&mut Unstructured::new(&bytes)).unwrap();
        if let Err(difference) = compare(&program, &input, HOSTILE_LIMIT, SIZES[seed as usize % 4]) {
            panic!("seed {seed}: {difference}");
        }
    });
}

#[test]
fn well_behaved_programs_run_alike() {
    (0..500_u64).into_par_iter().for_each(|seed| {
        let bytes = random(seed, 1500);
        let Generated { program, input } = Generated::arbitrary(&mut Unstructured::new(&bytes)).unwrap();
        if let Err(difference) = compare(&Arc::new(program), &input, LIMIT, SIZES[seed as usize % 4]) {
            panic!("seed {seed}: {difference}");
        }
    });
}

#[test]
fn single_instructions_run_alike() {
    (0..2000_u64).into_par_iter().for_each(|seed| {
        let bytes = random(seed, 800);
        let Single { program, .. } = Single::arbitrary(&mut Unstructured::new(&bytes)).unwrap();
        if let Err(difference) = compare(&program, &[], LIMIT, 1) {
            panic!("seed {seed}: {difference}");
        }
    });
}

/// The smoke run of the fuzz targets, without the fuzzer.
#[test]
fn fuzz_targets_hold_on_random_bytes_and_on_their_seeds() {
    for (name, target) in TARGETS {
        let check = |what: String, bytes: &[u8]| {
            if let Err(difference) = target(bytes) {
                panic!("{name}, {what}: {difference}");
            }
        };
        (0..300_u64).into_par_iter().for_each(|seed| check(format!("seed {seed}"), &random(seed, 16 << (seed % 8))));
        let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/seeds/").to_owned() + name;
        let entries = std::fs::read_dir(&directory).unwrap_or_else(|error| panic!("{directory}: {error}"));
        let paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        assert!((1..=48).contains(&paths.len()), "{directory} has {} files", paths.len());
        paths.par_iter().for_each(|path| check(path.display().to_string(), &std::fs::read(path).unwrap()));
    }
}
