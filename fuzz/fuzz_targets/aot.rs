//! A random program, hostile or well behaved, runs alike on both engines.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Err(difference) = conformance::targets::aot(bytes) {
        panic!("{difference}");
    }
});
