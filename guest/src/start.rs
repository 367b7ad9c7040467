//! `_start`: from a machine with all registers zero to the C function `main`, and from its result to the exit.

use core::arch::global_asm;

global_asm!(include_str!("start.s"));
