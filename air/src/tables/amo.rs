//! Atomics that read, compute and write: `amoswap amoadd amoxor amoand amoor amomin amomax amominu amomaxu`, each of a
//! word (`.w`) and of a doubleword (`.d`).
//!
//! # Assumes
//! Registers and memory words are four 16-bit limbs. The immediate of the program row is zero.
//!
//! # Constrains
//! At the address of [`address`], which is rs1, writable, and a multiple of 8, or of 4 for W forms: `x` is the
//! doubleword there, or its lower or upper half sign-extended, and `b` is rs2, or its lower half sign-extended. rd
//! becomes `x`, and the doubleword becomes `r`, or its half addressed the lower half of `r` while the other one stays.
//! Over the integers `r` is one of `b`; `x + b - 2^64 carry` with carries in {0, 1} between limbs; the bitwise and, or
//! and exclusive or, where `x | b = x + b - (x & b)` and `x ^ b = x + b - 2 (x & b)`; the lesser or the greater of `x`
//! and `b`, signed or not, see [`gadgets::compare`]. All of it is done on 64 bits: sign extension keeps both orders of
//! words, and no other operation lets upper bits reach lower ones.
//!
//! # Degree
//! 3.

#[cfg(test)]
mod tests;

use crate::prelude::*;

/// Operations of each width; the W forms come first.
const OPERATIONS: u8 = 9;

columns! {
    /// A row of the table.
    pub struct Amo {
        /// Iff the row is `amoswap`.
        is_swap,
        /// Iff the row is `amoadd`.
        is_add,
        /// Iff the row is `amoxor`.
        is_xor,
        /// Iff the row is `amoand`.
        is_and,
        /// Iff the row is `amoor`.
        is_or,
        /// Iff the row is `amomin`.
        is_min,
        /// Iff the row is `amomax`.
        is_max,
        /// Iff the row is `amominu`.
        is_minu,
        /// Iff the row is `amomaxu`.
        is_maxu,
        /// Iff the row is a W form.
        is_word,
        /// Iff the row is a W form and accesses the upper half of a doubleword.
        high,
        /// Control.
        cpu: Cpu,
        /// The register of the address.
        rs1: Base,
        /// The second operand; of W forms its lower half is.
        rs2: Read,
        /// The destination.
        rd: Write,
        /// The doubleword accessed.
        memory: Memory,
        /// The first operand `x`, which is also what rd becomes.
        x: [4],
        /// Limbs 2 and 3 of the second operand `b`.
        b_upper: [2],
        /// Bit 31 of `x` iff the row is a W form, else 0.
        x_sign,
        /// Bit 31 of `b` iff the row is a W form, else 0.
        b_sign,
        /// `x` against `b`, signed iff the row is `amomin` or `amomax`.
        order: Comparison,
        /// The low byte of each limb of `x`; the high byte is an expression of the two.
        x_low: [4],
        /// The low byte of each limb of `b`.
        b_low: [4],
        /// The bitwise and of `x` and `b`, eight bytes.
        and: [8],
        /// The result `r`, four 16-bit limbs.
        result: [4],
    }
}

impl Amo<F> {
    /// The row of an event.
    pub fn fill(event: &Event) -> Self {
        let is_word = event.row.flag < OPERATIONS;
        let b = if is_word { i64::from(event.rs2 as i32).cast_unsigned() } else { event.rs2 };
        Self::claim(event, event.rd_new, b)
    }

    /// The row of an event with the operands `x` and `b`.
    fn claim(event: &Event, x: u64, b: u64) -> Self {
        let is_word = event.row.flag < OPERATIONS;
        let flag = |word, double| F::from_bool(event.row.op() == word || event.row.op() == double);
        let [.., b2, b3] = limbs(b);
        let sign = |word: u64| F::from_bool(is_word && word >> 63 == 1);
        let is_signed = matches!(event.row.op(), Op::AmominW | Op::AmomaxW | Op::AmominD | Op::AmomaxD);
        Self {
            is_swap: flag(Op::AmoswapW, Op::AmoswapD),
            is_add: flag(Op::AmoaddW, Op::AmoaddD),
            is_xor: flag(Op::AmoxorW, Op::AmoxorD),
            is_and: flag(Op::AmoandW, Op::AmoandD),
            is_or: flag(Op::AmoorW, Op::AmoorD),
            is_min: flag(Op::AmominW, Op::AmominD),
            is_max: flag(Op::AmomaxW, Op::AmomaxD),
            is_minu: flag(Op::AmominuW, Op::AmominuD),
            is_maxu: flag(Op::AmomaxuW, Op::AmomaxuD),
            is_word: F::from_bool(is_word),
            high: F::from_bool(is_word && event.rs1 & 4 != 0),
            cpu: Cpu::fill(event),
            rs1: Base::fill(event, 0),
            rs2: Read::rs2(event),
            rd: Write::rd(event),
            memory: Memory::fill(event),
            x: limbs(x),
            b_upper: [b2, b3],
            x_sign: sign(x),
            b_sign: sign(b),
            order: Comparison::fill(x, b, is_signed),
            x_low: product::low_bytes(x),
            b_low: product::low_bytes(b),
            and: bytes(x & b),
            result: limbs(result(event.row.op(), x, b)),
        }
    }
}

/// What an operation makes of its operands.
fn result(op: Op, x: u64, b: u64) -> u64 {
    match op {
        Op::AmoaddW | Op::AmoaddD => x.wrapping_add(b),
        Op::AmoxorW | Op::AmoxorD => x ^ b,
        Op::AmoandW | Op::AmoandD => x & b,
        Op::AmoorW | Op::AmoorD => x | b,
        Op::AmominW | Op::AmominD => x.cast_signed().min(b.cast_signed()).cast_unsigned(),
        Op::AmomaxW | Op::AmomaxD => x.cast_signed().max(b.cast_signed()).cast_unsigned(),
        Op::AmominuW | Op::AmominuD => x.min(b),
        Op::AmomaxuW | Op::AmomaxuD => x.max(b),
        _ => b,
    }
}

/// The operations by number; those of one number differ in what the program row says.
pub const OPS: &[&[Op]] = &[
    &[Op::AmoswapW],
    &[Op::AmoaddW],
    &[Op::AmoxorW],
    &[Op::AmoandW],
    &[Op::AmoorW],
    &[Op::AmominW],
    &[Op::AmomaxW],
    &[Op::AmominuW],
    &[Op::AmomaxuW],
    &[Op::AmoswapD],
    &[Op::AmoaddD],
    &[Op::AmoxorD],
    &[Op::AmoandD],
    &[Op::AmoorD],
    &[Op::AmominD],
    &[Op::AmomaxD],
    &[Op::AmominuD],
    &[Op::AmomaxuD],
];

/// States the constraints and interactions of a row.
pub fn eval<AB: Builder>(e: &mut Emitter<'_, AB>, row: &Amo<AB::Var>) {
    let flags =
        [row.is_swap, row.is_add, row.is_xor, row.is_and, row.is_or, row.is_min, row.is_max, row.is_minu, row.is_maxu];
    let (is_real, word_operation) = e.one_operation(Kind::Amo, &flags);
    e.flag(["is_word is boolean", "is_word on real rows only"], row.is_word, is_real.clone());
    e.flag(["high is boolean", "high on W forms only"], row.high, row.is_word);

    let (imm, word) = address::locate(e, &row.rs1, &row.memory, row.high * F::from_u32(4), &is_real, &is_real);
    // The number of a D form is that of its W form and a constant.
    let is_double = is_real.clone() - row.is_word;
    let operation = word_operation + is_double * (number(Op::AmoswapD) - number(Op::AmoswapW));
    address::instruction(e, &row.cpu, (operation, imm), (&row.rs1, row.rs2.reg.into(), &row.rd), &is_real);
    e.read_rs2(row.cpu.clock, &row.rs2, &is_real);

    let b = operands(e, row);
    compute(e, row, b, &is_real);

    let (m, r) = (row.memory.old, row.result);
    let new_word = core::array::from_fn(|i| {
        if i < 2 {
            row.high * (m[i] - r[i]) + r[i]
        } else {
            row.is_word * (m[i] - r[i]) + row.high * (r[i - 2] - m[i]) + r[i]
        }
    });
    let rd = row.x.map(Into::into);
    address::access(e, row.cpu.clock, (word, &row.memory, new_word), (&row.rd, rd), &is_real);
}

/// Constrains `x` and the upper limbs of `b`, which is returned: doublewords, or words and their signs.
fn operands<AB: Builder>(e: &mut Emitter<'_, AB>, row: &Amo<AB::Var>) -> [AB::Var; 4] {
    let (m, second) = (row.memory.old, row.rs2.value);
    let b = [second[0], second[1], row.b_upper[0], row.b_upper[1]];
    for i in 0..2 {
        e.equal("x is what is loaded", row.x[i], row.high * (m[i + 2] - m[i]) + m[i]);
    }
    for (name, operand, sign, double) in
        [("x is what is loaded", row.x, row.x_sign, m), ("b is rs2", b, row.b_sign, second)]
    {
        e.flag(["sign is boolean", "sign on W forms only"], sign, row.is_word);
        for i in 2..4 {
            let of_double = (AB::Expr::ONE - row.is_word) * double[i];
            e.equal(name, operand[i], of_double + sign * F::from_u32(0xffff));
        }
        // Without its sign bit the upper limb of a word lies below 2^15, which makes the bit the sign.
        e.range(constant::<AB>(1 << 15), operand[1] - sign * F::from_u32(1 << 15), row.is_word);
    }
    b
}

/// Constrains the result. Bytes and order are those of `x` and `b` on every row, whatever the operation.
fn compute<AB: Builder>(e: &mut Emitter<'_, AB>, row: &Amo<AB::Var>, b: [AB::Var; 4], is_real: &AB::Expr) {
    let (x, r) = (row.x, row.result);
    let is_signed = row.is_min + row.is_max;
    gadgets::compare(e, LIMB_BITS, x, b, &row.order, &is_signed, is_real);
    let less = row.order.less;
    let picks = is_signed + row.is_minu + row.is_maxu;
    let picks_x = (row.is_min + row.is_minu) * less + (row.is_max + row.is_maxu) * (AB::Expr::ONE - less.into());

    let halves = |word, low| product::split::<AB>(LIMB_BITS, word, low).into_iter();
    for ((x, b), and) in halves(x, row.x_low).zip(halves(b, row.b_low)).zip(row.and) {
        e.two_bytes(x, b, and, is_real);
    }

    let shift = F::ONE.div_2exp_u64(16);
    let mut carry = AB::Expr::ZERO;
    for (i, and) in product::join::<AB::Expr>(row.and).into_iter().enumerate() {
        let or = x[i] + b[i] - and.clone();
        let bitwise = row.is_and * and.clone() + row.is_or * or.clone() + row.is_xor * (or - and);
        let picked = (picks.clone() + row.is_swap) * b[i] + picks_x.clone() * (x[i] - b[i]);
        e.equal("result", (is_real.clone() - row.is_add) * r[i], bitwise + picked);
        carry = (x[i] + b[i] - r[i] + carry) * shift;
        e.zero_when("add: carry", row.is_add, carry.bool_check());
        // All other results are operands or bytes.
        e.range(constant::<AB>(1 << 16), r[i], row.is_add);
    }
}
