//! Compares `spec-interp` with programs that nobody here wrote: see README.md.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod assembly;
mod campaign;
mod compare;
mod compress;
mod decoder;
mod disassembler;
mod known;
mod qemu;
mod random;
mod subject;
mod tally;
mod trace;
mod unicorn;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use campaign::{Campaign, Emulator};
use decoder::Words;

/// Compares spec-interp with programs that nobody here wrote.
#[derive(Parser)]
struct Cli {
    /// The directory of our own parts of the oracles, which ci/oracle.sh builds.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/oracles"))]
    tools: PathBuf,
    #[command(subcommand)]
    oracle: Oracle,
}

#[derive(Subcommand)]
enum Oracle {
    /// Runs with Unicorn: the examples, all cases of riscv-tests, random programs.
    Unicorn(Campaign),
    /// Runs with qemu-riscv64: the cases of riscv-tests on boundary operands, random programs.
    Qemu(Campaign),
    /// Decodes with LLVM: every halfword, and a sample of words or all.
    Llvm(Words),
}

fn main() -> ExitCode {
    let Cli { tools, oracle } = Cli::parse();
    let result: Result<String, Box<dyn Error>> = match &oracle {
        Oracle::Unicorn(campaign) => campaign.run(&Emulator::Unicorn(tools.join("unicorn"))).map_err(Into::into),
        Oracle::Qemu(campaign) => campaign.run(&Emulator::Qemu).map_err(Into::into),
        Oracle::Llvm(words) => words.run(&tools.join("llvm")).map_err(Into::into),
    };
    match result {
        Ok(report) => {
            println!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
