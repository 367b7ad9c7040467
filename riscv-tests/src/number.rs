//! Arithmetic on register contents by way of wide integers and plain powers of two, for expected values.

/// The number that 64 bits are, two's complement.
#[must_use]
pub fn signed(bits: u64) -> i128 {
    unsigned(bits) - if bits >= 1 << 63 { TWO_64 } else { 0 }
}

/// The number that 64 bits are without a sign.
#[must_use]
pub fn unsigned(bits: u64) -> i128 {
    i128::from(bits)
}

/// The number that the low 32 bits are, two's complement.
#[must_use]
pub fn signed_word(bits: u64) -> i128 {
    signed_low(bits, 32)
}

/// The number that so many low bits are, two's complement.
#[must_use]
pub fn signed_low(bits: u64, count: i128) -> i128 {
    let low = unsigned(bits) % power(count);
    if low >= power(count - 1) { low - power(count) } else { low }
}

/// The number that the low 32 bits are without a sign.
#[must_use]
pub fn unsigned_word(bits: u64) -> i128 {
    unsigned(bits) % TWO_32
}

/// A number as a register holds it: modulo 2^64.
#[must_use]
pub fn register(number: i128) -> u64 {
    number.rem_euclid(TWO_64) as u64
}

/// A number as a W form leaves it: modulo 2^32, then sign-extended.
#[must_use]
pub fn word(number: i128) -> u64 {
    register(signed_word(register(number)))
}

/// A power of two.
#[must_use]
pub fn power(exponent: i128) -> i128 {
    (0..exponent).fold(1, |product, _| product * 2)
}

/// Combines two registers bit by bit; `rule` sees and returns 0 or 1.
#[must_use]
pub fn bitwise(x: u64, y: u64, rule: fn(u64, u64) -> u64) -> u64 {
    let digit = |n: u64, i: u32| n / 2u64.pow(i) % 2;
    (0..64).map(|i| rule(digit(x, i), digit(y, i)) * 2u64.pow(i)).sum()
}

/// One binary digit: 0 or 1.
#[must_use]
pub fn digit(bits: u64, at: i128) -> i128 {
    unsigned(bits) / power(at) % 2
}

/// The number with its binary digit at a place replaced by what `rule` makes of it.
#[must_use]
pub fn with_digit(bits: u64, at: i128, rule: fn(i128) -> i128) -> u64 {
    let old = digit(bits, at);
    register(unsigned(bits) + (rule(old) - old) * power(at))
}

/// How many binary digits a number from 0 on has; 0 has none.
#[must_use]
pub fn length(number: i128) -> i128 {
    (0..).find(|&count| number < power(count)).unwrap_or(0)
}

/// How many zeros end a number of so many binary digits.
#[must_use]
pub fn trailing_zeros(number: i128, width: i128) -> i128 {
    (0..width).find(|&count| number % power(count + 1) != 0).unwrap_or(width)
}

/// How many binary digits of a number from 0 on are 1.
#[must_use]
pub fn ones(number: i128) -> i128 {
    (0..length(number)).map(|at| number / power(at) % 2).sum()
}

/// A number of so many binary digits, rotated to the left by a place count below that.
#[must_use]
pub fn rotated_left(number: i128, width: i128, places: i128) -> i128 {
    let shifted = number * power(places);
    shifted % power(width) + shifted / power(width)
}

/// The same to the right.
#[must_use]
pub fn rotated_right(number: i128, width: i128, places: i128) -> i128 {
    rotated_left(number, width, (width - places) % width)
}

/// The bytes of a register, the lowest first.
#[must_use]
pub fn bytes(bits: u64) -> [i128; 8] {
    core::array::from_fn(|i| unsigned(bits) / power(8 * i as i128) % 256)
}

/// A register from its bytes, the lowest first.
#[must_use]
pub fn from_bytes(bytes: [i128; 8]) -> u64 {
    register(bytes.iter().rev().fold(0, |number, byte| number * 256 + byte))
}

/// The upper half of a 128-bit product of two numbers, each within -2^63..2^64.
#[must_use]
pub fn upper_product(x: i128, y: i128) -> u64 {
    // Through the halves of the second factor, since 2^64 * 2^64 leaves i128.
    let (y_high, y_low) = (y.div_euclid(TWO_32), y.rem_euclid(TWO_32));
    register((x * y_high + (x * y_low).div_euclid(TWO_32)).div_euclid(TWO_32))
}

/// Quotient and remainder, rounded towards zero; `None` by zero.
#[must_use]
pub fn divide(dividend: i128, divisor: i128) -> Option<(i128, i128)> {
    if divisor == 0 {
        return None;
    }
    let magnitude = dividend.abs() / divisor.abs();
    let quotient = if (dividend < 0) == (divisor < 0) { magnitude } else { -magnitude };
    Some((quotient, dividend - quotient * divisor))
}

const TWO_32: i128 = 1 << 32;
const TWO_64: i128 = 1 << 64;
