//! `zisk run`: a program on the reference machine.

use std::time::Instant;

use spec_interp::{Machine, Observer, Outcome, Step};

use crate::args::{Args, Run};
use crate::failure::{Failure, REFUSED};
use crate::files::{self, Target};
use crate::pipeline::Console;
use crate::report::{self, Done, Report, grouped, to_stderr};

/// Passes the guest's console on.
struct Passing(Console);

impl Observer for Passing {
    #[inline]
    fn step(&mut self, _: &Step) {}

    fn console(&mut self, fd: u64, bytes: &[u8]) {
        self.0.print(fd, bytes);
    }
}

/// Runs the program; what it says stands on standard output alone, so the summary goes to standard error.
pub fn run(run: &Run, args: &Args) -> Result<Done, Failure> {
    let program = files::program(&run.elf)?;
    let input = files::input(run.input.as_deref())?;
    let target = run.output.as_deref().map(|path| Target::new("output", path)).transpose()?;

    let start = Instant::now();
    let mut machine = Machine::new(program, &input)?;
    let limit = run.limit.unwrap_or(u64::MAX);
    let Outcome::Exited(exit_code) = machine.run(limit, &mut Passing(Console::of(args.json)))? else {
        return Err(Failure::Limit { limit });
    };
    let seconds = start.elapsed().as_secs_f64();
    let output = machine.output()?;
    let succeeded = exit_code == 0;
    if let Some(target) = target.filter(|_| succeeded) {
        target.write(&output)?;
    }

    if !args.quiet && !args.json {
        let speed = machine.retired as f64 / seconds / 1e6;
        let instructions = grouped(machine.retired);
        to_stderr(&format!("zisk: exit code {exit_code}, {instructions} instructions, {seconds:.3} s, {speed:.0} M/s"));
        to_stderr(&format!("zisk: output {}", report::output(&output)));
    }
    let mut report = Report::default()
        .with("instructions", machine.retired)
        .with("exit_code", exit_code)
        .with("output", hex::encode(&output))
        .with("run_seconds", seconds);
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
