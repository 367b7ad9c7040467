//! The command line as it is typed.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::{Args as Group, Parser, Subcommand, ValueEnum};
use conformance::Check;

use crate::files::is_standard_output;

/// Run, prove and verify RISC-V programs.
///
/// Exit codes: 0 done, 1 the program or a test failed or the proof is rejected, 2 unusable input.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true)]
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
    /// Print one JSON object on standard output; what the program prints then goes to standard error
    #[arg(long, global = true)]
    pub json: bool,
    /// Show no progress, and of `run`, `prove`, `verify` and `conformance` nothing but errors and what the program
    /// prints
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Say of a rejected proof also what the library that checks it says
    #[arg(long, short, global = true, conflicts_with = "quiet")]
    pub verbose: bool,
}

impl Args {
    /// Whether a result goes to standard output, which then carries nothing else.
    pub fn takes_stdout(&self) -> bool {
        self.files().1.into_iter().any(is_standard_output)
    }

    /// The files that a command reads and those that it writes.
    pub fn files(&self) -> (Vec<&Path>, Vec<&Path>) {
        fn given<const N: usize>(files: [Option<&PathBuf>; N]) -> Vec<&Path> {
            files.into_iter().flatten().map(PathBuf::as_path).collect()
        }
        match &self.command {
            Command::Run(run) => (given([Some(&run.elf), run.input.as_ref()]), given([run.output.as_ref()])),
            Command::Prove(prove) => {
                (given([prove.elf.as_ref(), prove.input.as_ref()]), given([Some(&prove.proof), prove.output.as_ref()]))
            }
            Command::Verify(verify) => (
                given([Some(&verify.proof), verify.program.elf.as_ref(), verify.expect_output.as_ref()]),
                given([verify.output.as_ref()]),
            ),
            Command::Vk(vk) => (given([Some(&vk.elf)]), Vec::new()),
            _ => (Vec::new(), Vec::new()),
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a program without proving anything
    Run(Run),
    /// Run a program and prove the run
    Prove(Prove),
    /// Check a proof and print what it proves
    Verify(Verify),
    /// Print the digest that names a program to `verify --vk`
    Vk(Vk),
    /// Explain an instruction: encoding, meaning, and how it is proved
    Isa(Isa),
    /// Print the proven security of the parameters in use
    Security,
    /// Measure proving and verifying, or with `exec` running alone, on embedded programs
    Bench(Bench),
    /// Run every test program below a directory: exit code 0 is a pass
    Conformance(Conformance),
}

#[derive(Debug, Group)]
pub struct Run {
    /// The program: a static RV64 executable
    pub elf: PathBuf,
    /// The private input, `-` for standard input [default: empty]
    #[arg(long, short, value_name = "FILE")]
    pub input: Option<PathBuf>,
    /// Where to write the public output, `-` for standard output
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Stop after this many instructions [default: none]
    #[arg(long, value_name = "INSTRUCTIONS")]
    pub limit: Option<u64>,
    /// What runs the program: `aot`, the translator, or `spec`, the reference interpreter
    #[arg(long, value_name = "aot|spec", default_value_t)]
    pub engine: fast_aot::Engine,
    /// Record the trace from which a run is proved and drop it, to measure what that costs
    #[arg(long)]
    pub trace: bool,
}

#[derive(Debug, Group)]
pub struct Prove {
    /// The program: a static RV64 executable [default: an embedded one, the SHA-256 of its input]
    pub elf: Option<PathBuf>,
    /// The private input, `-` for standard input [default: empty; for the embedded program an embedded text]
    #[arg(long, short, value_name = "FILE")]
    pub input: Option<PathBuf>,
    /// Where to write the public output, `-` for standard output
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Where to write the proof, `-` for standard output
    #[arg(long, short = 'o', value_name = "FILE", default_value = "proof.bin")]
    pub proof: PathBuf,
    /// What runs the program: the translator or the reference interpreter
    #[arg(long, value_name = "aot|spec", default_value_t)]
    pub engine: fast_aot::Engine,
}

#[derive(Debug, Group)]
pub struct Verify {
    /// The proof, `-` for standard input
    pub proof: PathBuf,
    #[command(flatten)]
    pub program: Named,
    /// The public output that the program must have given [default: any, and it is printed]
    #[arg(long, value_name = "FILE")]
    pub expect_output: Option<PathBuf>,
    /// Where to write the public output, `-` for standard output; written only if the proof is accepted
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// The exit code that the program must have given; -1 is 2^64 - 1, as `return -1` gives it
    #[arg(long, value_name = "N", default_value = "0", value_parser = exit_code, allow_negative_numbers = true)]
    pub exit_code: u64,
}

/// How a verifier names the program.
#[derive(Debug, Group)]
#[group(required = true, multiple = false)]
pub struct Named {
    /// The program itself, from which its digest is derived first
    #[arg(long, value_name = "ELF")]
    pub elf: Option<PathBuf>,
    /// The program's digest, as `zisk vk` prints it
    #[arg(long, value_name = "HEX")]
    pub vk: Option<String>,
}

#[derive(Debug, Group)]
pub struct Vk {
    /// The program
    pub elf: PathBuf,
}

#[derive(Debug, Group)]
pub struct Isa {
    /// The instruction, such as `addw` [default: all of them, as Markdown]
    pub mnemonic: Option<String>,
}

#[derive(Debug, Group)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Bench {
    #[command(subcommand)]
    pub command: Option<BenchCommand>,
    /// What to prove
    #[arg(long, value_enum, default_value_t = Benchmark::All)]
    pub program: Benchmark,
    /// About how many instructions to execute, at most 4194304
    #[arg(long, value_name = "N", default_value_t = 1 << 20, value_parser = clap::value_parser!(u64).range(20_000..=1 << 22))]
    pub instructions: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Benchmark {
    /// SHA-256 in software
    Sha256,
    /// The same, built for Zba, Zbb and Zbs
    Sha256Zb,
    /// A loop over registers
    Fibonacci,
    /// Each of them
    All,
}

#[derive(Debug, Subcommand)]
pub enum BenchCommand {
    /// Measure running programs, against the same source compiled for this machine
    Exec(BenchExec),
}

#[derive(Debug, Group)]
pub struct BenchExec {
    /// What to run
    #[arg(long, value_enum, default_value_t = Subject::All)]
    pub program: Subject,
    /// How often to run it; the medians count
    #[arg(long, value_name = "N", default_value = "5")]
    pub repeat: NonZeroUsize,
    /// What runs the guests: `aot`, the translator, or `spec`, the reference interpreter
    #[arg(long, value_name = "aot|spec", default_value_t)]
    pub engine: fast_aot::Engine,
    /// How much work: steps of `loop`, blocks of `sha256`, words of `quicksort`, rounds of `mix` [default: what takes
    /// about 10^9 instructions]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(..=64 << 20))]
    pub parameter: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Subject {
    /// A loop over registers
    Loop,
    /// SHA-256 in software
    Sha256,
    /// Quicksort
    Quicksort,
    /// A matrix product, 128-bit multiplications, byte histograms, calls and divisions
    Mix,
    /// Each of them
    All,
}

#[derive(Debug, Group)]
pub struct Conformance {
    /// The suite: files that begin like an ELF or are called *.elf, in directories however deep
    #[arg(value_name = "DIR")]
    pub directory: PathBuf,
    /// What runs the programs: `spec`, the reference interpreter, `aot`, the translator, or `prove`, which also proves and
    /// verifies each run
    #[arg(long, value_name = "spec|aot|prove", default_value_t = Check::Spec)]
    pub engine: Check,
    /// How many programs to run at a time [default: the number of cores]
    #[arg(long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,
    /// Instructions after which a program has failed to end
    #[arg(long, value_name = "INSTRUCTIONS", default_value_t = conformance::LIMIT)]
    pub limit: u64,
    /// What is not run or must fault; a line is an engine, `*` or `fault`, a file and the reason [default:
    /// DIR/skip.txt]
    #[arg(long, value_name = "FILE")]
    pub skip: Option<PathBuf>,
    /// Where to write the signature of each program, under the program's name and `.signature`
    #[arg(long, value_name = "DIR")]
    pub signature: Option<PathBuf>,
    /// Signatures to compare with: for a.elf a.reference_output or a.signature, where there is one
    #[arg(long, value_name = "DIR")]
    pub reference: Option<PathBuf>,
}

/// Decimal, or hexadecimal behind `0x`, or negative as C has it.
fn exit_code(text: &str) -> Result<u64, String> {
    let parsed = match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16),
        None if text.starts_with('-') => text.parse::<i64>().map(i64::cast_unsigned),
        None => text.parse(),
    };
    parsed.map_err(|_| "an exit code is a number from -2^63 to below 2^64, such as 1, 0xff or -1".to_owned())
}
