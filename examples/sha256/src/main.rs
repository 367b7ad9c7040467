//! Output: the 32 bytes of the SHA-256 digest of the input.

#![no_std]
#![no_main]

use sha2::{Digest, Sha256};

guest::entry!(main);

fn main() {
    guest::write_output(&Sha256::digest(guest::read_input()));
}
