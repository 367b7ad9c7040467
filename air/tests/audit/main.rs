//! Deletions.
use air::check::audit::{Forger, Sample, exploit};
use air::check::deletion::Part;
use air::check::judge::Rows;
use air::check::liar::{faults, honest_row, lies};
use air::check::search::Budget;
use air::execution::{Rom, record, trace};
use air::table::Table;
use air::tables::Kind;
use rayon::prelude::*;
use riscv_tests::{Expectation, cases};
use spec_interp::Machine;
use std::collections::BTreeMap;

fn env(name: &str, or: usize) -> usize { std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(or) }

#[test]
fn deletions() {
    let start = std::time::Instant::now();
    let cases: Vec<_> = cases().into_iter().filter(|case| matches!(case.expect, Expectation::Exit(_))).collect();
    let roms: Vec<Rom> = cases.par_iter().map(|case| Rom::new(&case.program)).collect();
    let runs: Vec<_> = cases.par_iter().zip(&roms).map(|(case, rom)| {
        let mut machine = Machine::new(case.program.clone(), &case.input).unwrap();
        let chunks = trace(&mut machine, 1000, &mut |_, _| ()).unwrap();
        record(&case.program, &case.input, rom, chunks).unwrap()
    }).collect();
    println!("runs {:?}", start.elapsed());
    let only = std::env::var("TABLE").unwrap_or_default();
    let want = std::env::var("PART").unwrap_or_default();
    let per = env("PER", 12);
    let steps = env("STEPS", 40);
    for kind in Kind::instructions().filter(|kind| only.is_empty() || only.split(',').any(|t| t == kind.name())) {
        let mut by: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (rom, run) in roms.iter().zip(&runs) {
            for event in run.pieces(kind).flatten() {
                by.entry((event.row.flag, event.row.immediate)).or_default().push((rom, event));
            }
        }
        let mut samples = Vec::new();
        for (_, events) in by {
            let n = events.len();
            let mut x = 7_usize;
            for i in 0..per.min(n) {
                x = x.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                let (rom, event) = events[if per >= n { i } else { (x >> 20) % n }];
                let sample = |rows, lies, faults| Sample { table: Table::new(kind), rom, public: &[], rows, lies, faults, others: vec![] };
                samples.push((i, sample(honest_row(kind, event), lies(kind, event), false)));
                if i < 3 { for event in faults(kind, event) { samples.push((i, sample(honest_row(kind, &event), vec![], true))); } }
            }
        }
        let width = kind.width();
        samples.push((0, Sample { table: Table::new(kind), rom: &roms[0], public: &[], rows: Rows::single(vec![Default::default(); width]), lies: vec![], faults: false, others: vec![] }));
        samples.sort_by_key(|(i, _)| *i);
        let mut samples: Vec<_> = samples.into_iter().map(|(_, s)| s).collect();
        let n = samples.len();
        let cells: Vec<_> = samples.iter().map(|s| s.rows.cells[0].clone()).collect();
        for (i, s) in samples.iter_mut().enumerate() { s.others = (1..=6).map(|k| cells[(i + k * k * 5 + k) % n].clone()).collect(); }
        let few: Vec<_> = samples.iter().take(env("FEW", 24)).chain(samples.last()).cloned().collect();
        let parts = Part::all(kind);
        println!("{}: {} samples, {} parts {:?}", kind.name(), samples.len(), parts.len(), start.elapsed());
        let results: Vec<_> = parts.par_iter().filter(|part| part.label(kind).contains(&want)).map(|part| {
            let search = |steps, depth| Forger::Searching(Budget { steps, depth });
            let forgers = [(Forger::Plain, &samples), (Forger::Silence, &samples), (search(4, 6), &samples), (search(steps, 12), &few), (Forger::Free, &samples)];
            let t = std::time::Instant::now();
            let found = forgers.iter().find_map(|(forger, samples)| samples.iter().find_map(|sample| exploit(sample, part, *forger)));
            (part, found, t.elapsed())
        }).collect();
        for (part, found, t) in results {
            match found {
                Some(e) => println!("{}\t{}\tkilled\t{}\t{}\t{}\t{t:.1?}", kind.name(), part.label(kind), e.by, e.change, e.claim.chars().take(80).collect::<String>()),
                None => println!("{}\t{}\tSURVIVES\t{t:.1?}", kind.name(), part.label(kind)),
            }
        }
    }
}
