//! Our prover against the library's, which makes the same proof of the same tables, byte for byte. The library's takes
//! minutes to compile, so this is no part of the tests of a push: `cargo test -p prover --features reference --test reference`.

#![cfg(feature = "reference")]

#[expect(dead_code, reason = "shared with the other tests of proofs")]
#[path = "proofs/programs.rs"]
mod programs;

use air::F;
use air::kind::{Kind, TABLES};
use air::table::Table;
use fast_aot::Engine;
use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use p3_multi_stark::{ProverInstance, ProverInstances, prove, setup};
use p3_sumcheck::layout::Table as Stacked;
use prover::ProvingKey;
use verifier::challenger::Challenger;
use verifier::config::Config;
use verifier::{Proof, transcript_head};

use crate::programs::every_table;

/// The same tables proved by the library.
fn by_the_library(key: &ProvingKey, input: &[u8]) -> (Proof, Vec<u8>) {
    let run = key.run(input, Engine::default(), &mut |_, _| ()).expect("it runs");
    let layout = run.lay_out().expect("it can be proved");
    let (class, witness) = (layout.class(), layout.witness().clone());
    let proof = layout.prove().expect("a proof");
    let heights = proof.heights().expect("heights");

    let config = Config::new(class, key.verifying_key().columns).expect("parameters");
    let tables: Vec<Table> = TABLES.map(|kind| key.table(kind)).into();
    let references: Vec<&Table> = tables.iter().collect();
    let (library_key, _) = setup(&config, &references, &mut Challenger::new(&[])).expect("a key");
    let instances = tables.iter().zip(&witness.traces).zip(heights).map(|((table, (kind, trace)), height)| {
        let columns = match kind {
            Kind::Filler => RowMajorMatrix::new(F::zero_vec(kind.width() << height), 1 << height),
            _ => trace.transpose(),
        };
        let public = if *kind == Kind::Segment { witness.public.as_slice() } else { &[] };
        ProverInstance::new(table, Stacked::new(columns), &library_key, public)
    });
    let mut challenger = Challenger::new(&transcript_head(key.verifying_key(), &heights, &witness.public));
    let instances = ProverInstances::new(instances.collect());
    let stark = prove(&config, instances, 0, &mut challenger).expect("a proof");
    (proof, postcard::to_allocvec(&stark).expect("it is data"))
}

#[test]
fn the_library_makes_the_same_proof() {
    let key = ProvingKey::new(every_table()).expect("a small program");
    // Of several threads that look for a nonce, any may be the first.
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    // With refreshes, and of a class more.
    for rounds in [1_u64, 8200] {
        let (ours, theirs) = alone.install(|| by_the_library(&key, &rounds.to_le_bytes()));
        let ours = postcard::to_allocvec(&ours.argument.stark).expect("it is data");
        assert_eq!(ours.len(), theirs.len());
        assert!(ours == theirs, "{rounds} rounds: another proof");
    }
}
