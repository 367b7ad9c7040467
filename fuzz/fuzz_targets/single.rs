//! Single instructions on biased operands run alike on both engines.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Err(difference) = conformance::targets::single(bytes) {
        panic!("{difference}");
    }
});
