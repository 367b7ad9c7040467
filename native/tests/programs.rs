//! The native programs compute what they say.

use sha2::{Digest, Sha256};

#[test]
fn sha256_is_the_standards() {
    for blocks in [0, 1, 5, 1_000] {
        let message: Vec<u8> = (0..blocks * 64).map(|at| at as u8).collect();
        let digest = Sha256::digest(message);
        assert_eq!((native::SHA256.run)(blocks).to_be_bytes(), digest[..8], "{blocks} blocks");
    }
}

#[test]
fn quicksort_sorts() {
    for len in (0..200).chain([10_000, 65_537]) {
        let mut word = 0x9e37_79b9_7f4a_7c15_u64;
        let next = |_| {
            word ^= word << 13;
            word ^= word >> 7;
            word ^= word << 17;
            word
        };
        let mut words: Vec<u64> = (0..len).map(next).collect();
        words.sort_unstable();
        let expected = words.iter().fold(0u64, |sum, word| (sum << 1).wrapping_sub(sum >> 3) ^ word);
        assert_eq!((native::QUICKSORT.run)(len), expected, "{len} words");
    }
}

#[test]
fn more_work_is_another_checksum() {
    for workload in native::ALL {
        let checksums: Vec<u64> = (1..=4).map(workload.run).collect();
        for (i, checksum) in checksums.iter().enumerate() {
            assert!(!checksums[..i].contains(checksum), "{}: {checksums:x?}", workload.name);
        }
    }
}
