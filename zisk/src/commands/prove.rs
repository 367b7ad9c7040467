//! `zisk prove`: a run and its proof.

use std::sync::Arc;

use spec_interp::{Program, Symbols};
use zisk_sdk::security::TARGET_BITS;
use zisk_sdk::unused_vectors;

use crate::args::{Args, Prove};
use crate::commands::run::say_substitute;
use crate::commands::{SHA256, TEXT};
use crate::failure::{Failure, REFUSED};
use crate::files::{self, Loaded};
use crate::pipeline::{self, Console};
use crate::progress::Progress;
use crate::report::{self, Done, bytes, grouped, to_stderr, warn};
use crate::target::Target;

/// Proves a run and writes the proof, and the output if asked for. A run that fails by its exit code is proved too.
pub fn prove(prove: &Prove, args: &Args) -> Result<Done, Failure> {
    let (Loaded { program, names, warning }, input) = subject(prove)?;
    let program = Arc::new(program);
    let proof_target = Target::new("proof", &prove.proof)?;
    let output_target = prove.output.as_deref().map(|path| Target::new("output", path)).transpose()?;
    if let Some(target) = &output_target {
        target.distinct(&proof_target)?;
    }

    warn(warning, args.quiet);
    warn(unused_vectors(), args.quiet);
    if !args.quiet {
        say_substitute(prove.engine, prove.engine.serving());
    }
    let progress = Progress::new(args.quiet);
    let ticker = progress.ticking();
    let (key, key_seconds) = pipeline::derive(Arc::clone(&program), &progress)?;
    let proved = pipeline::prove(&key, &input, prove.engine, Console::of(args), &progress).map_err(|failure| {
        failure.in_program(&names).with_length(|| pipeline::length(&program, &input, prove.engine))
    })?;
    drop(ticker);
    let statement = &proved.proof.statement;
    // Neither waits for the other: what cannot be written where it was to go may be kept elsewhere.
    let proof_written = proof_target.write(&proved.bytes);
    let output_written = output_target.map(|target| target.write(&statement.output)).transpose();
    if let (Err(_), Err(failure)) = (&proof_written, &output_written) {
        to_stderr(&format!("zisk: error: {failure}"));
    }
    let place = proof_written?;
    output_written?;

    let instructions = u64::from(proved.proof.instructions);
    let failed = statement.exit_code != 0;
    let text = format!(
        "proved     {} instructions in {:.1} s ({:.1} s of CPU), {} of memory\n\
         program    {}\n\
         exit code  {}\n\
         output     {}\n\
         proof      {}, {}, {TARGET_BITS} bits proven\n",
        grouped(instructions),
        proved.seconds.wall,
        proved.seconds.cpu,
        bytes(proved.peak_memory),
        key.verifying_key().digest(),
        zisk_sdk::exit_code(statement.exit_code),
        report::output(&statement.output),
        place.display(),
        bytes(proved.bytes.len() as u64),
    );
    let mut report =
        proved.report(&key).with("proof", place.display().to_string()).with("key_seconds", key_seconds.wall);
    if failed {
        let (code, signed) = (zisk_sdk::exit_code(statement.exit_code), statement.exit_code.cast_signed());
        let error =
            format!("the program failed with exit code {code}; the proof says so: verify it with --exit-code={signed}");
        if !args.json {
            to_stderr(&format!("zisk: {error}"));
        }
        report = report.with("error", error);
    }
    let text = if args.quiet { String::new() } else { text };
    Ok(Done { report, text, code: if failed { REFUSED } else { 0 } })
}

/// The program and the input: those named, or the embedded ones.
fn subject(prove: &Prove) -> Result<(Loaded, Vec<u8>), Failure> {
    if let Some(elf) = &prove.elf {
        return Ok((files::program_to_run(elf)?, files::input(prove.input.as_deref())?));
    }
    let program = Program::from_elf(SHA256).map_err(|source| Failure::Elf { path: "<embedded>".into(), source })?;
    let input = prove.input.as_deref().map_or(Ok(TEXT.to_vec()), |path| files::input(Some(path)))?;
    Ok((Loaded { program, names: Symbols::default(), warning: None }, input))
}
