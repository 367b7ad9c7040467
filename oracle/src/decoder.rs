//! `spec_interp::decode` against LLVM: whether a word is an instruction, which, how long, and on which operands.

use std::collections::BTreeMap;
use std::path::Path;
use std::thread;
use std::time::Instant;

use clap::Args;
use spec_interp::{Op, decode};
use thiserror::Error;

use crate::assembly::{Csrs, normalise};
use crate::disassembler::disassemble;
use crate::trace::TraceError;

/// Words of a sample with the same opcode bits.
const SAMPLES: u32 = 4;
/// The fields rd and rs1, which few opcodes take for their own.
const REGISTERS: u32 = 0x000f_8f80;

/// What is decoded, beside every halfword.
#[derive(Args)]
pub struct Words {
    /// All 2^30 words that are not compressed; else all values of the bits other than rd and rs1, with a few of those.
    #[arg(long)]
    full: bool,
}

/// A comparison of decoders that found something, or could not be.
#[derive(Debug, Error)]
pub enum DecoderError {
    /// The decoders do not agree.
    #[error("{word:#010x}: spec-interp has {ours}, LLVM {theirs}")]
    Different {
        /// The word.
        word: u32,
        /// Length and text.
        ours: String,
        /// Length and text.
        theirs: String,
    },
    /// LLVM names a register in a way that cannot be compared.
    #[error("CSR {number:#x}: LLVM has `{text}`")]
    Csr {
        /// The register.
        number: u16,
        /// The text of a word that reads it.
        text: String,
    },
    /// The disassembler fails.
    #[error("llvm: {0}")]
    Trace(#[from] TraceError),
    /// A comparison ended by a panic.
    #[error("a thread panicked")]
    Panic,
}

/// Words by what was found.
#[derive(Default)]
struct Found {
    instructions: u64,
    illegal: u64,
    explained: BTreeMap<&'static str, u64>,
}

impl Found {
    fn add(&mut self, other: &Self) {
        self.instructions += other.instructions;
        self.illegal += other.illegal;
        for (reason, count) in &other.explained {
            *self.explained.entry(reason).or_default() += count;
        }
    }
}

impl Words {
    /// Compares all of them.
    ///
    /// # Errors
    ///
    /// [`DecoderError`], at the first disagreement that is not explained.
    pub fn run(&self, tool: &Path) -> Result<String, DecoderError> {
        let (begin, csrs) = (Instant::now(), csrs(tool)?);
        let halves = compare(tool, (0..=0xffff).filter(|half| half & 3 != 3), &csrs)?;
        let words = if self.full { all(tool, &csrs)? } else { compare(tool, sample(), &csrs)? };
        let mut report = String::new();
        for (name, found) in [("halfwords", halves), ("words", words)] {
            let Found { instructions, illegal, explained } = found;
            report += &format!("  {name:9} {instructions:>12} the same instruction, {illegal} illegal in both\n");
            for (reason, count) in explained {
                report += &format!("  {:9} {count:>12} {reason}\n", "");
            }
        }
        Ok(report + &format!("  {:.1} s; no other difference", begin.elapsed().as_secs_f64()))
    }
}

/// The names of all registers.
fn csrs(tool: &Path) -> Result<Csrs, DecoderError> {
    let mut csrs = Csrs::default();
    let reads = (0..4096).map(|number| number << 20 | Op::Csrrs.encoding().value | 1 << 7);
    disassemble::<DecoderError>(tool, reads, |word, _, text| {
        let number = (word >> 20) as u16;
        if csrs.learn(number, text) { Ok(()) } else { Err(DecoderError::Csr { number, text: text.to_owned() }) }
    })?;
    Ok(csrs)
}

/// Some words for every value of the bits other than rd and rs1.
fn sample() -> impl Iterator<Item = u32> + Clone + Send {
    let spread = |key: u32| (key << 2 & 0x7c) | (key << 7 & 0x7000) | key >> 8 << 20;
    (0..SAMPLES << 20).map(move |i| {
        // Zeros once, then as a multiplicative hash has them.
        let (key, sample) = (i / SAMPLES, i % SAMPLES);
        let registers = if sample == 0 { 0 } else { i.wrapping_mul(0x9e37_79b1) & REGISTERS };
        3 | spread(key) | registers
    })
}

/// All 32-bit words, by as many threads as there are.
fn all(tool: &Path, csrs: &Csrs) -> Result<Found, DecoderError> {
    let jobs = thread::available_parallelism().map_or(1, |jobs| jobs.get() as u64);
    thread::scope(|scope| {
        let part = |job: u64| ((job << 30) / jobs) as u32..(((job + 1) << 30) / jobs) as u32;
        let threads: Vec<_> = (0..jobs)
            .map(|job| scope.spawn(move || compare(tool, part(job).map(|quarter| quarter << 2 | 3), csrs)))
            .collect();
        let mut sum = Found::default();
        for thread in threads {
            sum.add(&thread.join().map_err(|_| DecoderError::Panic)??);
        }
        Ok(sum)
    })
}

fn compare(tool: &Path, words: impl Iterator<Item = u32> + Clone + Send, csrs: &Csrs) -> Result<Found, DecoderError> {
    let mut found = Found::default();
    disassemble::<DecoderError>(tool, words, |word, length, text| {
        let ours = decode(word);
        let theirs = normalise(text, csrs);
        match (&ours, &theirs) {
            (None, None) => found.illegal += 1,
            (Some(inst), Some(theirs)) if inst.len == length && inst.to_string() == *theirs => found.instructions += 1,
            _ => {
                let describe = |len, text: &str| format!("`{text}` ({len} bytes)");
                let reason = explain(word, ours.map(|inst| inst.op), text).ok_or_else(|| DecoderError::Different {
                    word,
                    ours: ours.map_or("none".into(), |inst| describe(inst.len, &inst.to_string())),
                    theirs: if length == 0 { "none".into() } else { describe(length, text) },
                })?;
                *found.explained.entry(reason).or_default() += 1;
            }
        }
        Ok(())
    })?;
    Ok(found)
}

/// Why LLVM legitimately differs, if it does.
fn explain(word: u32, ours: Option<Op>, text: &str) -> Option<&'static str> {
    let mnemonic = text.split('\t').next().unwrap_or("");
    match (ours, mnemonic) {
        // Manual, RV32I, "Memory Ordering Instructions", and "Zifencei": "base implementations shall ignore these
        // fields"; other values of fm are treated as normal fences.
        (Some(Op::Fence), "") if word & 0xf00f_8f80 != 0 => Some("fences with reserved fields, which are ignored here"),
        (Some(Op::FenceI), "") if word & 0xffff_8f80 != 0 => {
            Some("fences with reserved fields, which are ignored here")
        }
        (None, "mret" | "sret" | "dret" | "wfi" | "sfence.vma") => Some("privileged, so illegal at user level"),
        // Manual, "C Extension", "Integer Constant-Generation Instructions": "the code points with imm=0 are reserved".
        (None, "c.lui") if word & 0x107c == 0 => Some("c.lui by zero, which is reserved and LLVM takes"),
        // A hint by rd = x0, of which LLVM does not extend the sign.
        (Some(Op::Lui), "c.lui") if word & 0x0f80 == 0 => Some("c.lui to x0, a hint, which LLVM prints otherwise"),
        _ => None,
    }
}
