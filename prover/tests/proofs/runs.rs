//! Keys and proofs that the tests share.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{LazyLock, OnceLock};

use air::witness::Witness;
use prover::ProvingKey;
use verifier::{Expectation, Proof, Statement, VerifyError, verify_decoded};

use crate::programs::sum_of_input;

/// The input of [`honest`], whose sum is its output.
pub const INPUT: [u8; 8] = [3, 1, 4, 1, 5, 9, 2, 6];

/// The program of [`honest`].
pub static KEY: LazyLock<ProvingKey> = LazyLock::new(|| key(sum_of_input()));

/// A key.
pub fn key(program: spec_interp::Program) -> ProvingKey {
    ProvingKey::new(program).expect("a small program")
}

/// A proof without console.
pub fn prove(key: &ProvingKey, input: &[u8]) -> Proof {
    key.prove(input, &mut |_, _| ()).expect("the run can be proved")
}

/// The honest proof of [`INPUT`], encoded.
pub fn honest() -> &'static [u8] {
    static PROOF: OnceLock<Vec<u8>> = OnceLock::new();
    PROOF.get_or_init(|| prove(&KEY, &INPUT).encode())
}

/// The honest proof, decoded afresh.
pub fn decoded() -> Proof {
    Proof::decode(honest()).expect("an honest proof")
}

/// What is expected of [`honest`].
pub fn expectation() -> Expectation<'static> {
    static OUTPUT: [u8; 8] = 31_u64.to_le_bytes();
    Expectation { program: KEY.verifying_key().digest(), exit_code: 0, output: Some(&OUTPUT) }
}

/// What a verifier says to a decoded proof.
pub fn judge(proof: &Proof) -> Result<(), VerifyError> {
    verify_decoded(proof, &expectation())
}

/// Proves a witness as it is, for a statement that may be none, and verifies the proof, if there is one.
pub fn proves(key: &ProvingKey, statement: &Statement, instructions: u64, witness: &Witness) -> Result<(), String> {
    let prove = || key.prove_witness(statement.clone(), instructions, witness.clone());
    let proof = catch_unwind(AssertUnwindSafe(prove)).map_err(|_| "the prover panicked".to_owned())?;
    let proof = proof.map_err(|error| error.to_string())?;
    let Statement { exit_code, output } = statement;
    let program = key.verifying_key().digest();
    let result = verify_decoded(&proof, &Expectation { program, exit_code: *exit_code, output: Some(output) });
    assert!(matches!(result, Ok(()) | Err(VerifyError::Argument(_))), "{result:?}");
    result.map_err(|error| error.to_string())
}

/// Whether everything is tried, not only what fits a push.
pub fn is_full() -> bool {
    std::env::var_os("ZISK_FULL").is_some()
}
