//! Any contents of the input region run alike on both engines, and a guest panics on a length that cannot be.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Err(difference) = conformance::targets::region(bytes) {
        panic!("{difference}");
    }
});
