//! The input region is the prover's to fill: runs on contents that no file gives are proved and verified like others,
//! which is what a proof says. What keeps a program from harm is the program's own check of the length.

use fast_aot::Engine;
use prover::ProvingKey;
use spec_interp::Input;
use spec_interp::map::{INPUT_SIZE, MAX_INPUT};
use verifier::{Expectation, Proof, VerifyError, verify};

use crate::programs::{example, exit_with_input, output_length};
use crate::runs::key;

/// The region with this length, zeros, and these bytes behind them.
fn region(length: u64, bytes: &[u8]) -> Vec<u8> {
    [&length.to_le_bytes(), &[0; 8], bytes].concat()
}

/// Both engines give one run on the region; it is proved, and the proof says this end and no other.
fn proves(key: &ProvingKey, region: &[u8], exit_code: u64, output: &[u8]) -> Proof {
    let run = |engine| key.run(Input::Region(region), engine, &mut |_, _| ()).expect("it runs");
    let [aot, spec] = Engine::ALL.map(run);
    assert_eq!((&aot.statement, &aot.execution), (&spec.statement, &spec.execution));

    let proof = key.prove(Input::Region(region), &mut |_, _| ()).expect("the run can be proved").encode();
    let program = key.verifying_key().digest();
    let expected = Expectation { program, exit_code, output: Some(output) };
    let other = Expectation { exit_code: exit_code ^ 1, ..expected.clone() };
    assert!(matches!(verify(&proof, &other), Err(VerifyError::ExitCode { .. })));
    verify(&proof, &expected).expect("an honest proof")
}

#[test]
fn any_length_is_proved() {
    let key = key(output_length());
    for length in [MAX_INPUT, INPUT_SIZE, 1 << 40, u64::MAX] {
        proves(&key, &region(length, &[]), 0, &length.to_le_bytes());
    }
}

/// A program that looks there sees them, where a file would have left zeros.
#[test]
fn bytes_behind_the_length_are_proved() {
    let key = key(exit_with_input());
    let behind = proves(&key, &region(0, &77_u64.to_le_bytes()), 77, &[]);
    let file = proves(&key, &region(8, &77_u64.to_le_bytes()), 77, &[]);
    assert_ne!(behind.input, file.input);
    let file_itself = key.prove(&77_u64.to_le_bytes(), &mut |_, _| ()).expect("the run can be proved");
    assert_eq!(file.input, file_itself.input);
}

/// In Rust and in C `read_input` panics, and the panic is what is proved.
#[test]
fn a_length_that_does_not_fit_is_proved_to_be_a_panic() {
    for name in ["fibonacci", "echo"] {
        let key = key(example(name));
        for length in [MAX_INPUT + 1, (1 << 32) + 8, 1 << 40] {
            proves(&key, &region(length, &5_u64.to_le_bytes()), 101, &[]);
        }
        let output = 5_u64.to_le_bytes();
        proves(&key, &region(8, &[&output[..], b"behind"].concat()), 0, &output);
    }
}
