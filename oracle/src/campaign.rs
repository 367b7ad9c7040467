//! A campaign: programs one after the other, on `spec-interp` and on an emulator.

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use spec_interp::Op;
use thiserror::Error;

use crate::compare::{End, Failure, Habits, compare};
use crate::known;
use crate::qemu::Qemu;
use crate::random::Isa;
use crate::subject::{Subject, SubjectError, examples, own_cases, read};
use crate::tally::Tally;
use crate::trace::{Record, TraceError};
use crate::unicorn::Unicorn;

/// An operation of random programs that was compared less often is a gap in the campaign.
const LEAST: u64 = 20;
/// How often the body of a random program is executed.
const PASSES: u8 = 10;

/// What is run.
#[derive(Args)]
pub struct Campaign {
    /// Random programs run until so many instructions have been compared.
    #[arg(long, default_value_t = 1_000_000)]
    instructions: u64,
    /// The first random program.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Runs this executable and nothing else.
    #[arg(long)]
    elf: Option<PathBuf>,
    /// The input of the executable.
    #[arg(long, requires = "elf")]
    input: Option<PathBuf>,
}

/// A campaign that found something, or could not be.
#[derive(Debug, Error)]
pub enum CampaignError {
    /// A run did not agree.
    #[error(transparent)]
    Compare(#[from] Failure),
    /// There is no program.
    #[error(transparent)]
    Subject(#[from] SubjectError),
    /// There is no place for the files of a run.
    #[error("no directory for the files of a run: {0}")]
    Scratch(#[from] std::io::Error),
    /// An operation was hardly compared.
    #[error("compared fewer than {LEAST} times: {0:?}; ask for more instructions")]
    Gap(Vec<Op>),
}

/// An oracle that runs programs.
pub enum Emulator {
    /// Unicorn, by way of the tracer at this path.
    Unicorn(PathBuf),
    /// qemu-riscv64.
    Qemu,
}

type Trace = Box<dyn Iterator<Item = Result<Record, TraceError>>>;

impl Emulator {
    fn isa(&self) -> Isa {
        match self {
            Self::Unicorn(_) => Isa::Imac,
            Self::Qemu => Isa::ImacB,
        }
    }

    fn habits(&self) -> Habits {
        match self {
            Self::Unicorn(_) => {
                Habits { sets_registers: false, is_wrong: known::unicorn, goes_on: known::unicorn_goes_on }
            }
            Self::Qemu => Habits { sets_registers: true, is_wrong: known::qemu, goes_on: known::qemu_goes_on },
        }
    }

    /// The programs that are not random: the examples, and the cases of `riscv-tests`. Linux faults elsewhere.
    fn fixed(&self) -> Result<Vec<Subject>, SubjectError> {
        let directory = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../examples"));
        let cases = own_cases(matches!(self, Self::Unicorn(_)));
        Ok(examples(directory, self.isa())?.into_iter().chain(cases).collect())
    }

    fn trace(&self, subject: &Subject, scratch: &Path) -> Result<Trace, TraceError> {
        Ok(match self {
            Self::Unicorn(tracer) => Box::new(Unicorn::start(tracer, subject, scratch)?),
            Self::Qemu => Box::new(Qemu::start(subject, scratch)?),
        })
    }

    fn run(&self, subject: &Subject, scratch: &Path, tally: &mut Tally) -> Result<End, Failure> {
        let failure = |source| Failure::Trace { subject: subject.name.clone(), source };
        let trace = self.trace(subject, scratch).map_err(failure)?;
        compare(subject, trace, self.habits(), tally)
    }
}

impl Campaign {
    /// Runs all of it.
    ///
    /// # Errors
    ///
    /// [`CampaignError`], at the first disagreement.
    pub fn run(&self, emulator: &Emulator) -> Result<String, CampaignError> {
        let (begin, mut tally, scratch) = (Instant::now(), Tally::new(), tempfile::tempdir()?);
        let (mut programs, mut cut) = (0, 0);
        let mut run = |subject: &Subject, tally: &mut Tally| {
            programs += 1;
            cut += u32::from(emulator.run(subject, scratch.path(), tally)? == End::Cut);
            Ok::<_, Failure>(())
        };
        if let Some(elf) = &self.elf {
            let input = self.input.as_deref().map_or(Ok(vec![]), read)?;
            run(&Subject::from_file(elf, input)?, &mut tally)?;
        } else {
            for subject in emulator.fixed()? {
                run(&subject, &mut tally)?;
            }
            let (fixed, mut seed) = (tally.total(), self.seed);
            while tally.total() - fixed < self.instructions {
                run(&Subject::random(seed, emulator.isa(), PASSES), &mut tally)?;
                seed = seed.wrapping_add(1);
            }
            let gap = tally.rarer(emulator.isa().ops(), LEAST);
            if !gap.is_empty() {
                return Err(CampaignError::Gap(gap));
            }
        }
        let seconds = begin.elapsed().as_secs_f64();
        Ok(format!(
            "{tally}\n  {programs} programs, {cut} of them up to what the oracle lacks or gets wrong; {seconds:.1} s; no difference"
        ))
    }
}
