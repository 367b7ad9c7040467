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
    use p3_field::PrimeCharacteristicRing;
    use spec_interp::map::PROGRAM_BASE;
    use verifier::{Expectation, Part, VerifyError, verify_decoded};

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

    /// Exits with a code.
    fn exits_with(code: u32) -> ProvingKey {
        // addi a0, zero, code; addi a7, zero, 93; ecall
        let code: Vec<u8> = [code << 20 | 10 << 7 | 0x13, 93 << 20 | 17 << 7 | 0x13, 0x73]
            .into_iter()
            .flat_map(u32::to_le_bytes)
            .collect();
        ProvingKey::new(Program::from_code(PROGRAM_BASE, &code, &[]).expect("it loads")).expect("a small program")
    }

    /// What a verifier who has one key says to a proof made with another.
    fn says(honest: &ProvingKey, forged: &ProvingKey, exit_code: u64) -> Option<Part> {
        let proof = forged.prove(&[], &mut |_, _| ()).expect("a proof");
        let program = honest.verifying.digest();
        match verify_decoded(&proof, &Expectation { program, exit_code, output: None }) {
            Err(VerifyError::Argument(unsound)) => Some(unsound.part),
            result => panic!("{result:?}"),
        }
    }

    /// Proved with the columns of another program over the memory of this one, all else of the proof is right: only the
    /// opening against the key's commitment tells.
    #[test]
    fn columns_of_another_program_are_rejected_by_their_opening() {
        let [honest, other] = [1, 2].map(exits_with);
        let forged = ProvingKey { memory: honest.memory.clone(), verifying: honest.verifying.clone(), ..other };
        assert_eq!(says(&honest, &forged, 2), Some(Part::Opening));
    }

    /// And with a pair more among the ranges, or another answer among the bytes, only what the verifier computes itself.
    #[test]
    fn fixed_columns_that_are_not_the_machines_are_rejected() {
        let honest = exits_with(1);
        for (table, column, row) in [(1, 1, 77), (1, 0, 1), (2, 2, 300), (2, 0, 65_535)] {
            let Kept::Fixed(tables) = &honest.stacked else { panic!("fixed columns") };
            let changed = tables.iter().enumerate().map(|(i, stacked)| {
                let mut columns: Vec<Vec<F>> = stacked.iter_polys().map(<[F]>::to_vec).collect();
                if i == table {
                    columns[column][row] += F::ONE;
                }
                Stacked::new(RowMajorMatrix::new(columns.concat(), columns[0].len()))
            });
            let stacked = Kept::Fixed(Arc::new(changed.collect()));
            let forged = ProvingKey { stacked, ..exits_with(1) };
            assert_eq!(says(&honest, &forged, 1), Some(Part::Constraints), "table {table}, column {column}");
        }
    }
}
