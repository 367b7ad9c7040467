//! `zisk verify`: what a proof proves, if it does.

use std::time::Instant;

use zisk_sdk::security::TARGET_BITS;
use zisk_sdk::{Expectation, ProgramDigest, Proof, VerifyError, VerifyingKey, verify_decoded};

use crate::args::{Args, Verify};
use crate::failure::Failure;
use crate::files;
use crate::report::{self, Done, Report, grouped};
use crate::target::Target;

/// Verifies a proof against what is given of its statement.
pub fn verify(verify: &Verify, args: &Args) -> Result<Done, Failure> {
    // What cannot be used is said before anything about the proof.
    let program = verify.program.elf.as_deref().map(files::program).transpose()?;
    let named = verify.program.vk.as_deref().map(|text| text.trim().parse::<ProgramDigest>()).transpose()?;
    let output = verify.expect_output.as_deref().map(files::expected_output).transpose()?;
    let target = verify.output.as_deref().map(|path| Target::new("output", path)).transpose()?;
    let file = files::proof(&verify.proof)?;

    let start = Instant::now();
    let proof = Proof::decode(&file).map_err(VerifyError::Decode)?;
    let decoding = start.elapsed().as_secs_f64();

    let start = Instant::now();
    let digest = match (named, program) {
        (Some(digest), _) => digest,
        (None, Some(program)) => VerifyingKey::new(&program)?.digest(),
        (None, None) => unreachable!("the command line asks for one of --elf and --vk"),
    };
    let key_seconds = verify.program.elf.is_some().then(|| start.elapsed().as_secs_f64());

    let start = Instant::now();
    verify_decoded(&proof, &Expectation { program: digest, exit_code: verify.exit_code, output: output.as_deref() })?;
    let seconds = decoding + start.elapsed().as_secs_f64();
    if let Some(target) = target {
        target.write(&proof.statement.output)?;
    }
    let done = accepted(&proof, digest, seconds, key_seconds, file.len());
    Ok(if args.quiet { Done { text: String::new(), ..done } } else { done })
}

fn accepted(proof: &Proof, digest: ProgramDigest, seconds: f64, key_seconds: Option<f64>, len: usize) -> Done {
    let statement = &proof.statement;
    let derived = key_seconds.map_or(String::new(), |seconds| format!(", after {seconds:.2} s for the key of the ELF"));
    let text = format!(
        "accepted   in {:.1} ms{derived}\n\
         program    {digest}\n\
         exit code  {}\n\
         output     {}\n\
         run        {} instructions\n\
         security   {TARGET_BITS} bits proven\n",
        seconds * 1e3,
        zisk_sdk::exit_code(statement.exit_code),
        report::output(&statement.output),
        grouped(proof.instructions.into()),
    );
    let report = Report::default()
        .with("accepted", true)
        .with("program", digest.to_string())
        .with("exit_code", statement.exit_code)
        .with("output", hex::encode(&statement.output))
        .with("instructions", proof.instructions)
        .with("proof_bytes", len)
        .with("verify_seconds", seconds)
        .with("security_bits", TARGET_BITS);
    let report = match key_seconds {
        Some(seconds) => report.with("key_seconds", seconds),
        None => report,
    };
    Done { report, text, code: 0 }
}
