//! The meaning of the machine: an RV64 hart with its memory map, in plain Rust.
//!
//! This crate is the reference that the translator and the proof tables are compared with. It follows the RISC-V
//! Unprivileged ISA manual and nothing else; a faster engine that disagrees is wrong. In reading order: [`isa`] is
//! the table of operations, [`decode`] turns words into [`Inst`], [`exec`] says what each one does, [`Machine`] runs
//! them over [`Memory`], and [`Program`] is what an ELF file becomes. [`chunk`] cuts a run into chunks, which
//! [`replay()`] runs again without its memory.
#![forbid(unsafe_code)]
#![warn(missing_docs)]
#![no_std]

extern crate alloc;

mod attributes;
pub mod chunk;
mod compressed;
mod decode;
mod elf;
mod encoding;
pub mod exec;
mod fault;
mod forms;
mod hart;
mod input;
mod inst;
pub mod isa;
mod machine;
pub mod map;
mod memory;
mod program;
mod replay;
mod segment;
mod symbols;
mod words;

pub use attributes::arch_of_elf;
pub use chunk::{Chunk, Chunker};
pub use decode::decode;
pub use elf::ElfError;
pub use exec::alu;
pub use fault::{Cause, Fault};
pub use forms::{COMPRESSED, CompressedForm};
pub use hart::{Hart, reservation};
pub use input::{Input, InputError};
pub use inst::{CSR_CYCLE, CSR_INSTRET, Inst, REGISTER_NAMES};
pub use isa::{Family, Op};
pub use machine::{Checkpoint, Machine, Observer, Outcome, Step};
pub use memory::Memory;
pub use program::Program;
pub use replay::{ReplayError, Replayed, replay};
pub use segment::LoadSegment;
pub use symbols::Symbols;
pub use words::{Access, Accesses, OutputError, Words};
