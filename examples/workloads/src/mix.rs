//! What programs do beside hashing and sorting, in five parts of about as many instructions each.

use crate::random::Random;

const SIZE: usize = 20;
const PRODUCTS: usize = 3_400;
const BYTES: usize = 4_096;
const TREES: usize = 3;
const DEPTH: u32 = 8;
const DIVISIONS: usize = 1_000;

/// So many rounds of the five parts, each fed by what the round before gave.
#[inline(never)]
pub fn mix(rounds: u64) -> u64 {
    let mut random = Random::new(0x2545_f491_4f6c_dd1d);
    let mut matrix = [[0; SIZE]; SIZE];
    matrix.as_flattened_mut().fill_with(|| random.word());
    let mut bytes = [0; BYTES];
    bytes.fill_with(|| random.word() as u8);
    let mut counts = [0; 256];
    let mut sum = 1;
    for round in 0..rounds {
        sum = multiply(&mut matrix, sum);
        sum = multiply_wide(sum);
        bytes[round as usize % BYTES] = sum as u8;
        count(&bytes, &mut counts);
        sum ^= u64::from(counts[sum as usize % 256]);
        sum = (0..TREES).fold(sum, |sum, _| call(DEPTH, sum));
        sum = divide(sum);
    }
    counts.iter().fold(sum, |sum, &count| (sum ^ u64::from(count)).wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

/// Replaces the matrix by its square, with a word added to the diagonal; gives an element.
fn multiply(matrix: &mut [[u64; SIZE]; SIZE], word: u64) -> u64 {
    let factor = *matrix;
    for (i, row) in matrix.iter_mut().enumerate() {
        for (j, cell) in row.iter_mut().enumerate() {
            let dot = (0..SIZE).fold(0u64, |dot, k| dot.wrapping_add(factor[i][k].wrapping_mul(factor[k][j])));
            *cell = if i == j { dot.wrapping_add(word) | 1 } else { dot };
        }
    }
    matrix[word as usize % SIZE][SIZE - 1]
}

/// A chain of products of 64 by 64 bits, of which both halves go on.
fn multiply_wide(word: u64) -> u64 {
    let (mut low, mut high) = (word | 1, 0x9e37_79b9_7f4a_7c15u64);
    for _ in 0..PRODUCTS {
        let product = u128::from(low) * u128::from(high | 1) + u128::from(word);
        low = product as u64 ^ high;
        high = high.wrapping_add((product >> 64) as u64);
    }
    low ^ high
}

fn count(bytes: &[u8; BYTES], counts: &mut [u32; 256]) {
    for &byte in bytes {
        counts[usize::from(byte)] = counts[usize::from(byte)].wrapping_add(1);
    }
}

/// A tree of calls, whose leaves are called by their addresses.
#[inline(never)]
fn call(depth: u32, word: u64) -> u64 {
    const LEAVES: [fn(u64) -> u64; 4] = [add, double, shift, negate];
    if depth == 0 {
        return LEAVES[(word >> 60) as usize % LEAVES.len()](word);
    }
    let left = call(depth - 1, word.wrapping_mul(0xd134_2543_de82_ef95));
    let right = call(depth - 1, word ^ left);
    (left >> 1).wrapping_sub(right) ^ u64::from(depth)
}

#[inline(never)]
fn add(word: u64) -> u64 {
    word.wrapping_add(0x1405_7b7e_f767_814f)
}

#[inline(never)]
fn double(word: u64) -> u64 {
    word << 1 ^ word
}

#[inline(never)]
fn shift(word: u64) -> u64 {
    word >> 3 ^ word
}

#[inline(never)]
fn negate(word: u64) -> u64 {
    word.wrapping_neg()
}

/// Quotients and remainders of all widths and signs.
fn divide(word: u64) -> u64 {
    let mut random = Random::new(word | 1);
    let mut sum = word;
    for _ in 0..DIVISIONS {
        let (dividend, divisor) = (random.word() ^ sum, random.word() >> (sum % 48) | 1);
        sum = sum.wrapping_add(dividend / divisor);
        sum ^= (dividend as i64).wrapping_rem(divisor as i64) as u64;
        sum = sum.wrapping_sub(u64::from(dividend as u32 / (divisor as u32)));
    }
    sum
}
