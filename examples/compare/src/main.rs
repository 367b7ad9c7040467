//! Input: two blocks of the same length, one behind the other. Output: 0 if they are equal, 1 if the first one is the
//! lesser, 2 if it is the greater one; then the instructions that comparing took, as 8 bytes, once for the order and once
//! for equality.

#![no_std]
#![no_main]

use core::cmp::Ordering;
use core::hint::black_box;

guest::entry!(main);

fn main() {
    let input = guest::read_input();
    let (a, b) = black_box(input.split_at(input.len() / 2));
    let start = guest::cycles();
    let order = black_box(a.cmp(b));
    let ordered = guest::cycles();
    let is_equal = black_box(a == b);
    let compared = guest::cycles();
    assert_eq!(is_equal, order.is_eq());
    let code = match order {
        Ordering::Equal => 0,
        Ordering::Less => 1,
        Ordering::Greater => 2,
    };
    guest::write_output(&[code]);
    guest::write_output(&(ordered - start).to_le_bytes());
    guest::write_output(&(compared - ordered).to_le_bytes());
}
