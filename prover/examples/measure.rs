//! Proves an ELF on an input file and prints times, cells and sizes; for looking at where time goes; with `SPANS` set, every
//! span of the libraries as it closes; with `PROOFS`, so many proofs of the run, one after the other; and built with debug assertions, the permutations of a verifier.

use std::time::Instant;

use fast_aot::Engine;
use prover::ProvingKey;
use spec_interp::Program;
use verifier::{Expectation, verify};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let (elf, input) = (args.next().ok_or("ELF missing")?, args.next().ok_or("input missing")?);
    if std::env::var_os("SPANS").is_some() {
        tracing_subscriber::fmt()
            .with_max_level(tracing::Level::DEBUG)
            .with_span_events(tracing_subscriber::fmt::format::FmtSpan::CLOSE)
            .with_writer(std::io::stderr)
            .init();
    }
    let start = Instant::now();
    let lap = |what: &str| eprintln!("{:8.3} s  {what}", start.elapsed().as_secs_f64());
    let (elf, input) = (std::fs::read(elf)?, std::fs::read(input)?);
    let key = ProvingKey::new(Program::from_elf(&elf)?)?;
    lap("key");
    let run = key.run(&input, Engine::default(), &mut |_, bytes| print!("{}", String::from_utf8_lossy(bytes)))?;
    lap("run");
    let layout = run.lay_out()?;
    lap("witness");
    let instructions = run.execution.instructions;
    let mut cells = 0;
    for size in layout.sizes() {
        let used = run.execution.rows(size.kind);
        cells += size.cells();
        println!(
            "{:12} {used:>9} {:>9} {:>5} {:>7.2}",
            size.kind.name(),
            size.height,
            size.kind.width(),
            size.cells() as f64 / instructions as f64
        );
    }
    println!("{instructions} instructions, {:.1} cells each", cells as f64 / instructions as f64);
    let proof = layout.prove()?;
    lap("proof");
    let proofs = std::env::var("PROOFS").map_or(Ok(1), |proofs| proofs.parse())?;
    for _ in 1..proofs {
        run.lay_out()?.prove()?;
        lap("layout and proof once more");
    }
    let bytes = proof.encode();
    lap("encoded");
    println!("{} bytes", bytes.len());
    let stark = &proof.argument.stark;
    let parts = [
        ("look-ups", postcard::to_allocvec(&stark.lookup)?),
        ("constraints", postcard::to_allocvec(&stark.sumcheck)?),
        ("opening", postcard::to_allocvec(&stark.opening)?),
        ("of fixed columns", postcard::to_allocvec(&stark.preprocessed_opening)?),
        ("of the program", postcard::to_allocvec(&proof.argument.program)?),
    ];
    for (name, bytes) in parts {
        println!("{:>9} {name}", bytes.len());
    }
    if let verifier::scheme::Opening::Main(opening) = &stark.opening {
        println!("  {:>9} values", postcard::to_allocvec(&opening.evals)?.len());
        whir(&opening.whir)?;
    }
    whir(&proof.argument.program)?;
    let expected = Expectation { program: key.verifying_key().digest(), exit_code: 0, output: None };
    for _ in 0..3 {
        #[cfg(debug_assertions)]
        let before = verifier::permutation::count::so_far();
        verify(&bytes, &expected)?;
        lap("verified");
        #[cfg(debug_assertions)]
        println!("{} permutations", verifier::permutation::count::so_far() - before);
    }
    Ok(())
}

fn whir(whir: &verifier::program::ProgramOpening) -> Result<(), postcard::Error> {
    for round in &whir.rounds {
        println!("  {:>9} round", postcard::to_allocvec(round)?.len());
    }
    println!("  {:>9} last queries", postcard::to_allocvec(&whir.final_openings)?.len());
    Ok(())
}
