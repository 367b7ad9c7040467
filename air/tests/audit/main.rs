//! Deletions.
use air::check::LaidOut;
use air::check::audit::{Forger, Sample, exploit};
use air::check::deletion::Part;
use air::check::liar::{honest_row, lies};
use air::check::search::Budget;
use air::execution::{Rom, record, trace};
use air::table::Table;
use air::tables::Kind;
use rayon::prelude::*;
use riscv_tests::{Expectation, cases};
use spec_interp::Machine;
use std::collections::BTreeMap;

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
    let per: usize = std::env::var("PER").ok().and_then(|n| n.parse().ok()).unwrap_or(4);
    let steps: usize = std::env::var("STEPS").ok().and_then(|n| n.parse().ok()).unwrap_or(40);
    for kind in Kind::instructions().filter(|kind| only.is_empty() || only.split(',').any(|t| t == kind.name())) {
        let mut by: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (rom, run) in roms.iter().zip(&runs) {
            for event in run.pieces(kind).flatten() {
                by.entry((event.row.flag, event.row.immediate)).or_default().push((rom, event));
            }
        }
        let mut samples = Vec::new();
        for (key, events) in by {
            let n = events.len();
            let mut x = 7_usize;
            for i in 0..per.min(n) {
                x = x.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                let (rom, event) = events[if per >= n { i } else { (x >> 20) % n }];
                samples.push(Sample { table: Table::new(kind), rom, public: &[], rows: honest_row(kind, event), lies: lies(kind, event) });
            }
            let _ = key;
        }
        let width = kind.width();
        samples.push(Sample { table: Table::new(kind), rom: &roms[0], public: &[], rows: air::check::judge::Rows::single(vec![Default::default(); width]), lies: vec![] });
        let parts = Part::all(kind);
        println!("{}: {} samples, {} parts {:?}", kind.name(), samples.len(), parts.len(), start.elapsed());
        let results: Vec<_> = parts.par_iter().map(|part| {
            let forgers = [Forger::Plain, Forger::Silence, Forger::Searching(Budget { steps: 5, depth: 6 }), Forger::Searching(Budget { steps, depth: 10 })];
            let t = std::time::Instant::now();
            let found = forgers.iter().find_map(|forger| samples.iter().find_map(|sample| exploit(sample, part, *forger)));
            (part, found, t.elapsed())
        }).collect();
        for (part, found, t) in results {
            match found {
                Some(e) => println!("{}\t{}\tkilled\t{}\t{}\t{}\t{t:.1?}", kind.name(), part.label(kind), e.by, e.change, e.claim.chars().take(80).collect::<String>()),
                None => println!("{}\t{}\tSURVIVES\t{t:.1?}", kind.name(), part.label(kind)),
            }
        }
    }
    let _ = std::mem::size_of::<LaidOut>();
}
