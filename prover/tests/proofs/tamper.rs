//! The tamper list: every field of a proof, reached through its serialised form so that none is left out, is changed in
//! every way that its type allows, and the proof is rejected. A field that is not on the list fails the test.
//!
//! What the transcript absorbs before the first challenge is covered by the same list, since each element changed alone
//! is rejected: of the key `blowup`, `entry`, `log_program`, `fixed`, `lower_half`, `upper_half`; the list `tables`;
//! and the public values, which are `key.entry`, `instructions`, `statement.exit_code`, the root made of the key's
//! halves and `input`, and the root made of `statement.output` and `output_path`. The key is also changed along with
//! the digest that is expected, so that not the digest but the argument has to tell.

use std::collections::BTreeMap;

use air::kind::Kind;
use serde::Deserialize;
use serde_json::Value;
use verifier::{Expectation, Proof, VerifyError, verify_decoded};

use crate::runs::{decoded, expectation};

/// Every place of a proof; `[]` is any element. What is inside an element of the challenge field is not listed.
const FIELDS: [&str; 93] = [
    "input",
    "input[]",
    "instructions",
    "key",
    "key.blowup",
    "key.entry",
    "key.fixed",
    "key.fixed[]",
    "key.log_program",
    "key.lower_half",
    "key.lower_half[]",
    "key.upper_half",
    "key.upper_half[]",
    "output_path",
    "output_path[]",
    "output_path[][]",
    "stark",
    "stark.commitments",
    "stark.commitments.main",
    "stark.commitments.main.cap",
    "stark.commitments.main.cap[]",
    "stark.commitments.main.cap[][]",
    "stark.commitments.permutation",
    "stark.commitments.permutation.cap",
    "stark.commitments.permutation.cap[]",
    "stark.commitments.permutation.cap[][]",
    "stark.commitments.quotient_chunks",
    "stark.commitments.quotient_chunks.cap",
    "stark.commitments.quotient_chunks.cap[]",
    "stark.commitments.quotient_chunks.cap[][]",
    "stark.commitments.random",
    "stark.degree_bits",
    "stark.degree_bits[]",
    "stark.lookup_pow_witness",
    "stark.lookup_terminals",
    "stark.lookup_terminals[]",
    "stark.ood_pow_witness",
    "stark.opened_values",
    "stark.opened_values.instances",
    "stark.opened_values.instances[]",
    "stark.opened_values.instances[].base_opened_values",
    "stark.opened_values.instances[].base_opened_values.preprocessed_local",
    "stark.opened_values.instances[].base_opened_values.preprocessed_local[]",
    "stark.opened_values.instances[].base_opened_values.preprocessed_next",
    "stark.opened_values.instances[].base_opened_values.quotient_chunks",
    "stark.opened_values.instances[].base_opened_values.quotient_chunks[]",
    "stark.opened_values.instances[].base_opened_values.quotient_chunks[][]",
    "stark.opened_values.instances[].base_opened_values.random",
    "stark.opened_values.instances[].base_opened_values.trace_local",
    "stark.opened_values.instances[].base_opened_values.trace_local[]",
    "stark.opened_values.instances[].base_opened_values.trace_next",
    "stark.opened_values.instances[].base_opened_values.trace_next[]",
    "stark.opened_values.instances[].permutation_local",
    "stark.opened_values.instances[].permutation_local[]",
    "stark.opened_values.instances[].permutation_next",
    "stark.opened_values.instances[].permutation_next[]",
    "stark.opening_proof",
    "stark.opening_proof.batch_pow_witness",
    "stark.opening_proof.commit_phase_commits",
    "stark.opening_proof.commit_phase_commits[]",
    "stark.opening_proof.commit_phase_commits[].cap",
    "stark.opening_proof.commit_phase_commits[].cap[]",
    "stark.opening_proof.commit_phase_commits[].cap[][]",
    "stark.opening_proof.commit_phase_openings",
    "stark.opening_proof.commit_phase_openings[]",
    "stark.opening_proof.commit_phase_openings[].opening_proof",
    "stark.opening_proof.commit_phase_openings[].opening_proof.sibling_hashes",
    "stark.opening_proof.commit_phase_openings[].opening_proof.sibling_hashes[]",
    "stark.opening_proof.commit_phase_openings[].opening_proof.sibling_hashes[][]",
    "stark.opening_proof.commit_phase_openings[].sibling_values",
    "stark.opening_proof.commit_phase_openings[].sibling_values[]",
    "stark.opening_proof.commit_phase_openings[].sibling_values[][]",
    "stark.opening_proof.commit_pow_witnesses",
    "stark.opening_proof.commit_pow_witnesses[]",
    "stark.opening_proof.final_poly",
    "stark.opening_proof.final_poly[]",
    "stark.opening_proof.input_openings",
    "stark.opening_proof.input_openings[]",
    "stark.opening_proof.input_openings[].opened_values",
    "stark.opening_proof.input_openings[].opened_values[]",
    "stark.opening_proof.input_openings[].opened_values[][]",
    "stark.opening_proof.input_openings[].opened_values[][][]",
    "stark.opening_proof.input_openings[].opening_proof",
    "stark.opening_proof.input_openings[].opening_proof.sibling_hashes",
    "stark.opening_proof.input_openings[].opening_proof.sibling_hashes[]",
    "stark.opening_proof.input_openings[].opening_proof.sibling_hashes[][]",
    "stark.opening_proof.query_pow_witness",
    "statement",
    "statement.exit_code",
    "statement.output",
    "statement.output[]",
    "tables",
    "tables[]",
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

/// Lists of tables that no segment has, and some that one could have but this one has not.
#[test]
fn tables_are_those_of_a_segment() {
    let honest = decoded().tables;
    let with = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut proof = decoded();
        change(&mut proof.tables);
        assert_ne!(proof.tables, honest);
        verify_decoded(&proof, &expectation())
    };
    let not_a_list = Err(VerifyError::Shape("the list of tables is not one that a segment can have"));
    let tables = Kind::ALL.len() as u8;
    for unknown in [tables, tables + 1, 64, 127, 128, 255] {
        assert_eq!(with(&|tables| tables.push(unknown)), not_a_list, "table {unknown}");
    }
    for i in 0..honest.len() {
        let kind = honest[i];
        // Every instruction table may be left out if it has no rows, and those of common ones be there twice.
        let dropped = with(&|tables| tables.retain(|&other| other != kind));
        let doubled = with(&|tables| tables.insert(i, kind));
        let heights = Err(VerifyError::Shape("not one height for each table"));
        let is_instruction = kind < Kind::Refresh as u8;
        assert_eq!(dropped, if is_instruction { heights.clone() } else { not_a_list.clone() }, "without {kind}");
        let is_divided = *Kind::ALL[usize::from(kind)].count().end() > 1;
        assert_eq!(doubled, if is_divided { heights } else { not_a_list.clone() }, "{kind} twice");
        assert_eq!(with(&|tables| tables.extend([kind; 2])), not_a_list, "{kind} again at the end");
        if i > 0 {
            assert_eq!(with(&|tables| tables.swap(i - 1, i)), not_a_list, "{kind} before {}", honest[i - 1]);
        }
    }
    // Another table in the place of one, with the same number of tables.
    let absent = (0..Kind::Refresh as u8).filter(|kind| !honest.contains(kind));
    for kind in absent {
        let result = with(&|tables| {
            tables[0] = kind;
            tables.sort_unstable();
        });
        assert!(matches!(result, Err(VerifyError::Argument(_))), "{kind}: {result:?}");
    }
}

#[test]
fn heights_are_those_of_the_key() {
    let fixed = [Kind::Program, Kind::Range, Kind::Byte, Kind::Segment].map(|kind| kind as u8);
    for i in 0..decoded().tables.len() {
        for change in [0, 1, 4, 23, 24, 31, 32, 63, 64, usize::MAX] {
            let mut proof = decoded();
            if proof.stark.degree_bits[i] == change {
                continue;
            }
            proof.stark.degree_bits[i] = change;
            let result = verify_decoded(&proof, &expectation());
            let of_key = VerifyError::Shape("a table has a height that the key does not allow");
            assert_eq!(result, Err(of_key), "table {} of height 2^{change}", proof.tables[i]);
        }
        for change in [-1, 1] {
            let mut proof = decoded();
            let height = &mut proof.stark.degree_bits[i];
            *height = height.saturating_add_signed(change);
            let is_fixed = fixed.contains(&proof.tables[i]);
            let result = verify_decoded(&proof, &expectation());
            let small = matches!(&result, Err(VerifyError::Shape(_)));
            assert!(small || !is_fixed && matches!(result, Err(VerifyError::Argument(_))), "{result:?}");
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
