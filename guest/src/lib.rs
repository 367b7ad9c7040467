//! What a program for the machine links against: the entry point, input and output, the console, the heap.
//!
//! ```ignore
//! #![no_std]
//! #![no_main]
//!
//! guest::entry!(main);
//!
//! fn main() {
//!     guest::write_output(guest::read_input());
//! }
//! ```
//!
//! The program is linked with `zisk.ld`, which the build script of this crate puts on the linker's search path:
//! `-C link-arg=-Tzisk.ld`. C and everything that speaks it uses `include/zkvm.h`.
//!
//! # Input
//!
//! A proof says that the program ends as it does *on some contents of the input region*. Whoever proves fills the whole
//! region, and need not do so from a file: its first eight bytes may be any length, and behind the bytes that a length
//! spans there may be anything.
//!
//! A program may rely on what [`read_input`] gives: bytes within the region, the same on every call; a length that the
//! region cannot hold is a panic. It may not rely on zeros behind them, nor on the bytes being those of any file that
//! somebody has. What they are, a verifier learns from the output alone.
//!
//! # Other targets
//!
//! On any other target than the machine itself the crate compiles, so that its logic can be tested, but every
//! function that needs the machine panics.

#![no_std]

#[cfg(all(feature = "c-heap", target_arch = "riscv64", target_os = "none"))]
extern crate alloc;
#[cfg(test)]
extern crate std;

#[cfg(all(feature = "c-heap", target_arch = "riscv64", target_os = "none"))]
mod c_heap;
#[cfg(any(test, all(target_arch = "riscv64", target_os = "none")))]
mod compare;
mod console;
mod counter;
mod exit;
mod io;
mod map;
#[cfg(any(feature = "getrandom", test))]
mod random;
mod system;

#[cfg(all(feature = "c-abi", target_arch = "riscv64", target_os = "none"))]
mod c_abi;
#[cfg(all(feature = "heap", any(test, all(target_arch = "riscv64", target_os = "none"))))]
mod heap;
#[cfg(all(feature = "panic-handler", target_arch = "riscv64", target_os = "none"))]
mod panic;
#[cfg(all(feature = "start", target_arch = "riscv64", target_os = "none"))]
mod start;

#[doc(hidden)]
pub use console::print;
pub use counter::cycles;
pub use exit::{ABORTED, FAILURE, PANICKED, SUCCESS, Termination};
pub use io::{MAX_INPUT_LEN, MAX_OUTPUT_LEN, read_input, write_output};
#[cfg(feature = "getrandom")]
pub use random::seed_random;
pub use system::exit;

/// Names the function that `_start` calls: without arguments, and with a result that is [`Termination`].
///
/// The program's exit code is what [`Termination::exit_code`] makes of the result.
#[macro_export]
macro_rules! entry {
    ($main:path) => {
        /// The C function `main`; no other exists in the program.
        #[unsafe(export_name = "main")] // SAFETY: what `_start` calls; a second one does not link.
        extern "C" fn __guest_main() -> u64 {
            $crate::Termination::exit_code($main())
        }
    };
}
