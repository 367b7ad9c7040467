//! `zisk bench exec`: what running a guest costs, against the same source as a native program.
//!
//! Times are CPU seconds of the process, user and system, since a guest's pages cost the kernel what a native program's
//! do: reading the ELF and reserving addresses is left out, as is the start of a process; translating is not, nor is
//! giving the memory back, since the native programs give theirs back too.

use std::sync::Arc;

use fast_aot::Runner;
use iced_x86::{Decoder, DecoderOptions};
use native::Workload;
use serde_json::Value;
use spec_interp::{Outcome, Program};

use crate::args::{BenchExec, Subject};
use crate::commands::run::say_substitute;
use crate::failure::Failure;
use crate::measure::Stopwatch;
use crate::pipeline::{self, Console, Recorded};
use crate::report::{Done, Report, grouped};

const LOOP: &[u8] = include_bytes!("../../../examples/elf/bench-loop.elf");
const SHA256: &[u8] = include_bytes!("../../../examples/elf/bench-sha256.elf");
const QUICKSORT: &[u8] = include_bytes!("../../../examples/elf/bench-quicksort.elf");
const MIX: &[u8] = include_bytes!("../../../examples/elf/bench-mix.elf");

/// The programs asked for, as native programs and as guests.
fn subjects(subject: Subject) -> Vec<(Workload, &'static [u8])> {
    let of = |subject| match subject {
        Subject::Loop => vec![(native::LOOP, LOOP)],
        Subject::Sha256 => vec![(native::SHA256, SHA256)],
        Subject::Quicksort => vec![(native::QUICKSORT, QUICKSORT)],
        Subject::Mix => vec![(native::MIX, MIX)],
        Subject::All => vec![],
    };
    match subject {
        Subject::All => {
            [Subject::Loop, Subject::Sha256, Subject::Quicksort, Subject::Mix].into_iter().flat_map(of).collect()
        }
        one => of(one),
    }
}

/// What translating a program took and gave.
#[derive(Clone, Copy)]
struct Translated {
    /// Wall time.
    seconds: f64,
    riscv_instructions: u64,
    /// Those of blocks; the exits are rarely run.
    x86_instructions: u64,
    bytes: u64,
}

impl Translated {
    fn of(machine: &Runner) -> Option<Self> {
        machine.translation().map(|translation| Self {
            seconds: translation.seconds,
            riscv_instructions: translation.riscv_instructions,
            x86_instructions: Decoder::new(64, translation.code, DecoderOptions::NONE).iter().count() as u64,
            bytes: translation.bytes,
        })
    }
}

/// One run of a guest.
struct GuestRun {
    seconds: f64,
    instructions: u64,
    recorded: Option<Recorded>,
    translation: Option<Translated>,
}

/// One program measured; seconds are medians of CPU time.
struct Measured {
    name: &'static str,
    parameter: u64,
    checksum: u64,
    instructions: u64,
    native: f64,
    plain: f64,
    traced: f64,
    recorded: Recorded,
    translation: Option<Translated>,
}

/// Runs each program asked for, natively, as a guest, and as a guest whose trace is recorded.
pub fn exec(asked: &BenchExec) -> Result<Done, Failure> {
    let engine = asked.engine.serving();
    say_substitute(asked.engine, engine);
    let mut text = format!("engine {engine}, {} runs each\n", asked.repeat);
    let mut reports = Vec::<Value>::new();
    for (workload, elf) in subjects(asked.program) {
        let measured = measure(workload, elf, asked)?;
        text += &measured.text();
        reports.push(measured.report().into_value());
    }
    let report = Report::default()
        .with("engine", engine.name())
        .with("repeat", asked.repeat.get())
        .with("chunk_instructions", zisk_sdk::CHUNK)
        .with("benchmarks", reports);
    Ok(Done { report, text, code: 0 })
}

fn measure(workload: Workload, elf: &[u8], asked: &BenchExec) -> Result<Measured, Failure> {
    let name = workload.name;
    let program = Program::from_elf(elf).map_err(|source| Failure::Elf { path: name.into(), source })?;
    let program = Arc::new(program);
    let parameter = asked.parameter.unwrap_or(workload.parameter);
    let (mut native, mut plain, mut traced) = (Vec::new(), Vec::new(), Vec::new());
    let mut translation_seconds = Vec::new();
    let mut measured = None;
    // Interleaved, so that a change of the clock rate meets all three.
    for _ in 0..asked.repeat.get() {
        let watch = Stopwatch::start();
        let checksum = (workload.run)(parameter);
        native.push(watch.elapsed().cpu);
        let guest = |record| run(name, &program, parameter, asked.engine, record, checksum);
        plain.push(guest(false)?.seconds);
        let GuestRun { seconds, instructions, recorded, translation } = guest(true)?;
        traced.push(seconds);
        translation_seconds.extend(translation.map(|translation| translation.seconds));
        measured = Some((checksum, instructions, recorded.unwrap_or_default(), translation));
    }
    let (checksum, instructions, recorded, translation) = measured.unwrap_or_default();
    let (native, plain, traced) = (median(native), median(plain), median(traced));
    let seconds = median(translation_seconds);
    let translation = translation.map(|translation| Translated { seconds, ..translation });
    Ok(Measured { name, parameter, checksum, instructions, native, plain, traced, recorded, translation })
}

/// Runs a guest once and compares its checksum with the native one.
fn run(
    name: &'static str,
    program: &Arc<Program>,
    parameter: u64,
    engine: fast_aot::Engine,
    record: bool,
    native: u64,
) -> Result<GuestRun, Failure> {
    let mut machine = Runner::new(Arc::clone(program), &parameter.to_le_bytes(), engine)?;
    let watch = Stopwatch::start();
    let (outcome, recorded) = pipeline::execute(&mut machine, u64::MAX, record, Console::Dropped)?;
    let output = machine.output()?;
    let instructions = machine.checkpoint().retired;
    let mut seconds = watch.elapsed().cpu;
    let translation = Translated::of(&machine);
    let watch = Stopwatch::start();
    drop(machine);
    seconds += watch.elapsed().cpu;
    if outcome != Outcome::Exited(0) || output != native.to_le_bytes() {
        let guest = format!("{} ({outcome:?})", hex::encode(&output));
        return Err(Failure::Checksum { program: name, guest, native: native.swap_bytes() });
    }
    Ok(GuestRun { seconds, instructions, recorded, translation })
}

/// The middle one, the upper of two; 0 of none.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

impl Measured {
    fn trace_density(&self) -> f64 {
        self.recorded.bytes as f64 / self.instructions as f64
    }

    /// Instructions per second, and the ratio to the native run.
    fn figures(&self, seconds: f64) -> (f64, f64) {
        (self.instructions as f64 / seconds, seconds / self.native)
    }

    fn text(&self) -> String {
        let mut text = format!("\n{} {}\n", self.name, self.parameter);
        let mut row = |name: &str, value: String| text += &format!("  {name:<34} {value:>14}\n");
        row("instructions", grouped(self.instructions));
        row("native, CPU seconds", format!("{:.3}", self.native));
        for (name, seconds) in [("guest", self.plain), ("guest with trace", self.traced)] {
            let (speed, ratio) = self.figures(seconds);
            row(&format!("{name}, CPU seconds"), format!("{seconds:.3}"));
            row(&format!("{name}, G instructions/s"), format!("{:.3}", speed / 1e9));
            row(&format!("{name} / native"), format!("{ratio:.2}"));
        }
        row("trace, bytes per instruction", format!("{:.3}", self.trace_density()));
        row("chunks", grouped(self.recorded.chunks));
        if let Some(translation) = &self.translation {
            row("translation, milliseconds", format!("{:.2}", translation.seconds * 1e3));
            row("x86 per RISC-V instruction", format!("{:.2}", expansion(translation)));
            row("bytes of x86 code", grouped(translation.bytes));
        }
        text
    }

    fn report(&self) -> Report {
        let ((speed, ratio), (trace_speed, trace_ratio)) = (self.figures(self.plain), self.figures(self.traced));
        let report = Report::default()
            .with("name", self.name)
            .with("parameter", self.parameter)
            .with("checksum", format!("{:016x}", self.checksum))
            .with("instructions", self.instructions)
            .with("native_cpu_seconds", self.native)
            .with("run_cpu_seconds", self.plain)
            .with("run_instructions_per_second", speed)
            .with("run_ratio", ratio)
            .with("trace_cpu_seconds", self.traced)
            .with("trace_instructions_per_second", trace_speed)
            .with("trace_ratio", trace_ratio)
            .with("trace_chunks", self.recorded.chunks)
            .with("trace_bytes_per_instruction", self.trace_density());
        match &self.translation {
            None => report,
            Some(translation) => report
                .with("translation_seconds", translation.seconds)
                .with("x86_per_riscv_instruction", expansion(translation))
                .with("x86_bytes", translation.bytes),
        }
    }
}

/// x86 instructions for a RISC-V instruction.
fn expansion(translation: &Translated) -> f64 {
    translation.x86_instructions as f64 / translation.riscv_instructions as f64
}
