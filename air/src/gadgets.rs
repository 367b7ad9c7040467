//! Parts that several tables share: the comparison of two words, and the range checks of limbs cut in two.

use p3_field::PrimeCharacteristicRing;

use crate::F;
use crate::columns;
use crate::emit::{Builder, Emitter, constant};

/// Bits of a limb.
pub const LIMB_BITS: u32 = 16;

columns! {
    /// The comparison of two words `a` and `b` by their highest differing limbs.
    pub struct Comparison {
        /// Iff `a` and `b` differ in this limb and in none above it; the limbs are equal iff no marker is set.
        marker: [4],
        /// Bit 63 of `a` and of `b` iff the comparison is signed, else 0.
        sign: [2],
        /// Iff `a < b`.
        less,
        /// Of the marked limbs `b - a - 1` if `a < b`, `2^16 + b - a` if `a > b`; 0 if no limb is marked.
        difference,
    }
}

/// Whether `a < b`.
pub const fn is_less(a: u64, b: u64, is_signed: bool) -> bool {
    if is_signed { a.cast_signed() < b.cast_signed() } else { a < b }
}

impl Comparison<F> {
    /// The cells for two words.
    pub fn fill(a: u64, b: u64, is_signed: bool) -> Self {
        let less = is_less(a, b, is_signed);
        let sign = |word: u64| is_signed && word >> 63 == 1;
        let Some(marked) = (a ^ b).checked_ilog2().map(|bit| bit / LIMB_BITS) else {
            return Self { sign: [a, b].map(|word| F::from_bool(sign(word))), ..Self::default() };
        };
        // The top limb of a signed word is signed; the difference is taken with that.
        let limb = |word: u64| {
            let limb = (word >> (LIMB_BITS * marked)) as i32 & 0xffff;
            if marked == 3 && sign(word) { limb - (1 << LIMB_BITS) } else { limb }
        };
        let offset = if less { -1 } else { 1 << LIMB_BITS };
        Self {
            marker: core::array::from_fn(|i| F::from_bool(i as u32 == marked)),
            sign: [a, b].map(|word| F::from_bool(sign(word))),
            less: F::from_bool(less),
            difference: F::from_i32(limb(b) - limb(a) + offset),
        }
    }
}

/// Compares two words of four limbs of `bits` bits; returned is 1 iff they differ, else 0, of degree 1.
///
/// # Assumes
/// The limbs lie below 2^`bits`. `is_signed` and `is_real` are boolean and of degree 1, and `is_signed <= is_real`.
///
/// # Constrains
/// On real rows every cell, and with them what is returned: the limbs above the marker are equal; below it nothing
/// matters; at it `b - a` is either in `1..=2^bits` and `less` is 1, or in `-2^bits..=-1` and `less` is 0. Without a
/// marker the only difference in range is the one with `less` 0. Costs three range checks.
pub fn compare<AB: Builder>(
    e: &mut Emitter<'_, AB>,
    bits: u32,
    a: [AB::Var; 4],
    b: [AB::Var; 4],
    row: &Comparison<AB::Var>,
    is_signed: &AB::Expr,
    is_real: &AB::Expr,
) -> AB::Expr {
    let limb = F::from_u32(1 << bits);
    for (top, sign) in [(a[3], row.sign[0]), (b[3], row.sign[1])] {
        e.flag(["sign is boolean", "sign in signed comparisons only"], sign, is_signed.clone());
        e.check_sign(bits, (top, sign), is_signed, is_real);
    }

    let mut seen = AB::Expr::ZERO;
    let mut distance = AB::Expr::ZERO;
    for i in (0..4).rev() {
        let mut apart = b[i] - a[i];
        if i == 3 {
            apart -= (row.sign[1] - row.sign[0]) * limb;
        }
        e.boolean("marker is boolean", row.marker[i]);
        seen += row.marker[i].into();
        e.zero_when("limbs above the marker are equal", AB::Expr::ONE - seen.clone(), apart.clone());
        distance += row.marker[i] * apart;
    }
    e.boolean("at most one marker", seen.clone());
    e.boolean("less is boolean", row.less);
    let offset = (seen.clone() - row.less) * limb - row.less;
    e.equal("difference of the marked limbs", row.difference, distance + offset);
    e.range(constant::<AB>(1 << bits), row.difference, is_real.clone());
    seen
}

/// Checks that several tables share.
impl<AB: Builder> Emitter<'_, AB> {
    /// `x + y = z` limb by limb with carries in {0, 1} on rows of two flags, of which at most one is set: the upper two
    /// limbs of 64-bit forms only. The caller keeps the limbs in `0..2^bits`.
    pub fn limb_carries(
        &mut self,
        bits: u32,
        name: &str,
        [is_double, is_word]: [AB::Var; 2],
        [x, y, z]: [[AB::Var; 4]; 3],
    ) {
        let shift = F::ONE.div_2exp_u64(bits.into());
        let mut carry = AB::Expr::ZERO;
        for i in 0..4 {
            let applies = if i < 2 { is_double + is_word } else { is_double.into() };
            carry = (x[i] + y[i] - z[i] + carry) * shift;
            self.zero_when(name, applies, carry.bool_check());
        }
    }

    /// A result of four limbs that W forms have on two and extend by its sign.
    ///
    /// # Assumes
    /// `is_word` and `is_real` are boolean and of degree 1, and `is_word <= is_real`.
    ///
    /// # Constrains
    /// The limbs lie below 2^16. On W forms `sign` is bit 31 and the upper limbs are copies of it; on others it is 0.
    pub fn check_result(
        &mut self,
        bits: u32,
        names: [&str; 2],
        (result, sign): ([AB::Var; 4], AB::Var),
        is_word: &AB::Expr,
        is_real: &AB::Expr,
    ) {
        self.check_extension(bits, names, (result, sign), is_word);
        for limb in [result[0], result[2], result[3]] {
            self.range(constant::<AB>(1 << bits), limb, is_real.clone());
        }
        self.check_sign(bits, (result[1], sign), is_word, is_real);
    }

    /// Constrains `sign` to a bit that is 0 unless `is_word`, and then the upper limbs to copies of it.
    pub fn check_extension(
        &mut self,
        bits: u32,
        [only, extension]: [&str; 2],
        (result, sign): ([AB::Var; 4], AB::Var),
        is_word: &AB::Expr,
    ) {
        self.flag(["sign is boolean", only], sign, is_word.clone());
        for limb in [result[2], result[3]] {
            self.zero_when(extension, is_word.clone(), limb - sign * F::from_u32((1 << bits) - 1));
        }
    }

    /// Checks a limb that is signed iff `is_signed`, on `count` (0 or 1) rows: without its sign bit a signed limb lies in
    /// the lower half, which makes the bit the sign. The caller keeps `sign` to 0 or 1, and to 0 of a limb that is not
    /// signed.
    pub fn check_sign(&mut self, bits: u32, (limb, sign): (AB::Var, AB::Var), is_signed: &AB::Expr, count: &AB::Expr) {
        let half = F::from_u32(1 << (bits - 1));
        self.range(constant::<AB>(1 << bits) - is_signed.clone() * half, limb - sign * half, count.clone());
    }

    /// Checks that limbs are cut in two where a shift by less than a limb cuts them: the bits that stay in their limb lie
    /// below `stay`, those that cross into the neighbour below `cross`, where `stay * cross = 2^16`. Of the last limb the
    /// top bit of those that stay is held apart, so that `stays` of it lies below `stay / 2`.
    pub fn check_cuts(
        &mut self,
        [stay, cross]: [AB::Var; 2],
        stays: &[AB::Var],
        crosses: &[AB::Var],
        is_real: &AB::Expr,
    ) {
        for (i, &bits) in stays.iter().enumerate() {
            let bound = if i + 1 == stays.len() { stay.into().halve() } else { stay.into() };
            self.range(bound, bits, is_real.clone());
        }
        for &bits in crosses {
            self.range(cross, bits, is_real.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use p3_field::PrimeField32;
    use p3_lookup::Count;
    use rayon::prelude::*;

    use super::*;
    use crate::cells::{CellBuilder, Listener};

    /// Whether all constraints hold and all range checks pass.
    struct Probe(bool);

    impl Listener for Probe {
        fn constraint(&mut self, x: F) {
            self.0 &= x == F::ZERO;
        }

        fn interaction(&mut self, _: &str, tuple: impl Iterator<Item = F>, _: Count<F>) {
            let mut tuple = tuple.map(|field| field.as_canonical_u32());
            self.0 &= tuple.next() > tuple.next();
        }
    }

    /// Whether a comparison holds and finds the words different; none if it does not hold.
    fn differ(bits: u32, [a, b]: [[F; 4]; 2], row: &Comparison<F>, is_signed: bool) -> Option<bool> {
        let mut builder = CellBuilder::new([&[], &[]], &[], &[], [F::ZERO; 2], Probe(true));
        let differ = compare(&mut Emitter::new(&mut builder), bits, a, b, row, &F::from_bool(is_signed), &F::ONE);
        builder.listener.0.then_some(differ == F::ONE)
    }

    /// Tries every filling of the cells for operands of four limbs of few bits and returns the verdicts that hold.
    fn verdicts(bits: u32, a: u32, b: u32, is_signed: bool) -> Vec<(bool, bool)> {
        let limbs = |word: u32| core::array::from_fn(|i| F::from_u32((word >> (bits * i as u32)) & ((1 << bits) - 1)));
        let bit = |cells: u32, i: usize| F::from_u32(cells >> i & 1);
        let mut verdicts = Vec::new();
        for cells in 0..1_u32 << (7 + bits) {
            let row = Comparison {
                marker: core::array::from_fn(|i| bit(cells, i)),
                sign: [bit(cells, 4), bit(cells, 5)],
                less: bit(cells, 6),
                difference: F::from_u32(cells >> 7),
            };
            verdicts
                .extend(differ(bits, [limbs(a), limbs(b)], &row, is_signed).map(|differ| (row.less == F::ONE, differ)));
        }
        verdicts
    }

    /// Cells that are boolean by constraint, and a difference below its bound, are all there is to choose.
    #[test]
    fn a_comparison_has_exactly_one_filling_at_toy_width() {
        for bits in [1, 2] {
            let words = 1_u32 << (4 * bits);
            (0..words * words).into_par_iter().for_each(|pair| {
                let (a, b) = (pair / words, pair % words);
                for (is_signed, top) in [(false, 0), (true, words / 2)] {
                    let expected = ((a ^ top) < (b ^ top), a != b);
                    assert_eq!(verdicts(bits, a, b, is_signed), [expected], "{a} {b} {is_signed}");
                }
            });
        }
    }

    #[test]
    fn filling_is_that_filling() {
        let words = [0, 1, u64::MAX, 1 << 63, (1 << 63) - 1, 1 << 48, 0xffff, 0x1_0000, 0x7fff_ffff_ffff_0000];
        for (a, b) in words.into_iter().flat_map(|a| words.map(|b| (a, b))) {
            for is_signed in [false, true] {
                let row = Comparison::fill(a, b, is_signed);
                let found = differ(LIMB_BITS, [a, b].map(crate::event::limbs), &row, is_signed);
                assert_eq!(found, Some(a != b), "{row:?}");
            }
        }
    }
}
