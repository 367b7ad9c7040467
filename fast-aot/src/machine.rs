//! One machine on either engine.

use std::sync::Arc;

use spec_interp::chunk::Classes;
use spec_interp::{Checkpoint, Chunk, Chunker, Fault, InputError, Observer, Outcome, OutputError, Program, Step};

use crate::engine::Engine;

/// A program at some point of its run.
#[derive(Debug)]
pub struct Machine {
    inner: Inner,
}

#[derive(Debug)]
enum Inner {
    Spec(Box<spec_interp::Machine>),
}

/// What translating a program took and gave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Translation {
    /// Wall time, in seconds.
    pub seconds: f64,
    /// RISC-V instructions translated.
    pub riscv_instructions: u64,
    /// x86 instructions that they became.
    pub x86_instructions: u64,
    /// Bytes of those.
    pub bytes: u64,
}

/// Passes the console on.
struct Passing<'a>(&'a mut dyn FnMut(u64, &[u8]));

impl Observer for Passing<'_> {
    #[inline]
    fn step(&mut self, _: &Step) {}

    fn console(&mut self, fd: u64, bytes: &[u8]) {
        (self.0)(fd, bytes);
    }
}

impl Machine {
    /// The machine at the start of a run, on the engine that [serves](Engine::serving).
    ///
    /// # Errors
    ///
    /// [`InputError`] when the input does not fit its region.
    pub fn new(program: impl Into<Arc<Program>>, input: &[u8], engine: Engine) -> Result<Self, InputError> {
        let program = program.into();
        let inner = match engine.serving() {
            Engine::Aot | Engine::Spec => Inner::Spec(Box::new(spec_interp::Machine::new(program, input)?)),
        };
        Ok(Self { inner })
    }

    /// Retires up to `limit` instructions; what the program prints goes to `console`, with the stream's number.
    ///
    /// # Errors
    ///
    /// [`Fault`]; the machine is then as it was before the instruction.
    pub fn run(&mut self, limit: u64, console: &mut dyn FnMut(u64, &[u8])) -> Result<Outcome, Fault> {
        match &mut self.inner {
            Inner::Spec(machine) => machine.run(limit, &mut Passing(console)),
        }
    }

    /// The same, handing on the run in chunks of at least `size` instructions. What is retired behind the last chunk,
    /// because of a fault or the limit, is in none.
    ///
    /// # Errors
    ///
    /// [`Fault`], as [`Self::run`].
    pub fn trace(
        &mut self,
        limit: u64,
        size: u64,
        classes: &Classes,
        sink: &mut dyn FnMut(Chunk<'_>),
        console: &mut dyn FnMut(u64, &[u8]),
    ) -> Result<Outcome, Fault> {
        match &mut self.inner {
            Inner::Spec(machine) => {
                let mut chunker = Chunker::new(machine, size, classes, sink, console);
                machine.run(limit, &mut chunker)
            }
        }
    }

    /// What the translation took; `None` where the interpreter serves, which has none.
    #[must_use]
    pub fn translation(&self) -> Option<&Translation> {
        match &self.inner {
            Inner::Spec(_) => None,
        }
    }

    /// Where the run stands: pc, registers, instructions retired, the reservation.
    #[must_use]
    pub fn checkpoint(&self) -> Checkpoint {
        match &self.inner {
            Inner::Spec(machine) => machine.checkpoint(),
        }
    }

    /// The exit code, once the program has exited.
    #[must_use]
    pub fn exit_code(&self) -> Option<u64> {
        match &self.inner {
            Inner::Spec(machine) => machine.exit_code(),
        }
    }

    /// The doubleword at a multiple of 8; `None` where loads may not go.
    #[must_use]
    pub fn word(&self, addr: u64) -> Option<u64> {
        match &self.inner {
            Inner::Spec(machine) => machine.memory.word(addr),
        }
    }

    /// The public output as it stands in memory.
    ///
    /// # Errors
    ///
    /// [`OutputError`] when the output region does not hold one.
    pub fn output(&self) -> Result<Vec<u8>, OutputError> {
        match &self.inner {
            Inner::Spec(machine) => machine.output(),
        }
    }
}
