//! `_start`: from a machine with all registers zero to the C function `main`, and from its result to the exit.

use core::arch::global_asm;

global_asm!(include_str!("start.s"));

// A program that asks for memory, in whatever language or library, gets it from the one heap: a C library that is linked
// behind this one would else bring a `malloc` of its own, over the same memory.
#[cfg(feature = "c-heap")]
global_asm!(".pushsection .init.malloc, \"a\", @progbits", ".dword malloc", ".popsection");
