//! Input: a JSON array of objects. Output: the sum of their fields `amount`, integers, modulo 2^64, as 8 bytes,
//! little endian. Anything else ends the program as failed, with a message.

#![no_std]
#![no_main]

extern crate alloc;

use alloc::{format, string::String};
use serde_json::Value;

guest::entry!(main);

fn main() -> Result<(), String> {
    let document: Value = serde_json::from_slice(guest::read_input())
        .map_err(|error| format!("not JSON: {error}"))?;
    let entries = document.as_array().ok_or("not an array")?;
    let mut sum = 0i64;
    for (index, entry) in entries.iter().enumerate() {
        let amount = entry.get("amount").and_then(Value::as_i64);
        sum = sum.wrapping_add(
            amount.ok_or_else(|| format!("entry {index} has no integer \"amount\""))?,
        );
    }
    guest::write_output(&sum.to_le_bytes());
    Ok(())
}
