//! The tamper list: every field of a proof, reached through its serialised form so that none is left out, is changed in
//! many ways that its type allows, and the proof is rejected; parts that may be of two kinds are exchanged for the other. A
//! field that is not on the list fails the test.
//!
//! What the transcript absorbs first and the proof holds is covered by the same list: of the key `entry`, `log_program`,
//! `columns`, `lower_half`, `upper_half`; the list `heights`; and the public values, which are `key.entry`, `instructions`,
//! `statement.exit_code`, the root made of the key's halves and `input`, and the root made of `statement.output` and
//! `output_path`. The key is also changed along with the digest that is expected, so that not the digest but the argument
//! has to tell. That each of them is in the transcript's head is a test of `verifier/src/verify.rs`.

use std::collections::BTreeMap;

use air::F;
use air::kind::{Kind, TABLES};
use p3_field::PrimeCharacteristicRing;
use p3_whir::{QueryOpenings, SharedProofOpening};
use serde::Deserialize;
use serde_json::Value;
use verifier::config::{Challenge, Mmcs};
use verifier::program;
use verifier::scheme::Opening;
use verifier::shape::class_of;
use verifier::{Expectation, Proof, VerifyError, verify_decoded};

use crate::runs::{decoded, expectation, judge};

type Queries = QueryOpenings<F, Challenge, <Mmcs as p3_commit::Mmcs<F>>::MultiProof>;

/// Every place of a proof; `[]` is any element. What is inside an element of the challenge field is not listed.
const FIELDS: [&str; 140] = [
    "argument",
    "argument.program",
    "argument.program.final_openings",
    "argument.program.final_openings.Base",
    "argument.program.final_openings.Base.proof",
    "argument.program.final_openings.Base.proof.sibling_hashes",
    "argument.program.final_openings.Base.proof.sibling_hashes[]",
    "argument.program.final_openings.Base.proof.sibling_hashes[][]",
    "argument.program.final_openings.Base.rows",
    "argument.program.final_openings.Base.rows[]",
    "argument.program.final_openings.Base.rows[][]",
    "argument.program.final_poly",
    "argument.program.final_poly[]",
    "argument.program.final_poly[][]",
    "argument.program.final_pow_witness",
    "argument.program.final_sumcheck",
    "argument.program.final_sumcheck.polynomial_evaluations",
    "argument.program.final_sumcheck.polynomial_evaluations[]",
    "argument.program.final_sumcheck.polynomial_evaluations[][]",
    "argument.program.final_sumcheck.pow_witnesses",
    "argument.program.initial_ood_answers",
    "argument.program.initial_sumcheck",
    "argument.program.initial_sumcheck.polynomial_evaluations",
    "argument.program.initial_sumcheck.polynomial_evaluations[]",
    "argument.program.initial_sumcheck.polynomial_evaluations[][]",
    "argument.program.initial_sumcheck.pow_witnesses",
    "argument.program.rounds",
    "argument.stark",
    "argument.stark.bus",
    "argument.stark.commitment",
    "argument.stark.commitment.nonce",
    "argument.stark.commitment.root",
    "argument.stark.commitment.root[]",
    "argument.stark.indexed",
    "argument.stark.lookup",
    "argument.stark.lookup.layers",
    "argument.stark.lookup.layers[]",
    "argument.stark.lookup.layers[].claims",
    "argument.stark.lookup.layers[].claims.d0",
    "argument.stark.lookup.layers[].claims.d1",
    "argument.stark.lookup.layers[].claims.n0",
    "argument.stark.lookup.layers[].claims.n1",
    "argument.stark.lookup.layers[].round_polys",
    "argument.stark.lookup.layers[].round_polys[]",
    "argument.stark.lookup.layers[].round_polys[][]",
    "argument.stark.lookup.root_denominator",
    "argument.stark.opening",
    "argument.stark.opening.Main",
    "argument.stark.opening.Main.evals",
    "argument.stark.opening.Main.evals[]",
    "argument.stark.opening.Main.evals[].current",
    "argument.stark.opening.Main.evals[].current[]",
    "argument.stark.opening.Main.evals[].next",
    "argument.stark.opening.Main.evals[].next[]",
    "argument.stark.opening.Main.whir",
    "argument.stark.opening.Main.whir.final_openings",
    "argument.stark.opening.Main.whir.final_openings.Extension",
    "argument.stark.opening.Main.whir.final_openings.Extension.proof",
    "argument.stark.opening.Main.whir.final_openings.Extension.proof.sibling_hashes",
    "argument.stark.opening.Main.whir.final_openings.Extension.proof.sibling_hashes[]",
    "argument.stark.opening.Main.whir.final_openings.Extension.proof.sibling_hashes[][]",
    "argument.stark.opening.Main.whir.final_openings.Extension.rows",
    "argument.stark.opening.Main.whir.final_openings.Extension.rows[]",
    "argument.stark.opening.Main.whir.final_openings.Extension.rows[][]",
    "argument.stark.opening.Main.whir.final_poly",
    "argument.stark.opening.Main.whir.final_poly[]",
    "argument.stark.opening.Main.whir.final_poly[][]",
    "argument.stark.opening.Main.whir.final_pow_witness",
    "argument.stark.opening.Main.whir.final_sumcheck",
    "argument.stark.opening.Main.whir.final_sumcheck.polynomial_evaluations",
    "argument.stark.opening.Main.whir.final_sumcheck.polynomial_evaluations[]",
    "argument.stark.opening.Main.whir.final_sumcheck.polynomial_evaluations[][]",
    "argument.stark.opening.Main.whir.final_sumcheck.pow_witnesses",
    "argument.stark.opening.Main.whir.initial_ood_answers",
    "argument.stark.opening.Main.whir.initial_sumcheck",
    "argument.stark.opening.Main.whir.initial_sumcheck.polynomial_evaluations",
    "argument.stark.opening.Main.whir.initial_sumcheck.polynomial_evaluations[]",
    "argument.stark.opening.Main.whir.initial_sumcheck.polynomial_evaluations[][]",
    "argument.stark.opening.Main.whir.initial_sumcheck.pow_witnesses",
    "argument.stark.opening.Main.whir.initial_sumcheck.pow_witnesses[]",
    "argument.stark.opening.Main.whir.rounds",
    "argument.stark.opening.Main.whir.rounds[]",
    "argument.stark.opening.Main.whir.rounds[].commitment",
    "argument.stark.opening.Main.whir.rounds[].commitment.cap",
    "argument.stark.opening.Main.whir.rounds[].commitment.cap[]",
    "argument.stark.opening.Main.whir.rounds[].commitment.cap[][]",
    "argument.stark.opening.Main.whir.rounds[].ood_answers",
    "argument.stark.opening.Main.whir.rounds[].openings",
    "argument.stark.opening.Main.whir.rounds[].openings.Base",
    "argument.stark.opening.Main.whir.rounds[].openings.Base.proof",
    "argument.stark.opening.Main.whir.rounds[].openings.Base.proof.sibling_hashes",
    "argument.stark.opening.Main.whir.rounds[].openings.Base.proof.sibling_hashes[]",
    "argument.stark.opening.Main.whir.rounds[].openings.Base.proof.sibling_hashes[][]",
    "argument.stark.opening.Main.whir.rounds[].openings.Base.rows",
    "argument.stark.opening.Main.whir.rounds[].openings.Base.rows[]",
    "argument.stark.opening.Main.whir.rounds[].openings.Base.rows[][]",
    "argument.stark.opening.Main.whir.rounds[].openings.Extension",
    "argument.stark.opening.Main.whir.rounds[].openings.Extension.proof",
    "argument.stark.opening.Main.whir.rounds[].openings.Extension.proof.sibling_hashes",
    "argument.stark.opening.Main.whir.rounds[].openings.Extension.proof.sibling_hashes[]",
    "argument.stark.opening.Main.whir.rounds[].openings.Extension.proof.sibling_hashes[][]",
    "argument.stark.opening.Main.whir.rounds[].openings.Extension.rows",
    "argument.stark.opening.Main.whir.rounds[].openings.Extension.rows[]",
    "argument.stark.opening.Main.whir.rounds[].openings.Extension.rows[][]",
    "argument.stark.opening.Main.whir.rounds[].pow_witness",
    "argument.stark.opening.Main.whir.rounds[].sumcheck",
    "argument.stark.opening.Main.whir.rounds[].sumcheck.polynomial_evaluations",
    "argument.stark.opening.Main.whir.rounds[].sumcheck.polynomial_evaluations[]",
    "argument.stark.opening.Main.whir.rounds[].sumcheck.polynomial_evaluations[][]",
    "argument.stark.opening.Main.whir.rounds[].sumcheck.pow_witnesses",
    "argument.stark.preprocessed_opening",
    "argument.stark.preprocessed_opening.Fixed",
    "argument.stark.preprocessed_opening.Fixed[]",
    "argument.stark.sumcheck",
    "argument.stark.sumcheck.claimed_sum",
    "argument.stark.sumcheck.pow_witnesses",
    "argument.stark.sumcheck.round_polys",
    "argument.stark.sumcheck.round_polys[]",
    "argument.stark.sumcheck.round_polys[][]",
    "heights",
    "heights[]",
    "input",
    "input[]",
    "instructions",
    "key",
    "key.columns",
    "key.columns[]",
    "key.entry",
    "key.log_program",
    "key.lower_half",
    "key.lower_half[]",
    "key.upper_half",
    "key.upper_half[]",
    "output_path",
    "output_path[]",
    "output_path[][]",
    "statement",
    "statement.exit_code",
    "statement.output",
    "statement.output[]",
];

/// One step of the way to a value.
#[derive(Clone, Debug)]
enum Step {
    Field(String),
    Element(usize),
}

type Path = Vec<Step>;

fn pattern(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Field(name) if text.is_empty() => text.push_str(name),
            Step::Field(name) => text.extend([".", name]),
            Step::Element(_) => text.push_str("[]"),
        }
    }
    text
}

/// All values with their patterns, of each at most the first and the last few found.
fn collect(value: &Value, path: &mut Path, places: &mut BTreeMap<String, Vec<Path>>) {
    let found = places.entry(pattern(path)).or_default();
    if found.len() >= 3 {
        found.remove(2);
    }
    found.push(path.clone());
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                path.push(Step::Field(name.clone()));
                collect(value, path, places);
                path.pop();
            }
        }
        Value::Array(elements) => {
            // Long vectors hold the same thing over and over.
            let ends = elements.len().saturating_sub(2);
            for (i, value) in elements.iter().enumerate().filter(|&(i, _)| i < 2 || i >= ends) {
                path.push(Step::Element(i));
                collect(value, path, places);
                path.pop();
            }
        }
        _ => {}
    }
}

fn at<'a>(value: &'a mut Value, path: &[Step]) -> &'a mut Value {
    path.iter().fold(value, |value, step| match step {
        Step::Field(name) => &mut value[name.as_str()],
        Step::Element(i) => &mut value[*i],
    })
}

/// Everything that is tried in the place of a value.
fn changes(value: &Value) -> Vec<Value> {
    match value {
        Value::Number(number) => {
            let number = number.as_u64().expect("no number is signed or a fraction");
            let others = [number ^ 1, number.wrapping_add(1), number / 2, 0, 1, 255, 0x7eff_ffff, number + 0x7f00_0001];
            others.into_iter().filter(|&other| other != number).map(Value::from).collect()
        }
        Value::Array(elements) => {
            let mut shorter = elements.clone();
            shorter.pop();
            let longer = [elements.as_slice(), elements.last().map_or(&[], std::slice::from_ref)].concat();
            let (mut swapped, mut rotated) = (elements.clone(), elements.clone());
            swapped.reverse();
            rotated.rotate_left(usize::from(!elements.is_empty()));
            let all = [
                shorter,
                longer,
                swapped,
                rotated,
                vec![],
                vec![0.into()],
                vec![vec![0; 5].into()],
                vec![vec![0; 9].into()],
            ];
            let mut all: Vec<Value> = all.map(Value::from).into_iter().filter(|other| other != value).collect();
            all.push(Value::Null);
            all
        }
        Value::String(text) => ["Two", "Four"].into_iter().filter(|other| other != text).map(Value::from).collect(),
        Value::Null => {
            vec![0.into(), Value::Array(vec![]), vec![vec![0; 5]].into(), serde_json::json!({ "cap": [vec![0; 9]] })]
        }
        Value::Object(_) => vec![Value::Null],
        Value::Bool(flag) => vec![(!flag).into()],
    }
}

/// Whether the error is one that a change in this place may give.
fn fits(pattern: &str, error: &VerifyError) -> bool {
    match error {
        VerifyError::Program { .. } => pattern.starts_with("key"),
        VerifyError::ExitCode { .. } => pattern == "statement.exit_code",
        VerifyError::Output { .. } => pattern.starts_with("statement.output"),
        VerifyError::Shape(_) | VerifyError::Argument(_) => !pattern.starts_with("statement"),
        VerifyError::Decode(_) => false,
    }
}

#[test]
fn every_field_is_on_the_list_and_no_change_is_accepted() {
    let mut proof = serde_json::to_value(decoded()).expect("a proof is data");
    let mut places = BTreeMap::new();
    collect(&proof, &mut Path::new(), &mut places);
    let is_listed = |pattern: &&str| !pattern.is_empty() && !pattern.contains("._") && !pattern.contains(".value");
    let listed: Vec<_> = places.keys().map(String::as_str).filter(is_listed).collect();
    assert_eq!(listed, FIELDS, "a field of the proof is not on the tamper list, or no longer there");

    let (mut tried, mut undecodable) = (0, 0);
    for (pattern, paths) in &places {
        for path in paths {
            let honest = at(&mut proof, path).clone();
            for change in changes(&honest) {
                let said = change.to_string();
                *at(&mut proof, path) = change;
                let Ok(forged) = Proof::deserialize(&proof) else {
                    undecodable += 1;
                    continue;
                };
                tried += 1;
                let forgery = || format!("{pattern} at {path:?}: {said:.80}");
                match verify_decoded(&forged, &expectation()) {
                    Ok(()) => panic!("accepted: {}", forgery()),
                    Err(error) => assert!(fits(pattern, &error), "{}: {error:?}", forgery()),
                }
                // A key that is expected, but not the one that the proof was made for.
                if pattern.starts_with("key") {
                    let result =
                        verify_decoded(&forged, &Expectation { program: forged.key.digest(), ..expectation() });
                    let rejected = matches!(result, Err(VerifyError::Shape(_) | VerifyError::Argument(_)));
                    assert!(rejected, "{}: {result:?}", forgery());
                }
                // The claim changed along with what is expected.
                if pattern.starts_with("statement") {
                    let (exit_code, output) = (forged.statement.exit_code, forged.statement.output.clone());
                    let expected = Expectation { exit_code, output: Some(&output), ..expectation() };
                    let result = verify_decoded(&forged, &expected);
                    assert!(matches!(result, Err(VerifyError::Argument(_))), "{}: {result:?}", forgery());
                }
            }
            *at(&mut proof, path) = honest;
        }
    }
    println!("{} places, {tried} forgeries rejected, {undecodable} that are no proof at all", places.len());
    assert!(tried > 500, "{tried}");
    // The changes were undone: what was tried differed in one thing only.
    let honest = Proof::deserialize(&proof).expect("the honest proof");
    assert_eq!(verify_decoded(&honest, &expectation()), Ok(()));
}

/// Openings of the other kind, and rows of the other field.
#[test]
fn parts_of_another_kind_are_rejected() {
    let lie = |change: &dyn Fn(&mut Proof)| {
        let mut proof = decoded();
        change(&mut proof);
        assert!(matches!(judge(&proof), Err(VerifyError::Argument(_))));
    };
    let fixed = || Opening::Fixed([Challenge::ONE; program::WIDTH]);
    lie(&|proof| proof.argument.stark.opening = fixed());
    lie(&|proof| proof.argument.stark.preprocessed_opening = Some(decoded().argument.stark.opening));
    lie(&|proof| proof.argument.stark.preprocessed_opening = None);
    lie(&|proof| {
        let stark = &mut proof.argument.stark;
        let main = core::mem::replace(&mut stark.opening, fixed());
        stark.opening = stark.preprocessed_opening.replace(main).expect("an opening");
    });
    let other = |openings: &Queries| -> Queries {
        match openings {
            QueryOpenings::Base(shared) => {
                let rows = shared.rows.iter().map(|row| row.iter().map(|&cell| cell.into()).collect()).collect();
                QueryOpenings::Extension(SharedProofOpening { rows, proof: shared.proof.clone() })
            }
            QueryOpenings::Extension(shared) => {
                let rows = shared.rows.iter().map(|row| vec![F::ONE; row.len()]).collect();
                QueryOpenings::Base(SharedProofOpening { rows, proof: shared.proof.clone() })
            }
        }
    };
    lie(&|proof| proof.argument.program.final_openings = other(&proof.argument.program.final_openings));
    lie(&|proof| {
        let Opening::Main(opening) = &mut proof.argument.stark.opening else { panic!("of the tables") };
        opening.whir.rounds[0].openings = other(&opening.whir.rounds[0].openings);
    });
    lie(&|proof| {
        let Opening::Main(opening) = &mut proof.argument.stark.opening else { panic!("of the tables") };
        opening.whir.final_openings = other(&opening.whir.final_openings);
    });
}

#[test]
fn there_is_one_height_for_each_table() {
    for len in [0, 1, TABLES.len() - 1, TABLES.len() + 1, 255, 1000] {
        let mut proof = decoded();
        proof.heights.resize(len, 5);
        assert_eq!(judge(&proof), Err(VerifyError::Shape("not one height for each table")));
    }
}

/// Every height of every table: those of tables that the key or the machine fixes, those that take the tables out of
/// their class of size, and those that leave them in it.
#[test]
fn heights_are_those_of_a_segment() {
    let fixed = [Kind::Program, Kind::Range, Kind::Byte, Kind::Segment];
    for (i, kind) in TABLES.into_iter().enumerate() {
        for height in 0..=u8::MAX {
            let mut proof = decoded();
            if proof.heights[i] == height {
                continue;
            }
            proof.heights[i] = height;
            let heights = proof.heights().expect("as many");
            let has_class = class_of(&heights, proof.key.log_program.into()).is_some();
            assert!(!has_class || (5..=26).contains(&height) && !fixed.contains(&kind), "{kind:?} {height}");
            match judge(&proof) {
                Err(VerifyError::Shape(_)) => assert!(!has_class, "{kind:?} {height}"),
                Err(VerifyError::Argument(_)) => assert!(has_class, "{kind:?} {height}"),
                result => panic!("{kind:?} {height}: {result:?}"),
            }
        }
    }
}

#[test]
fn more_instructions_than_a_segment_has_are_rejected() {
    for instructions in [(1 << 22) + 1, 1 << 30, u32::MAX] {
        let mut proof = decoded();
        proof.instructions = instructions;
        let error = VerifyError::Shape("more instructions than a segment has");
        assert_eq!(verify_decoded(&proof, &expectation()), Err(error));
    }
}

#[test]
fn the_path_of_the_output_has_one_length() {
    for len in [0, 1, 5, 7, 24, 1000] {
        let mut proof = decoded();
        proof.output_path.resize(len, proof.output_path[0]);
        let error = VerifyError::Shape("the path of the output has another length");
        assert_eq!(verify_decoded(&proof, &expectation()), Err(error));
    }
}

/// An entry that is larger by the modulus is the same element, and so would the digest be; it is not the same key.
#[test]
fn an_entry_has_one_form() {
    for times in 1..=2 {
        let mut proof = decoded();
        let Some(entry) = 0x7f00_0001_u32.checked_mul(times).and_then(|more| proof.key.entry.checked_add(more)) else {
            continue;
        };
        proof.key.entry = entry;
        let result = verify_decoded(&proof, &Expectation { program: proof.key.digest(), ..expectation() });
        assert!(matches!(result, Err(VerifyError::Shape(_))), "{result:?}");
    }
}
