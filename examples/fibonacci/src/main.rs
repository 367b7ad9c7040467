//! Input: n, as 8 or 4 bytes, little endian; anything else means 100,000. Output: the nth Fibonacci number
//! modulo 2^64, as 8 bytes.

#![no_std]
#![no_main]

guest::entry!(main);

const DEFAULT_N: u64 = 100_000;

fn main() {
    let n = n_from(guest::read_input());
    guest::write_output(&fibonacci(n).to_le_bytes());
}

fn n_from(input: &[u8]) -> u64 {
    if let Ok(bytes) = input.try_into() {
        u64::from_le_bytes(bytes)
    } else if let Ok(bytes) = input.try_into() {
        u32::from_le_bytes(bytes).into()
    } else {
        DEFAULT_N
    }
}

fn fibonacci(n: u64) -> u64 {
    let (mut this, mut next) = (0u64, 1u64);
    for _ in 0..n {
        (this, next) = (next, this.wrapping_add(next));
    }
    this
}
