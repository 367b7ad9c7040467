//! The prover's key: what an ELF becomes before any run.

use core::fmt;
use std::sync::Arc;

use air::kind::Kind;
use air::layout::pc_index;
use air::rom::Rom;
use air::table::Table;
use air::tree::{Tree, program_memory};
use spec_interp::Program;
use verifier::config::Committed;
use verifier::{Blowup, FixedColumns, KeyError, VerifyingKey};

use crate::vectors;

/// What a prover knows of a program.
pub struct ProvingKey {
    /// The program.
    pub program: Arc<Program>,
    /// The program lowered.
    pub rom: Rom,
    /// The memory of the program before there is an input.
    memory: Tree,
    verifying: VerifyingKey,
    fixed: FixedColumns,
}

impl ProvingKey {
    /// Derives the keys of a program. Warns once, by `tracing`, if this build leaves the machine's vector instructions
    /// unused ([`unused_vectors`](crate::unused_vectors)).
    ///
    /// # Errors
    /// [`KeyError`] if the program is longer than a table.
    pub fn new(program: impl Into<Arc<Program>>, blowup: Blowup) -> Result<Self, KeyError> {
        vectors::warn_once();
        let program = program.into();
        let rom = Rom::new(&program);
        let fixed = FixedColumns::new(&rom, blowup)?;
        let memory = program_memory(&program);
        let verifying = VerifyingKey::of(pc_index(program.entry), &memory, &fixed, blowup);
        Ok(Self { program, rom, memory, verifying, fixed })
    }

    /// The verifier's part.
    pub const fn verifying_key(&self) -> &VerifyingKey {
        &self.verifying
    }

    /// A table of this program.
    pub fn table(&self, kind: Kind) -> Table {
        match kind {
            Kind::Program => Table::with_fixed(kind, Some(self.fixed.program.clone())),
            Kind::Range => Table::with_fixed(kind, Some(self.fixed.range.clone())),
            Kind::Byte => Table::with_fixed(kind, Some(self.fixed.byte.clone())),
            _ => Table::new(kind),
        }
    }

    /// The memory of the program before there is an input.
    pub(crate) const fn memory(&self) -> &Tree {
        &self.memory
    }

    /// The committed fixed columns.
    pub(crate) const fn committed(&self) -> &Committed {
        &self.fixed.committed
    }
}

impl fmt::Debug for ProvingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProvingKey").field("verifying", &self.verifying).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use spec_interp::map::PROGRAM_BASE;

    use super::*;

    /// What a verifier derives from the program is what the prover proves with.
    #[test]
    fn prover_and_verifier_have_one_key() {
        // addi a7, zero, 93; ecall
        let program =
            Program::from_code(PROGRAM_BASE, &[0x93, 0x08, 0xd0, 0x05, 0x73, 0, 0, 0], &[7]).expect("it loads");
        for blowup in Blowup::ALL {
            let key = ProvingKey::new(program.clone(), blowup).expect("a small program");
            assert_eq!(VerifyingKey::new(&program, blowup).as_ref(), Ok(key.verifying_key()));
        }
    }
}
