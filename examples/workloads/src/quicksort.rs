//! Quicksort with the median of three as pivot, and insertion sort for what is short.

use alloc::vec::Vec;

use crate::random::Random;

/// At most so many words are sorted by insertion.
const SHORT: usize = 16;

/// Sorts so many words; the checksum goes over all of them in their order.
#[inline(never)]
pub fn quicksort(words: u64) -> u64 {
    let mut random = Random::new(0x9e37_79b9_7f4a_7c15);
    let mut words: Vec<u64> = (0..words).map(|_| random.word()).collect();
    sort(&mut words);
    words.iter().fold(0, |sum, word| (sum << 1).wrapping_sub(sum >> 3) ^ word)
}

fn sort(mut words: &mut [u64]) {
    while words.len() > SHORT {
        let middle = partition(words);
        let (left, right) = words.split_at_mut(middle);
        // The recursion goes into the shorter part, so that its depth is a logarithm.
        let (short, long) = if left.len() < right.len() { (left, right) } else { (right, left) };
        sort(short);
        words = long;
    }
    insert(words);
}

/// Hoare's partition: where the right part begins; neither part is empty.
fn partition(words: &mut [u64]) -> usize {
    let (first, middle, last) = (words[0], words[words.len() / 2], words[words.len() - 1]);
    let pivot = first.min(middle).max(first.max(middle).min(last));
    let (mut left, mut right) = (0, words.len() - 1);
    loop {
        while words[left] < pivot {
            left += 1;
        }
        while words[right] > pivot {
            right -= 1;
        }
        if left >= right {
            return left.max(1);
        }
        words.swap(left, right);
        left += 1;
        right -= 1;
    }
}

fn insert(words: &mut [u64]) {
    for end in 1..words.len() {
        let word = words[end];
        let mut at = end;
        while at > 0 && words[at - 1] > word {
            words[at] = words[at - 1];
            at -= 1;
        }
        words[at] = word;
    }
}
