//! `zisk run`: a program without a proof.

use std::time::Instant;

use fast_aot::{Engine, Runner};
use spec_interp::Outcome;

use crate::args::{Args, Run};
use crate::failure::{Failure, REFUSED};
use crate::files::{self, Loaded};
use crate::pipeline::{self, Console, Recorded};
use crate::report::{self, Done, Report, grouped, to_stderr, warn};
use crate::target::Target;

/// Runs the program; what it says stands on standard output alone, so the summary goes to standard error.
pub fn run(run: &Run, args: &Args) -> Result<Done, Failure> {
    let Loaded { program, names, warning } = files::program_to_run(&run.elf)?;
    let input = files::input(run.input.as_deref())?;
    let target = run.output.as_deref().map(|path| Target::new("output", path)).transpose()?;

    warn(warning, args.quiet);
    let start = Instant::now();
    let mut machine = Runner::new(program, &input, run.engine)?;
    let engine = machine.engine();
    if !args.quiet {
        say_substitute(run.engine, engine);
    }
    let limit = run.limit.unwrap_or(u64::MAX);
    let (outcome, recorded) = pipeline::execute(&mut machine, limit, run.trace, Console::of(args))
        .map_err(|fault| Failure::from(fault).in_program(&names))?;
    let Outcome::Exited(exit_code) = outcome else {
        return Err(Failure::Limit { limit });
    };
    let seconds = start.elapsed().as_secs_f64();
    let retired = machine.checkpoint().retired;
    let output = machine.output()?;
    let succeeded = exit_code == 0;
    if let Some(target) = target {
        target.write(&output)?;
    }

    if !args.quiet && !args.json {
        let speed = retired as f64 / seconds / 1e6;
        let instructions = grouped(retired);
        to_stderr(&format!(
            "zisk: exit code {}, {instructions} instructions, {seconds:.3} s, {speed:.0} M/s",
            zisk_sdk::exit_code(exit_code)
        ));
        if let Some(Recorded { chunks, bytes }) = recorded {
            let density = bytes as f64 / retired as f64;
            to_stderr(&format!("zisk: trace of {} chunks, {density:.3} bytes per instruction", grouped(chunks)));
        }
        to_stderr(&format!("zisk: output {}", report::output(&output)));
    }
    let mut report = Report::default()
        .with("instructions", retired)
        .with("exit_code", exit_code)
        .with("output", hex::encode(&output))
        .with("run_seconds", seconds)
        .with("engine", engine.name());
    if let Some(Recorded { chunks, bytes }) = recorded {
        report = report.with("trace_chunks", chunks).with("trace_bytes", bytes);
    }
    if !succeeded {
        let error = format!("the program failed with exit code {}", zisk_sdk::exit_code(exit_code));
        if !args.json {
            to_stderr(&format!("zisk: {error}"));
        }
        report = report.with("error", error);
    }
    Ok(Done { report, text: String::new(), code: if succeeded { 0 } else { REFUSED } })
}

/// Says if another engine serves than the one asked for.
pub fn say_substitute(asked: Engine, serving: Engine) {
    if serving != asked {
        to_stderr(&format!("zisk: this machine cannot run the engine `{asked}`; `{serving}`, the interpreter, serves"));
    }
}
