//! Any bytes are an error, or a proof of which they are the one encoding; none is accepted that was not made.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use prover::ProvingKey;
use verifier::{Expectation, MAGIC, ProgramDigest, Proof, VERSION, verify};

/// The bytes of a proof, and the program's digest.
static HONEST: LazyLock<(Vec<u8>, ProgramDigest)> = LazyLock::new(|| {
    let code = [0x05d0_0893_u32, 0x0000_0073]; // li a7, 93; ecall
    let code: Vec<u8> = code.iter().flat_map(|word| word.to_le_bytes()).collect();
    let program = spec_interp::Program::from_code(0x8000_0000, &code, &[]).expect("it fits the map");
    let key = ProvingKey::new(program).expect("it is short");
    let proof = key.prove(&[], &mut |_, _| ()).expect("it exits");
    (proof.encode(), key.verifying_key().digest())
});

/// What is read as a proof.
#[derive(Arbitrary, Debug)]
enum Attempt {
    /// Anything.
    Bytes(Vec<u8>),
    /// Anything behind the right head.
    Body(Vec<u8>),
    /// A proof with bytes replaced, then cut or extended.
    Damaged { edits: Vec<(u32, Vec<u8>)>, cut: Option<u32>, tail: Vec<u8> },
}

fn bytes(attempt: Attempt) -> Vec<u8> {
    match attempt {
        Attempt::Bytes(bytes) => bytes,
        Attempt::Body(body) => [&MAGIC[..], &VERSION.to_le_bytes(), &body].concat(),
        Attempt::Damaged { edits, cut, tail } => {
            let mut bytes = HONEST.0.clone();
            for (at, values) in edits {
                // Half of the edits go to the head of the proof, where lengths and the statement stand.
                let range = if at % 2 == 0 { 1024 } else { bytes.len() };
                let at = (at / 2) as usize % range;
                for (place, value) in bytes[at..].iter_mut().zip(values) {
                    *place = value;
                }
            }
            bytes.truncate(cut.map_or(usize::MAX, |cut| cut as usize % bytes.len()));
            bytes.extend(tail);
            bytes
        }
    }
}

// The honest proof takes a while, which is no time of the first input's.
fuzz_target!(init: LazyLock::force(&HONEST), |attempt: Attempt| {
    let bytes = bytes(attempt);
    if let Ok(proof) = Proof::decode(&bytes) {
        assert!(proof.encode() == bytes, "two encodings of one proof");
    }
    let (honest, program) = &*HONEST;
    let expected = Expectation { program: *program, exit_code: 0, output: None };
    let accepted = verify(&bytes, &expected).is_ok();
    assert_eq!(accepted, bytes == *honest);
});
