//! Products of words: operands as bytes, and the sums of byte products that make up one limb of the product.
//!
//! A product of two 16-bit limbs exceeds the field; one of two bytes does not. With `x` and `y` as eight bytes each,
//! limb `k` of the product, before carries, is `P(2k) + 256 P(2k + 1)` where `P(n)` is the sum of `x_i y_j` over
//! `i + j = n`. It has at most 7 and 8 products, so it is at most `255^2 (7 + 8 * 256) < 2^27`, and a carry out
//! of it at most 2039: with carries bounded by [`carry_bound`] no sum comes near the field's order.

use p3_field::PrimeCharacteristicRing;

use crate::F;
use crate::bus::BYTE;
use crate::columns;
use crate::emit::{Builder, Emitter};

/// Carries between the limbs of a product, of `bits` bits each, lie below this bound: 2^11 for 16 bits.
pub const fn carry_bound(bits: u32) -> u32 {
    8 << (bits / 2)
}

columns! {
    /// The bytes of a word whose four limbs stand elsewhere in the row.
    pub struct Bytes {
        /// The low byte of each limb; the high byte is an expression of the two.
        low: [4],
        /// The bitwise and of the two bytes of each limb. Nobody needs it: it lets one look-up prove both bytes.
        and: [4],
    }
}

impl Bytes<F> {
    /// The cells of a word.
    pub fn fill(word: u64) -> Self {
        let bytes = word.to_le_bytes();
        let pair = |i: usize| bytes[2 * i] & bytes[2 * i + 1];
        Self { low: low_bytes(word), and: core::array::from_fn(|i| F::from_u8(pair(i))) }
    }
}

/// The low byte of each limb of a word.
pub fn low_bytes(word: u64) -> [F; 4] {
    core::array::from_fn(|i| F::from_u8(word.to_le_bytes()[2 * i]))
}

/// Checks of bytes.
impl<AB: Builder> Emitter<'_, AB> {
    /// The bytes of a word, least significant first, proved to be bytes on `count` (0 or 1) rows; with limbs of any even
    /// width, the halves of a limb.
    pub fn bytes(&mut self, bits: u32, limbs: [AB::Var; 4], bytes: &Bytes<AB::Var>, count: &AB::Expr) -> [AB::Expr; 8] {
        let split = split::<AB>(bits, limbs, bytes.low);
        for i in 0..4 {
            self.two_bytes(split[2 * i].clone(), split[2 * i + 1].clone(), bytes.and[i], count);
        }
        split
    }

    /// Checks on `count` (0 or 1) rows that `x` and `y` are bytes and `and` their bitwise and.
    pub fn two_bytes(&mut self, x: AB::Expr, y: AB::Expr, and: impl Into<AB::Expr>, count: &AB::Expr) {
        self.look_up(BYTE, [x, y, and.into()], count.clone());
    }
}

/// The halves of limbs of `bits` bits, bytes of a word, by the limbs and their low halves. The caller proves their range.
pub fn split<AB: Builder>(bits: u32, limbs: [AB::Var; 4], low: [AB::Var; 4]) -> [AB::Expr; 8] {
    let shift = F::ONE.div_2exp_u64((bits / 2).into());
    core::array::from_fn(|i| if i % 2 == 0 { low[i / 2].into() } else { (limbs[i / 2] - low[i / 2]) * shift })
}

/// The limbs of a word of eight bytes.
pub fn join<E: PrimeCharacteristicRing>(bytes: [impl Into<E>; 8]) -> [E; 4] {
    let bytes = bytes.map(Into::into);
    core::array::from_fn(|i| bytes[2 * i].clone() + bytes[2 * i + 1].clone() * E::from_u32(1 << 8))
}

/// The limbs, of `bits` bits, of the product of two words in halves of limbs, before carries.
pub fn limb_products<R: PrimeCharacteristicRing>(bits: u32, x: &[R; 8], y: &[R; 8]) -> [R; 8] {
    let position = |n: usize| -> R {
        let products = (n.saturating_sub(7)..=n.min(7)).map(|i| x[i].clone() * y[n - i].clone());
        products.sum()
    };
    core::array::from_fn(|k| position(2 * k) + position(2 * k + 1) * R::from_u32(1 << (bits / 2)))
}

/// The limbs of the product of two words, before carries, as integers.
pub fn integer_limb_products(x: u64, y: u64) -> [i64; 8] {
    let (x, y) = (x.to_le_bytes().map(i64::from), y.to_le_bytes().map(i64::from));
    let mut limbs = [0; 8];
    for (i, x) in x.into_iter().enumerate() {
        for (j, y) in y.into_iter().enumerate() {
            limbs[(i + j) / 2] += (x * y) << (8 * ((i + j) % 2));
        }
    }
    limbs
}

/// The carries out of limbs: `sum + carry from below = limb + 2^16 carry`. They are small integers iff the limbs are
/// those of the sums.
pub fn carries<const N: usize>(sums: [i64; N], limbs: [i64; N]) -> [F; N] {
    let mut carry = F::ZERO;
    core::array::from_fn(|k| {
        carry = (carry + F::from_i64(sums[k] - limbs[k])).div_2exp_u64(16);
        carry
    })
}

/// The four 16-bit limbs of a word as integers.
pub fn integer_limbs(word: u64) -> [i64; 4] {
    core::array::from_fn(|i| (word >> (16 * i)) as i64 & 0xffff)
}

#[cfg(test)]
mod tests {
    use p3_field::PrimeField32;

    use super::*;

    /// Bytes of 0xff make every sum of products, and with it every carry, as large as it can be.
    #[test]
    fn carries_lie_below_their_bound() {
        let product = u128::from(u64::MAX) * u128::from(u64::MAX);
        let limbs = core::array::from_fn(|k| (product >> (16 * k)) as i64 & 0xffff);
        let carries = carries(integer_limb_products(u64::MAX, u64::MAX), limbs).map(|carry| carry.as_canonical_u32());
        assert_eq!(carries, [509, 1019, 1529, 2039, 1530, 1020, 510, 0]);
        assert!(carries.iter().all(|&carry| carry < carry_bound(16) - 2));
    }

    #[test]
    fn limb_products_are_those_of_integers() {
        let (x, y) = (0x9e37_79b9_7f4a_7c15_u64, 0xfedc_ba98_7654_3210_u64);
        let bytes = |word: u64| word.to_le_bytes().map(F::from_u8);
        assert_eq!(limb_products(16, &bytes(x), &bytes(y)), integer_limb_products(x, y).map(F::from_i64));
        let sum = integer_limb_products(x, y).into_iter().rev().fold(0_u128, |sum, limb| (sum << 16) + limb as u128);
        assert_eq!(sum, u128::from(x) * u128::from(y));
    }
}
