//! Times what lies between a run and its tables, per instruction: the interpreter with its trace, the replay of chunks,
//! the merge, the rows, the counting of look-ups. Set `RAYON_NUM_THREADS=1` for figures per core.
//!
//! Arguments: an ELF, an input file, and the size of a chunk (2^16 unless said).

use std::time::Instant;

use air::execution::{Recorder, record, trace};
use air::kind::Kind;
use air::layout::height;
use air::replay::events_of;
use air::rom::Rom;
use air::tally;
use air::tree::first_memory;
use air::witness::build;
use spec_interp::{Machine, Program};

const REPETITIONS: usize = 5;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let program = Program::from_elf(&std::fs::read(args.next().ok_or("ELF missing")?)?)?;
    let input = std::fs::read(args.next().ok_or("input missing")?)?;
    let size = args.next().map_or(Ok(1 << 16), |size| size.parse())?;
    let rom = Rom::new(&program);
    let mut stages: Vec<(&str, Vec<f64>)> = Vec::new();
    let mut instructions = 0;
    for _ in 0..REPETITIONS {
        let mut start = Instant::now();
        let mut lap = |name: &'static str| {
            let seconds = start.elapsed().as_secs_f64();
            match stages.iter_mut().find(|(other, _)| *other == name) {
                Some((_, times)) => times.push(seconds),
                None => stages.push((name, vec![seconds])),
            }
            start = Instant::now();
        };
        let mut machine = Machine::new(program.clone(), &input)?;
        lap("start");
        let chunks = trace(&mut machine, size, &mut |_, _| ())?;
        lap("trace on the interpreter");
        let parts = chunks.iter().map(|chunk| events_of(&program, &rom, chunk)).collect::<Result<Vec<_>, _>>()?;
        lap("replay, one core");
        let mut recorder = Recorder::new(&program, &input);
        parts.into_iter().try_for_each(|part| recorder.merge(part))?;
        let execution = recorder.finish()?;
        lap("merge");
        instructions = execution.instructions;
        drop(execution);
        lap("drop");
        let execution = record(&program, &input, &rom, chunks)?;
        lap("replay and merge");
        let pieces = |kind| execution.pieces(kind).collect::<Vec<_>>();
        let tables: Vec<_> = Kind::instructions().map(|kind| (kind, kind.rows(&pieces(kind)))).collect();
        lap("rows");
        tally::count(&rom, &tables);
        lap("look-ups");
        drop(tables);
        lap("drop");
        drop(build(&program, first_memory(&program, &input), &rom, &execution, |_, rows| vec![height(rows)]));
        lap("rows, look-ups, pages and nodes");
    }
    println!("{instructions} instructions in chunks of {size}");
    for (name, mut times) in stages {
        times.sort_by(f64::total_cmp);
        let seconds = times[times.len() / 2];
        let each = seconds / instructions as f64;
        println!("{name:34} {:7.1} ms {:7.1} ns/instruction {:7.2} M/s", seconds * 1e3, each * 1e9, 1e-6 / each);
    }
    Ok(())
}
