//! `zisk bench`: what proving and verifying cost, on embedded programs.

use std::time::Instant;

use fast_aot::Engine;
use serde_json::Value;
use spec_interp::Program;
use zisk_sdk::{Expectation, ProvingKey, security, verify};

use crate::args::{Args, Bench, BenchCommand, Benchmark};
use crate::commands::{FIBONACCI, SHA256, SHA256_ZB, exec};
use crate::failure::Failure;
use crate::measure::reset_peak_memory;
use crate::pipeline::{self, Console, Proved, TableUse};
use crate::progress::Progress;
use crate::report::{Done, Report, bytes, grouped};

/// How often a proof is verified; the median counts.
const VERIFICATIONS: usize = 7;

/// A program and an input that takes it about as many instructions as asked for.
struct Workload {
    name: &'static str,
    elf: &'static [u8],
    input: Vec<u8>,
}

/// The programs asked for, none of which takes more instructions than asked for.
///
/// Their instructions were counted once: 4,101 for a block of 64 bytes and 4,932 beside, with bit manipulation 2,861
/// and 3,684; 5 for a step and 60 beside.
fn workloads(benchmark: Benchmark, instructions: u64) -> Vec<Workload> {
    let sha256 = || {
        let input = blocks((instructions - 4_932) / 4_101);
        Workload { name: "sha256", elf: SHA256, input }
    };
    let sha256_zb = || {
        let input = blocks((instructions - 3_684) / 2_861);
        Workload { name: "sha256-zb", elf: SHA256_ZB, input }
    };
    let fibonacci = || {
        let input = ((instructions - 60) / 5).to_le_bytes().to_vec();
        Workload { name: "fibonacci", elf: FIBONACCI, input }
    };
    match benchmark {
        Benchmark::Sha256 => vec![sha256()],
        Benchmark::Sha256Zb => vec![sha256_zb()],
        Benchmark::Fibonacci => vec![fibonacci()],
        Benchmark::All => vec![sha256(), sha256_zb(), fibonacci()],
    }
}

/// So many blocks of 64 bytes without much of a pattern.
fn blocks(count: u64) -> Vec<u8> {
    (0..64 * count).map(|i| (i * 7 + i / 251) as u8).collect()
}

/// One program measured.
struct Measured {
    name: &'static str,
    key: ProvingKey,
    proved: Proved,
    key_seconds: f64,
    verify_seconds: f64,
}

/// Proves and verifies each program asked for, or only runs it.
pub fn bench(bench: &Bench, args: &Args) -> Result<Done, Failure> {
    if let Some(BenchCommand::Exec(asked)) = &bench.command {
        return exec::exec(asked);
    }
    let progress = Progress::new(args.quiet);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut text = format!("{threads} threads\n");
    let mut reports = Vec::<Value>::new();
    for workload in workloads(bench.program, bench.instructions) {
        let measured = measure(&workload, &progress)?;
        text += &measured.text();
        reports.push(measured.report().into_value());
    }
    let report = Report::default()
        .with("threads", threads)
        .with("security_bits", security::TARGET_BITS)
        .with("benchmarks", reports);
    Ok(Done { report, text, code: 0 })
}

fn measure(workload: &Workload, progress: &Progress) -> Result<Measured, Failure> {
    let program =
        Program::from_elf(workload.elf).map_err(|source| Failure::Elf { path: workload.name.into(), source })?;
    reset_peak_memory();
    let ticker = progress.ticking();
    let (key, key_seconds) = pipeline::derive(program, progress)?;
    let proved = pipeline::prove(&key, &workload.input, Engine::default(), Console::Dropped, progress)?;
    drop(ticker);
    let expected = Expectation { program: key.verifying_key().digest(), exit_code: 0, output: None };
    let mut seconds = [0.0; VERIFICATIONS];
    for seconds in &mut seconds {
        let start = Instant::now();
        verify(&proved.bytes, &expected)?;
        *seconds = start.elapsed().as_secs_f64();
    }
    seconds.sort_by(f64::total_cmp);
    let verify_seconds = seconds[VERIFICATIONS / 2];
    Ok(Measured { name: workload.name, key, proved, key_seconds: key_seconds.wall, verify_seconds })
}

impl Measured {
    fn instructions(&self) -> f64 {
        f64::from(self.proved.proof.instructions)
    }

    fn speed(&self) -> f64 {
        self.instructions() / self.proved.seconds.cpu
    }

    fn text(&self) -> String {
        let proved = &self.proved;
        let mut text = format!("\n{}\n", self.name);
        let mut row = |name: &str, value: String| text += &format!("  {name:<34} {value:>12}\n");
        row("instructions", grouped(proved.proof.instructions.into()));
        row("proving, wall seconds", format!("{:.2}", proved.seconds.wall));
        row("proving, CPU seconds", format!("{:.2}", proved.seconds.cpu));
        row("instructions per CPU second", grouped(self.speed() as u64));
        row("peak memory", bytes(proved.peak_memory));
        row("proof", bytes(proved.bytes.len() as u64));
        row("committed cells per instruction", format!("{:.1}", proved.cells() as f64 / self.instructions()));
        row("verifying with --vk, milliseconds", format!("{:.1}", self.verify_seconds * 1e3));
        row("deriving the key, seconds", format!("{:.2}", self.key_seconds));
        text += "\n  table         rows used     height  cells/row  cells/instr  share\n";
        for table in &proved.tables {
            text += &self.table_text(table);
        }
        text
    }

    fn table_text(&self, table: &TableUse) -> String {
        let used = table.used.map_or("-".to_owned(), |rows| grouped(rows as u64));
        let cells = table.size.cells() as f64;
        format!(
            "  {:<12} {used:>10} {:>10} {:>10} {:>12.2} {:>5.1}%\n",
            table.size.kind.name(),
            grouped(table.size.height as u64),
            table.size.kind.width(),
            cells / self.instructions(),
            100.0 * cells / self.proved.cells() as f64,
        )
    }

    fn report(&self) -> Report {
        let tables = self.proved.tables.iter().map(|table| {
            let report = Report::default()
                .with("table", table.size.kind.name())
                .with("rows_used", table.used)
                .with("height", table.size.height)
                .with("cells_per_row", table.size.kind.width())
                .with("cells", table.size.cells());
            report.into_value()
        });
        self.proved
            .report(&self.key)
            .with("name", self.name)
            .with("instructions_per_cpu_second", self.speed())
            .with("cells_per_instruction", self.proved.cells() as f64 / self.instructions())
            .with("key_seconds", self.key_seconds)
            .with("verify_seconds", self.verify_seconds)
            .with("tables", tables.collect::<Vec<Value>>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use spec_interp::{Machine, Observer, Outcome, Step};

    struct Blind;

    impl Observer for Blind {
        fn step(&mut self, _: &Step) {}
        fn console(&mut self, _: u64, _: &[u8]) {}
    }

    #[test]
    fn programs_take_the_instructions_asked_for() {
        for asked in [20_000, 1 << 22] {
            for Workload { name, elf, input } in workloads(Benchmark::All, asked) {
                let mut machine = Machine::new(Program::from_elf(elf).unwrap(), &input).unwrap();
                assert_eq!(machine.run(asked, &mut Blind).unwrap(), Outcome::Exited(0), "{name}");
                assert!(machine.retired > asked - 4_200, "{name} takes {} of {asked}", machine.retired);
            }
        }
    }
}
