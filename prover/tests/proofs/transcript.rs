//! The transcript: the work behind the commitment to the tables, and the seeds of the library that it leaves out.

use air::F;
use air::tables::segment::PUBLIC_VALUES;
use fast_aot::Engine;
use p3_field::PrimeCharacteristicRing;
use prover::ProvingKey;
use verifier::challenger::{Challenger, Turn};
use verifier::{Expectation, Part, Proof, VerifyError, replay, replay_in, transcript_head, verify_decoded};

use crate::runs::{INPUT, KEY, decoded, expectation, judge, key, prove};

fn part(result: Result<(), VerifyError>) -> Option<Part> {
    match result {
        Err(VerifyError::Argument(unsound)) => Some(unsound.part),
        _ => None,
    }
}

#[test]
fn another_nonce_is_rejected() {
    for change in [F::ONE, F::NEG_ONE, F::from_u32(1 << 20)] {
        let mut proof = decoded();
        proof.argument.stark.commitment.nonce += change;
        assert_eq!(part(judge(&proof)), Some(Part::Nonce));
    }
    let other = prove(&KEY, &[7; 40]);
    let mut proof = decoded();
    assert_ne!(proof.argument.stark.commitment, other.argument.stark.commitment);
    proof.argument.stark.commitment.nonce = other.argument.stark.commitment.nonce;
    assert_eq!(part(judge(&proof)), Some(Part::Nonce));
    let mut proof = decoded();
    proof.argument.stark.commitment.root = other.argument.stark.commitment.root;
    assert_eq!(part(judge(&proof)), Some(Part::Nonce));
}

/// Who has not done the work has a proof that is right in all else.
#[test]
fn a_proof_without_the_work_is_rejected_for_that_alone() {
    let run = KEY.run(&INPUT, Engine::default(), &mut |_, _| ()).expect("it runs");
    let layout = run.lay_out().expect("it can be proved");
    let instructions = run.execution.instructions;
    let witness = layout.witness().clone();
    let lazy = KEY.prove_in(run.statement.clone(), instructions, witness, Challenger::lazy).expect("a proof");
    assert_eq!(lazy.argument.stark.commitment.nonce, F::ZERO);
    assert_eq!(part(judge(&lazy)), Some(Part::Nonce));
    assert!(replay_in(&lazy, Challenger::lazy).is_ok());
}

/// All that may change between the nonce and the challenge that it is for is absorbed before the nonce: a statement
/// changed behind it has to be ground anew.
#[test]
fn a_nonce_is_of_one_statement() {
    let mut proof = decoded();
    let mut others = 0;
    for code in 1..=4 {
        proof.statement.exit_code = code;
        let result = verify_decoded(&proof, &Expectation { exit_code: code, ..expectation() });
        others += u32::from(part(result) == Some(Part::Nonce));
    }
    let mut proof = decoded();
    for instructions in 1..=4 {
        proof.instructions = instructions;
        others += u32::from(part(judge(&proof)) == Some(Part::Nonce));
    }
    for element in 0..4 {
        let mut proof = decoded();
        proof.input[element] += F::ONE;
        others += u32::from(part(judge(&proof)) == Some(Part::Nonce));
        let mut proof = decoded();
        proof.output_path[element][element] += F::ONE;
        others += u32::from(part(judge(&proof)) == Some(Part::Nonce));
    }
    // Each has the nonce by chance once in 4096 times.
    assert!(others >= 15, "{others} of 16");
}

/// What the transcript absorbs first but for the public values, and all seeds that the library wants absorbed.
fn head_and_seeds(proof: &Proof) -> (Vec<F>, Vec<Vec<F>>, Challenger) {
    let head = transcript_head(&proof.key, &proof.heights().expect("heights"), &[F::ZERO; PUBLIC_VALUES]);
    let end = replay(proof).expect("an honest proof");
    let seeds = end.log().iter().filter_map(|turn| match turn {
        Turn::Seed(seed) => Some(seed.clone()),
        _ => None,
    });
    (head, seeds.collect(), end)
}

/// The ordinal stands for the seed: seeds of proofs that agree in key and heights are the same, whatever the tables hold,
/// and no seed holds anything of a message.
#[test]
fn seeds_follow_from_the_head() {
    let proofs = [decoded(), prove(&KEY, &[1; 8]), prove(&KEY, &[2; 300]), prove(&KEY, &[3; 5000])];
    let all = proofs.each_ref().map(head_and_seeds);
    for (i, (head, seeds, _)) in all.iter().enumerate() {
        for (other_head, other_seeds, _) in &all[..i] {
            assert_eq!(head == other_head, seeds == other_seeds, "{i}");
        }
    }
    // Some agree, others do not.
    assert!(all[0].0 == all[1].0 && all[0].0 != all[3].0);
    assert_ne!(proofs[0].argument.stark.commitment, proofs[1].argument.stark.commitment);
}

/// What a verifier absorbs and draws, by turns: seeds, messages, challenges. Another release of the library, another
/// table or another parameter shows here.
#[test]
fn the_turns_of_a_transcript_are_known() {
    let (_, seeds, end) = head_and_seeds(&decoded());
    let count = |of: fn(&Turn) -> usize| end.log().iter().map(of).sum::<usize>();
    let messages = count(|turn| if let Turn::Message(elements) = turn { *elements } else { 0 });
    let challenges = count(|turn| if let Turn::Challenge(elements) = turn { *elements } else { 0 });
    let of_seeds: usize = seeds.iter().map(Vec::len).sum();
    println!("{} seeds of {of_seeds} elements, {messages} of messages, {challenges} of challenges", seeds.len());
    assert_eq!((seeds.len(), messages), SEEDS_AND_MESSAGES);
}

/// Of the honest proof.
const SEEDS_AND_MESSAGES: (usize, usize) = (65, 14_179);

/// A key tells programs apart that differ in a fixed column alone.
#[test]
fn the_opening_of_the_program_is_bound_to_its_key() {
    let other: ProvingKey = key(crate::programs::exit_with_input());
    let mut proof = decoded();
    proof.argument.program = prove(&other, &0_u64.to_le_bytes()).argument.program;
    assert_eq!(part(judge(&proof)), Some(Part::Opening));
}
