//! How many instructions were compared, by operation.

use std::fmt;

use spec_interp::isa::Ext;
use spec_interp::{Inst, Op};

/// The extensions, in the order of the report.
const EXTENSIONS: [Ext; 8] = [Ext::I, Ext::M, Ext::A, Ext::Zicsr, Ext::Zifencei, Ext::Zba, Ext::Zbb, Ext::Zbs];

/// Counts of compared instructions.
pub struct Tally {
    by_op: [u64; Op::ALL.len()],
    compressed: u64,
}

impl Tally {
    /// Nothing compared yet.
    pub fn new() -> Self {
        Self { by_op: [0; Op::ALL.len()], compressed: 0 }
    }

    /// One instruction more.
    pub fn count(&mut self, inst: &Inst) {
        self.by_op[inst.op as usize] += 1;
        self.compressed += u64::from(inst.len == 2);
    }

    /// All instructions.
    pub fn total(&self) -> u64 {
        self.by_op.iter().sum()
    }

    /// The operations among `ops` that were compared fewer than `least` times.
    pub fn rarer(&self, ops: impl Iterator<Item = Op>, least: u64) -> Vec<Op> {
        ops.filter(|&op| self.by_op[op as usize] < least).collect()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for ext in EXTENSIONS {
            let ops = Op::ALL.into_iter().filter(|op| op.encoding().ext == ext);
            let counts: Vec<u64> = ops.map(|op| self.by_op[op as usize]).collect();
            let compared = counts.iter().filter(|&&count| count > 0).count();
            let name = format!("{ext:?}");
            writeln!(f, "  {name:9}{:>12}  ({compared} of {} operations)", counts.iter().sum::<u64>(), counts.len())?;
        }
        writeln!(f, "  {:9}{:>12}  (those of the above that were compressed)", "C", self.compressed)?;
        write!(f, "  {:9}{:>12}", "total", self.total())
    }
}
