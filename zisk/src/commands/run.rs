//! `zisk run`: a program without a proof.

use std::time::Instant;

use air::execution::classes;
use fast_aot::Machine;
use spec_interp::{Fault, Outcome};

use crate::args::{Args, Run};
use crate::failure::{Failure, REFUSED};
use crate::files::{self, Target};
use crate::pipeline::Console;
use crate::report::{self, Done, Report, grouped, to_stderr};

/// Instructions of a chunk that is only measured: its words stay in the cache.
const CHUNK: u64 = 1 << 18;

/// What a recorded trace took.
#[derive(Debug, Default)]
struct Trace {
    chunks: u64,
    bytes: u64,
}

/// Runs the program; what it says stands on standard output alone, so the summary goes to standard error.
pub fn run(run: &Run, args: &Args) -> Result<Done, Failure> {
    let program = files::program(&run.elf)?;
    let input = files::input(run.input.as_deref())?;
    let target = run.output.as_deref().map(|path| Target::new("output", path)).transpose()?;

    let start = Instant::now();
    let mut machine = Machine::new(program, &input, run.engine)?;
    if machine.engine() != run.engine && !args.quiet {
        to_stderr("zisk: this machine cannot run the fast engine; the interpreter serves, slower and as correct");
    }
    let limit = run.limit.unwrap_or(u64::MAX);
    let mut trace = Trace::default();
    let Outcome::Exited(exit_code) = advance(&mut machine, limit, run.trace.then_some(&mut trace), args)? else {
        return Err(Failure::Limit { limit });
    };
    let seconds = start.elapsed().as_secs_f64();
    let output = machine.output()?;
    let retired = machine.checkpoint().retired;
    let succeeded = exit_code == 0;
    if let Some(target) = target.filter(|_| succeeded) {
        target.write(&output)?;
    }

    if !args.quiet && !args.json {
        let speed = retired as f64 / seconds / 1e6;
        let instructions = grouped(retired);
        to_stderr(&format!("zisk: exit code {exit_code}, {instructions} instructions, {seconds:.3} s, {speed:.0} M/s"));
        to_stderr(&format!("zisk: output {}", report::output(&output)));
        if run.trace {
            let (chunks, bytes) = (grouped(trace.chunks), report::bytes(trace.bytes));
            let each = trace.bytes as f64 / retired as f64;
            to_stderr(&format!("zisk: trace of {chunks} chunks, {bytes}, {each:.2} bytes an instruction"));
        }
    }
    let mut report = Report::default()
        .with("instructions", retired)
        .with("exit_code", exit_code)
        .with("output", hex::encode(&output))
        .with("run_seconds", seconds)
        .with("engine", machine.engine().name());
    if run.trace {
        report = report.with("trace_chunks", trace.chunks).with("trace_bytes", trace.bytes);
    }
    if !succeeded {
        let kept = if run.output.is_some() { "; its output is not written" } else { "" };
        let error = format!("the program failed with exit code {exit_code}{kept}");
        if !args.json {
            to_stderr(&format!("zisk: {error}"));
        }
        report = report.with("error", error);
    }
    Ok(Done { report, text: String::new(), code: if succeeded { 0 } else { REFUSED } })
}

/// Runs the machine, with a trace if one is to be measured.
fn advance(machine: &mut Machine, limit: u64, trace: Option<&mut Trace>, args: &Args) -> Result<Outcome, Fault> {
    let console = Console::of(args.json);
    let mut print = |fd: u64, bytes: &[u8]| console.print(fd, bytes);
    let Some(trace) = trace else { return machine.run(limit, &mut print) };
    let mut count = |chunk: spec_interp::Chunk<'_>| {
        trace.chunks += 1;
        trace.bytes += 8 * chunk.loads.len() as u64;
    };
    machine.trace(limit, CHUNK, &classes(), &mut count, &mut print)
}
