//! Powers of two: `2^n` of a number `n` below 16 that is given by its bits.

use p3_field::PrimeCharacteristicRing;

use crate::F;
use crate::columns;
use crate::emit::{Builder, Emitter};

columns! {
    /// `2^n`, or zeros on rows that have no use for it.
    pub struct Power {
        /// The bits of `n`, lowest first.
        bits: [4],
        /// 2 to the lower two bits.
        low,
        /// `2^n`.
        value,
    }
}

impl Power<F> {
    /// The cells of `2^n`.
    pub fn fill(n: u32) -> Self {
        Self {
            bits: core::array::from_fn(|i| F::from_u32(n >> i & 1)),
            low: F::from_u32(1 << (n % 4)),
            value: F::from_u32(1 << n),
        }
    }
}

/// Checks of powers.
impl<AB: Builder> Emitter<'_, AB> {
    /// States that the cells are those of a power of two if `count` is 1, and 0 if it is 0; returns `n`.
    pub fn power(&mut self, row: &Power<AB::Var>, count: &AB::Expr) -> AB::Expr {
        for bit in row.bits {
            self.flag(["power: bit is boolean", "power: no bit without use"], bit, count.clone());
        }
        let factor = |i: usize| row.bits[i] * F::from_u32((1 << (1 << i)) - 1) + F::ONE;
        self.equal("power: 2 to the lower bits", row.low, count.clone() * factor(0) * factor(1));
        self.equal("power: 2 to all bits", row.value, factor(2) * factor(3) * row.low);
        (0..4).map(|i| row.bits[i] * F::from_u32(1 << i)).sum()
    }
}
