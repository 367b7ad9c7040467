//! The chunks of the fast engine, replayed one by one, are the run; a damaged one is no panic.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Err(difference) = conformance::targets::chunks(bytes) {
        panic!("{difference}");
    }
});
