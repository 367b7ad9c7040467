//! Deletions.
mod samples;
use air::check::audit::{Forger, exploit};
use air::check::deletion::Part;
use air::check::search::Budget;
use air::tables::Kind;
use rayon::prelude::*;
use crate::samples::Source;

fn env(name: &str, or: usize) -> usize { std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(or) }

#[test]
fn deletions() {
    let start = std::time::Instant::now();
    let only = std::env::var("TABLE").unwrap_or_default();
    let want = std::env::var("PART").unwrap_or_default();
    let source = Source::new();
    let runs = source.executions();
    let steps = env("STEPS", 100);
    for kind in Kind::ALL.into_iter().filter(|kind| only.is_empty() || only.split(',').any(|t| t == kind.name())) {
        let samples = source.samples(&runs, kind, env("PER", 10));
        let few: Vec<_> = samples.iter().take(env("FEW", 16)).cloned().collect();
        let some: Vec<_> = samples.iter().take(env("SOME", 60)).cloned().collect();
        let parts = Part::all(kind);
        println!("{}: {} samples, {} parts {:?}", kind.name(), samples.len(), parts.len(), start.elapsed());
        let results: Vec<_> = parts.par_iter().filter(|part| part.label(kind).contains(&want)).map(|part| {
            let search = |steps, depth| Forger::Searching(Budget { steps, depth });
            let forgers = [(Forger::Plain, &samples), (Forger::Silence, &samples), (search(3, 6), &some), (search(steps, 12), &few), (Forger::Free, &samples)];
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
