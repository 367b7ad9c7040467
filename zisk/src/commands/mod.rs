//! The commands, one file each.

mod bench;
mod conformance;
mod exec;
mod isa;
mod prove;
mod run;
mod security;
mod verify;
mod vk;

use rayon::ThreadPoolBuilder;

use crate::args::{Args, Command};
use crate::failure::Failure;
use crate::files::{self, is_standard_input, is_standard_output};
use crate::report::Done;

/// The example that needs no file: the SHA-256 of its input.
const SHA256: &[u8] = include_bytes!("../../../examples/elf/sha256.elf");
/// The same, built for Zba, Zbb and Zbs.
const SHA256_ZB: &[u8] = include_bytes!("../../../examples/elf/sha256-zb.elf");
/// An input for either.
const TEXT: &[u8] = include_bytes!("../../assets/input.txt");
/// The Fibonacci number whose index is the input.
const FIBONACCI: &[u8] = include_bytes!("../../../examples/elf/fibonacci.elf");

/// Does what the command line says.
pub fn execute(args: &Args) -> Result<Done, Failure> {
    let (read, written) = args.files();
    if written.iter().filter(|path| is_standard_output(path)).count() > 1 {
        return Err(Failure::StandardOutput("proof and output"));
    }
    if args.json && args.takes_stdout() {
        return Err(Failure::StandardOutput("--json and a result named `-`"));
    }
    if read.iter().filter(|path| is_standard_input(path)).count() > 1 {
        return Err(Failure::StandardInput);
    }
    files::spare(&read, &written)?;
    // Else the first parallel step would start them, and panic if it cannot.
    if matches!(
        args.command,
        Command::Prove(_) | Command::Verify(_) | Command::Vk(_) | Command::Bench(_) | Command::Conformance(_)
    ) {
        ThreadPoolBuilder::new().build_global().map_err(Failure::Threads)?;
    }
    match &args.command {
        Command::Run(run) => run::run(run, args),
        Command::Prove(prove) => prove::prove(prove, args),
        Command::Verify(verify) => verify::verify(verify, args),
        Command::Vk(vk) => vk::vk(vk),
        Command::Isa(isa) => isa::isa(isa),
        Command::Security => security::security(),
        Command::Bench(bench) => bench::bench(bench, args),
        Command::Conformance(conformance) => conformance::conformance(conformance, args),
    }
}
