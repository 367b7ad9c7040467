//! A program of each language that guests are written in beside Rust is proved and verified.

use crate::programs::example;
use crate::runs::key;
use verifier::{Expectation, verify};

#[test]
fn programs_in_c_cpp_and_zig_are_proved() {
    let shapes = [1_u64, 16, 18, 35].map(u64::to_le_bytes).concat();
    let mut histogram = vec![0; 8 * 256];
    histogram[8 * usize::from(b'z')] = 3;
    let cases: [(&str, &[u8], &[u8]); 3] = [
        ("statistics", b"2\n4\n", b"2 numbers, sum 6, least 2, greatest 4, median 3\n"),
        ("shapes", &[0, 4, 0, 1, 2, 9, 0, 1, 0], &shapes),
        ("histogram", b"zzz", &histogram),
    ];
    for (name, input, output) in cases {
        let key = key(example(name));
        let proof = key.prove(input, &mut |_, _| ()).expect("the run can be proved").encode();
        let program = key.verifying_key().digest();
        verify(&proof, &Expectation { program, exit_code: 0, output: Some(output) }).expect(name);
    }
}
