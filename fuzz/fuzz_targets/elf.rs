//! Any file is an error, or a program within the map that runs alike on both engines.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Err(difference) = conformance::targets::file(bytes) {
        panic!("{difference}");
    }
});
