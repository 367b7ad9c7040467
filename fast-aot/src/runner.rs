//! One machine on either engine.

use std::sync::Arc;

use spec_interp::chunk::Classes;
use spec_interp::{
    Checkpoint, Chunk, Chunker, Fault, Input, InputError, Observer, Outcome, OutputError, Program, Step, Words,
};

use crate::engine::Engine;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
use crate::native;

/// Runs an expression on the machine of either engine.
macro_rules! either {
    ($inner:expr, $machine:ident => $body:expr) => {
        match $inner {
            Inner::Spec($machine) => $body,
            #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
            Inner::Aot($machine) => $body,
        }
    };
}

/// A program at some point of its run.
#[derive(Debug)]
pub struct Runner {
    inner: Inner,
}

#[derive(Debug)]
enum Inner {
    Spec(Box<spec_interp::Machine>),
    #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
    Aot(Box<native::Translated>),
}

/// A program translated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Translation<'a> {
    /// Seconds that it took, with those that it has replaced.
    pub seconds: f64,
    /// RISC-V instructions translated, those of overlapping blocks once for each.
    pub riscv_instructions: u64,
    /// What they became: x86-64 instructions, one behind the other.
    pub code: &'a [u8],
    /// Bytes of those, with the rare exits, the constants and the way in.
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

impl Runner {
    /// The machine at the start of a run, on the engine that [serves](Engine::serving). Bytes are a file;
    /// [`Input::Region`] gives the input region bare.
    ///
    /// # Errors
    ///
    /// [`InputError`] when the input does not fit its region.
    pub fn new<'a>(
        program: impl Into<Arc<Program>>,
        input: impl Into<Input<'a>>,
        engine: Engine,
    ) -> Result<Self, InputError> {
        let (program, input) = (program.into(), input.into());
        #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
        if engine.serving() == Engine::Aot {
            match native::Translated::new(Arc::clone(&program), input) {
                Ok(machine) => return Ok(Self { inner: Inner::Aot(Box::new(machine)) }),
                Err(native::Unmade::Input(error)) => return Err(error),
                // Without 4 GiB of addresses to reserve the interpreter serves.
                Err(native::Unmade::Host) => {}
            }
        }
        #[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
        let _ = engine;
        Ok(Self { inner: Inner::Spec(Box::new(spec_interp::Machine::new(program, input)?)) })
    }

    /// Retires up to `limit` instructions; what the program prints goes to `console`, with the stream's number.
    ///
    /// # Errors
    ///
    /// [`Fault`]; the machine is then as it was before the instruction.
    pub fn run(&mut self, limit: u64, console: &mut dyn FnMut(u64, &[u8])) -> Result<Outcome, Fault> {
        match &mut self.inner {
            Inner::Spec(machine) => machine.run(limit, &mut Passing(console)),
            #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
            Inner::Aot(machine) => machine.run(limit, console),
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
            #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
            Inner::Aot(machine) => machine.trace(limit, size, classes, sink, console),
        }
    }

    /// The engine that it runs on.
    #[must_use]
    pub const fn engine(&self) -> Engine {
        match &self.inner {
            Inner::Spec(_) => Engine::Spec,
            #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
            Inner::Aot(_) => Engine::Aot,
        }
    }

    /// What the translation took and gave; none before the first run, and none on the interpreter.
    #[must_use]
    pub fn translation(&self) -> Option<Translation<'_>> {
        match &self.inner {
            Inner::Spec(_) => None,
            #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
            Inner::Aot(machine) => machine.code().map(|code| Translation {
                seconds: code.seconds,
                riscv_instructions: code.instructions as u64,
                code: code.blocks(),
                bytes: code.bytes().len() as u64,
            }),
        }
    }

    /// Where the run stands: pc, registers, instructions retired, the reservation.
    #[must_use]
    pub fn checkpoint(&self) -> Checkpoint {
        either!(&self.inner, machine => machine.checkpoint())
    }

    /// The exit code, once the program has exited.
    #[must_use]
    pub fn exit_code(&self) -> Option<u64> {
        either!(&self.inner, machine => machine.exit_code())
    }

    /// The doubleword at a multiple of 8; `None` where loads may not go.
    #[must_use]
    pub fn word(&self, addr: u64) -> Option<u64> {
        match &self.inner {
            Inner::Spec(machine) => machine.memory.word(addr),
            #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
            Inner::Aot(machine) => machine.word(addr),
        }
    }

    /// The public output as it stands in memory.
    ///
    /// # Errors
    ///
    /// [`OutputError`] when the output region does not hold one.
    pub fn output(&self) -> Result<Vec<u8>, OutputError> {
        either!(&self.inner, machine => machine.output())
    }
}
