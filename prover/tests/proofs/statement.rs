//! A proof is accepted for the program, output and exit code that it proves and for no other.

use air::F;
use p3_field::PrimeCharacteristicRing;
use spec_interp::Program;
use spec_interp::map::PROGRAM_BASE;
use verifier::{Expectation, ProgramDigest, Proof, VerifyError, verify, verify_decoded};

use crate::programs::{addi, exit_with_input, program, sum_of_input};
use crate::runs::{KEY, decoded, expectation, honest, key, prove};

/// The modulus of the field.
const P: u64 = (1 << 31) - (1 << 24) + 1;

fn output_rejected(output: &[u8]) -> bool {
    let expected = Expectation { output: Some(output), ..expectation() };
    let honest_output = 31_u64.to_le_bytes();
    let agrees = |at: &usize| output[..*at] == honest_output[..*at];
    let at = (0..=output.len().min(8)).rev().find(agrees).expect("nothing agrees with nothing");
    verify(honest(), &expected).err() == Some(VerifyError::Output { expected: output.len(), found: 8, at })
}

#[test]
fn an_honest_proof_is_accepted_and_says_what_it_proves() {
    let proof = verify(honest(), &expectation()).expect("an honest proof");
    assert_eq!((proof.statement.exit_code, proof.statement.output.as_slice()), (0, 31_u64.to_le_bytes().as_slice()));
    assert!(proof.instructions > 32);
    assert_eq!(verify(honest(), &Expectation { output: None, ..expectation() }).err(), None);
}

#[test]
fn another_output_is_rejected() {
    let output = 31_u64.to_le_bytes();
    for bit in 0..64 {
        assert!(output_rejected(&(31_u64 ^ 1 << bit).to_le_bytes()), "bit {bit}");
    }
    for len in 0..8 {
        assert!(output_rejected(&output[..len]), "{len} bytes");
    }
    assert!(output_rejected(&[output.as_slice(), &[0]].concat()));
    assert!(output_rejected(&[output.as_slice(), &[1]].concat()));
    assert!(output_rejected(&[&[0], output.as_slice()].concat()));
}

/// The claim in the proof changed along with what is expected: then the argument fails.
#[test]
fn a_proof_that_claims_another_output_is_rejected() {
    let honest = 31_u64.to_le_bytes();
    let longer = [honest.as_slice(), &[0]].concat();
    let claims = [&32_u64.to_le_bytes(), &honest[..7], &honest[..1], &[], &longer];
    for claim in claims {
        let mut proof = decoded();
        proof.statement.output = claim.to_vec();
        let result = verify_decoded(&proof, &Expectation { output: Some(claim), ..expectation() });
        assert!(matches!(result, Err(VerifyError::Argument(_))), "{claim:?}: {result:?}");
    }
    let mut proof = decoded();
    proof.statement.output = vec![0; 1 << 26];
    let result = verify_decoded(&proof, &Expectation { output: None, ..expectation() });
    assert_eq!(result, Err(VerifyError::Shape("the output is longer than its region")));
}

#[test]
fn another_program_is_rejected() {
    let other = |program: Program| prover::ProvingKey::new(program).expect("a small program").verifying_key().digest();
    let original = sum_of_input();
    let code = original.segments().iter().find(|segment| segment.executable).expect("code").bytes.clone();
    let mut changed = code.clone();
    // The last instruction of the loop that fails is never executed, and part of the program all the same.
    changed[code.len() - 1] ^= 0x80;
    let changed = Program::from_code(PROGRAM_BASE, &changed, &[]).expect("it loads");
    let entered = Program::from_code(PROGRAM_BASE + 4, &code, &[]).expect("it loads");
    let with_data = Program::from_code(PROGRAM_BASE, &code, &[1]).expect("it loads");
    let digests = [original, changed, entered, with_data, exit_with_input()].map(other);
    assert_eq!(digests[0], expectation().program);
    for (i, &program) in digests.iter().enumerate().skip(1) {
        assert!(digests[..i].iter().all(|other| *other != program), "program {i} has another's digest");
        let expected = VerifyError::Program { expected: program.to_string(), found: digests[0].to_string() };
        assert_eq!(verify(honest(), &Expectation { program, ..expectation() }).err(), Some(expected));
    }
    for element in 0..9 {
        let ProgramDigest(mut digest) = digests[0];
        digest[element] += F::ONE;
        let program = ProgramDigest(digest);
        assert!(matches!(
            verify(honest(), &Expectation { program, ..expectation() }),
            Err(VerifyError::Program { .. })
        ));
    }
}

/// The exit code is all 64 bits: codes that agree modulo p, or in their low half, are different.
#[test]
fn exit_codes_are_not_confused() {
    let codes = [7, P - 1, P, P + 1, 1 << 32, (1 << 32) + 7, u64::MAX];
    let key = key(exit_with_input());
    let program = key.verifying_key().digest();
    for code in codes {
        let proof = prove(&key, &code.to_le_bytes());
        let expect = |exit_code| Expectation { program, exit_code, output: Some(&[]) };
        assert_eq!(verify_decoded(&proof, &expect(code)), Ok(()), "{code}");
        for other in codes.into_iter().chain([0, 1, code ^ 1, code ^ 1 << 63, code % P]).filter(|&other| other != code)
        {
            let error = VerifyError::ExitCode { expected: other, found: code };
            assert_eq!(verify_decoded(&proof, &expect(other)), Err(error));
        }
        // The claim changed along with what is expected.
        for other in [0, code ^ 1, code.wrapping_add(P), code.wrapping_sub(P), code ^ 1 << 32, code ^ 1 << 63] {
            let mut lie = Proof::decode(&proof.encode()).expect("an honest proof");
            lie.statement.exit_code = other;
            let result = verify_decoded(&lie, &expect(other));
            assert!(matches!(result, Err(VerifyError::Argument(_))), "{code} as {other}: {result:?}");
        }
    }
}

/// Parts of a proof of another run of the same program, or of another program.
#[test]
fn parts_of_other_proofs_are_rejected() {
    let other = prove(&KEY, &[7; 40]).encode();
    let lie = |change: fn(&mut Proof, Proof)| {
        let mut proof = decoded();
        change(&mut proof, Proof::decode(&other).expect("an honest proof"));
        let output = proof.statement.output.clone();
        let result = verify_decoded(&proof, &Expectation { output: Some(&output), ..expectation() });
        assert!(matches!(result, Err(VerifyError::Argument(_) | VerifyError::Shape(_))), "{result:?}");
    };
    lie(|proof, other| proof.statement = other.statement);
    lie(|proof, other| proof.input = other.input);
    lie(|proof, other| proof.output_path = other.output_path);
    lie(|proof, other| proof.instructions = other.instructions);
    lie(|proof, other| proof.argument.stark.commitment = other.argument.stark.commitment);
    lie(|proof, other| proof.argument.stark.lookup = other.argument.stark.lookup);
    lie(|proof, other| proof.argument.stark.sumcheck = other.argument.stark.sumcheck);
    lie(|proof, other| proof.argument.stark.opening = other.argument.stark.opening);
    lie(|proof, other| proof.argument.stark.preprocessed_opening = other.argument.stark.preprocessed_opening);
    lie(|proof, other| proof.argument.stark = other.argument.stark);
    lie(|proof, other| proof.argument.program = other.argument.program);
    lie(|proof, other| proof.argument = other.argument);
    lie(|proof, other| {
        (proof.statement, proof.input, proof.output_path) = (other.statement, other.input, other.output_path);
    });

    let another = key(program(&[addi(10, 0, 0), addi(17, 0, 93), 0x73]));
    let mut proof = decoded();
    proof.key = another.verifying_key().clone();
    let program = proof.key.digest();
    let result = verify_decoded(&proof, &Expectation { program, ..expectation() });
    assert!(matches!(result, Err(VerifyError::Argument(_) | VerifyError::Shape(_))), "{result:?}");
}
