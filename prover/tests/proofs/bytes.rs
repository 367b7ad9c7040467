//! Proof files with bytes flipped, missing or added, and bytes that are no proof.

use std::sync::atomic::{AtomicU64, Ordering};

use proptest::prelude::*;
use verifier::{DecodeError, MAGIC, Proof, VERSION, VerifyError, verify};

use crate::runs::{decoded, expectation, honest, is_full};

/// Bytes of the head of a file: magic and version.
const HEAD: usize = MAGIC.len() + 2;

fn rejected_flipped(at: usize, bits: u8) {
    let mut bytes = honest().to_vec();
    bytes[at] ^= bits;
    let error = verify(&bytes, &expectation()).err();
    assert!(error.is_some(), "byte {at} may be {:#04x}", bytes[at]);
    if at < MAGIC.len() {
        assert_eq!(error, Some(VerifyError::Decode(DecodeError::Magic)));
    } else if at < HEAD {
        assert!(matches!(error, Some(VerifyError::Decode(DecodeError::Version { .. }))));
    }
}

/// Positions by a generator that needs no seed from outside.
fn positions(len: usize) -> impl Iterator<Item = usize> {
    let next =
        |state: &u64| Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407));
    core::iter::successors(next(&2026), next).map(move |state| (state >> 20) as usize % len)
}

#[test]
fn encoding_is_canonical() {
    assert_eq!(decoded().encode(), honest());
    assert_eq!(&honest()[..HEAD], [MAGIC.as_slice(), &VERSION.to_le_bytes()].concat());
}

#[test]
fn flipped_bytes_are_rejected() {
    let len = honest().len();
    // The head, the key, the statement and the first commitments; the end; and a sample of what is between.
    let some = (0..2048).chain(len - 256..len).chain(positions(len).take(128));
    let all: Vec<usize> = if is_full() { (0..len).collect() } else { some.collect() };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for part in all.chunks(all.len().div_ceil(threads)) {
            scope.spawn(|| part.iter().for_each(|&at| rejected_flipped(at, [1, 0x80, 0xff, 0x10][at % 4])));
        }
    });
}

/// A proof in which something stands that stood elsewhere, or a number that is hardly another: so that what is wrong is not
/// the encoding but what it says.
fn mutant(number: u64) -> Vec<u8> {
    let mut bytes = honest().to_vec();
    let mut state = number;
    let mut place = || {
        // SplitMix64.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ mixed >> 31) as usize % (honest().len() - 64)
    };
    let (at, other) = (place(), place());
    match number % 8 {
        0..3 => bytes[at] ^= 1 << (other % 8),
        3 => bytes[at] = [0, 1, 0x7f, 0xff][other % 4],
        4 => bytes.copy_within(other..other + 4, at),
        5 => bytes.copy_within(other..other + 36, at),
        6 => (0..20).for_each(|i| bytes.swap(at + i, other + i)),
        _ => {
            let piece = bytes[other..other + 4].to_vec();
            drop(bytes.splice(at..at + 4 * (other % 2), piece));
        }
    }
    bytes
}

/// A million of them by `ci/mutants.sh`.
#[test]
fn mutants_are_rejected() {
    let mutants = std::env::var("ZISK_MUTANTS").unwrap_or("0..256".into());
    let (first, end) = mutants.split_once("..").expect("a range");
    let [first, end] = [first, end].map(|number| number.parse::<u64>().expect("a number of a mutant"));
    let next = AtomicU64::new(first);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= end {
                        break;
                    }
                    if number > 0 && number.is_multiple_of(10_000) {
                        println!("{number} mutants");
                    }
                    let bytes = mutant(number);
                    assert!(bytes == honest() || verify(&bytes, &expectation()).is_err(), "mutant {number}");
                }
            });
        }
    });
}

#[test]
fn truncated_files_are_rejected() {
    let len = honest().len();
    let cuts = (0..12)
        .map(|i| HEAD + i * i * 7)
        .chain((1..=16).map(|i| len - i * i))
        .chain(positions(len - HEAD).take(36).map(|at| at + HEAD));
    for cut in cuts {
        let error = Proof::decode(&honest()[..cut]).err();
        assert_eq!(error, Some(DecodeError::Truncated), "{cut} of {len} bytes");
    }
    assert_eq!(Proof::decode(&honest()[..HEAD - 1]).err(), Some(DecodeError::Truncated));
}

#[test]
fn files_that_are_no_proof_are_rejected() {
    for short in 0..MAGIC.len() {
        assert_eq!(Proof::decode(&honest()[..short]).err(), Some(DecodeError::Magic));
    }
    assert_eq!(Proof::decode(b"\x7fELF\x02\x01\x01\0\0\0").err(), Some(DecodeError::Magic));
    assert_eq!(Proof::decode(&honest()[1..]).err(), Some(DecodeError::Magic));
}

#[test]
fn extended_files_are_rejected() {
    for more in [&[0_u8] as &[u8], &[0xff], &[0; 100], honest()] {
        let bytes = [honest(), more].concat();
        assert_eq!(Proof::decode(&bytes).err(), Some(DecodeError::Trailing { bytes: more.len() }));
    }
}

/// What is decoded takes many times the memory of its bytes, so that their number is bounded first.
#[test]
fn an_argument_longer_than_any_is_not_decoded() {
    let bytes = [honest(), &vec![0; 4 << 20]].concat();
    assert!(matches!(Proof::decode(&bytes).err(), Some(DecodeError::TooLong { bytes }) if bytes > 4 << 20));
}

#[test]
fn other_versions_are_named() {
    for found in [0, VERSION + 1, 256, u16::MAX] {
        let bytes = [&MAGIC, found.to_le_bytes().as_slice(), &honest()[HEAD..]].concat();
        assert_eq!(Proof::decode(&bytes).err(), Some(DecodeError::Version { found }));
        assert_eq!(Proof::decode(&bytes[..HEAD]).err(), Some(DecodeError::Version { found }));
    }
}

/// Numbers of variable length can be written with more bytes than they need.
#[test]
fn numbers_in_a_longer_form_are_rejected() {
    // The entry.
    let at = HEAD;
    let mut end = at;
    while honest()[end] & 0x80 != 0 {
        end += 1;
    }
    let longer = [&honest()[..end], &[honest()[end] | 0x80, 0], &honest()[end + 1..]].concat();
    assert!(matches!(Proof::decode(&longer).err(), Some(DecodeError::Malformed { .. })));
}

/// A length that says more than the file holds must not be allocated.
#[test]
fn a_length_beyond_the_file_is_truncation() {
    let proof = decoded();
    let output = proof.statement.output.as_slice();
    let at = honest().windows(9).position(|window| window[0] == 8 && window[1..] == *output).expect("the output");
    for length in [[0xff_u8; 4].as_slice(), &[0xff; 9]] {
        let bytes = [&honest()[..at], length, &[1], &honest()[at + 1..]].concat();
        let error = Proof::decode(&bytes).err();
        assert!(matches!(error, Some(DecodeError::Truncated | DecodeError::Malformed { .. })), "{error:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if is_full() { 100_000 } else { 2_000 }))]

    #[test]
    fn arbitrary_bytes_are_no_proof(bytes in prop::collection::vec(any::<u8>(), 0..2000), with_head in any::<bool>()) {
        let head = [MAGIC.as_slice(), &VERSION.to_le_bytes()].concat();
        let bytes = if with_head { [head, bytes].concat() } else { bytes };
        prop_assert!(verify(&bytes, &expectation()).is_err());
    }
}

fn piece() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 1..64)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if is_full() { 10_000 } else { 64 }))]

    #[test]
    fn a_piece_overwritten_is_rejected(at in any::<prop::sample::Index>(), piece in piece()) {
        let mut bytes = honest().to_vec();
        let at = at.index(bytes.len() - piece.len());
        bytes[at..at + piece.len()].copy_from_slice(&piece);
        prop_assume!(bytes != honest());
        prop_assert!(verify(&bytes, &expectation()).is_err());
    }

    #[test]
    fn a_piece_cut_or_put_in_is_rejected(at in any::<prop::sample::Index>(), piece in piece(), cut in any::<bool>()) {
        let mut bytes = honest().to_vec();
        let at = at.index(bytes.len() - piece.len());
        if cut { drop(bytes.drain(at..at + piece.len())) } else { drop(bytes.splice(at..at, piece)) }
        prop_assert!(verify(&bytes, &expectation()).is_err());
    }
}
