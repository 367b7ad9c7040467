//! The prover's key: what an ELF becomes before any run.

use core::fmt;
use std::sync::Arc;

use air::F;
use air::kind::{Kind, TABLES};
use air::layout::pc_index;
use air::rom::Rom;
use air::table::Table;
use air::tables::{byte, range};
use air::tree::{Tree, program_memory};
use p3_matrix::dense::RowMajorMatrix;
use p3_sumcheck::layout::Table as Stacked;
use spec_interp::Program;
use verifier::scheme::Kept;
use verifier::{KeyError, ProgramColumns, VerifyingKey};

use crate::stark::Setup;
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
    columns: ProgramColumns,
    fixed: Fixed,
    /// The fixed columns as they are opened.
    stacked: Kept,
    setup: Setup,
}

impl ProvingKey {
    /// Derives the keys of a program. Warns once, by `tracing`, if this build leaves the machine's vector instructions
    /// unused ([`unused_vectors`](crate::unused_vectors)).
    ///
    /// # Errors
    /// [`KeyError`] if the program is longer than a table.
    pub fn new(program: impl Into<Arc<Program>>) -> Result<Self, KeyError> {
        vectors::warn_once();
        let program = program.into();
        let rom = Rom::new(&program);
        let columns = ProgramColumns::new(&rom)?;
        let memory = program_memory(&program);
        let verifying = VerifyingKey::of(pc_index(program.entry), &memory, &columns);
        let fixed =
            Fixed { program: columns.columns.clone(), range: Arc::new(range::fixed()), byte: Arc::new(byte::fixed()) };
        let stacked = [&fixed.program, &fixed.range, &fixed.byte].map(|columns| Stacked::new(columns.transpose()));
        let stacked = Kept::Fixed(Arc::new(stacked.into()));
        let setup = Setup::new(TABLES.map(|kind| fixed.table(kind)).into());
        Ok(Self { program, rom, memory, verifying, columns, fixed, stacked, setup })
    }

    /// The verifier's part.
    pub const fn verifying_key(&self) -> &VerifyingKey {
        &self.verifying
    }

    /// A table of this program.
    pub fn table(&self, kind: Kind) -> Table {
        self.fixed.table(kind)
    }

    /// The memory of the program before there is an input.
    pub(crate) const fn memory(&self) -> &Tree {
        &self.memory
    }

    /// What the program's columns are opened by.
    pub(crate) const fn columns(&self) -> &ProgramColumns {
        &self.columns
    }

    /// The fixed columns as they are opened.
    pub(crate) const fn stacked(&self) -> &Kept {
        &self.stacked
    }

    /// What is known of the tables.
    pub(crate) const fn setup(&self) -> &Setup {
        &self.setup
    }
}

/// The fixed columns.
struct Fixed {
    program: Arc<RowMajorMatrix<F>>,
    range: Arc<RowMajorMatrix<F>>,
    byte: Arc<RowMajorMatrix<F>>,
}

impl Fixed {
    fn table(&self, kind: Kind) -> Table {
        match kind {
            Kind::Program => Table::with_fixed(kind, Some(self.program.clone())),
            Kind::Range => Table::with_fixed(kind, Some(self.range.clone())),
            Kind::Byte => Table::with_fixed(kind, Some(self.byte.clone())),
            _ => Table::new(kind),
        }
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
        let key = ProvingKey::new(program.clone()).expect("a small program");
        assert_eq!(VerifyingKey::new(&program).as_ref(), Ok(key.verifying_key()));
    }
}
