//! Output: the input. All by the C interface, as a program in C has it.

#![no_std]
#![no_main]

use core::ffi::c_int;
use core::ptr;

// `_start`, the panic handler, and the functions below.
use guest as _;

// As in guest/include/zkvm.h.
unsafe extern "C" {
    // SAFETY: the signatures are those of the header, and the crate `guest` defines both.
    fn read_input(buf: *mut *const u8, size: *mut usize);
    fn write_output(output: *const u8, size: usize);
}

#[unsafe(no_mangle)] // SAFETY: the one `main` of the program; a second one does not link.
extern "C" fn main() -> c_int {
    let (mut input, mut size) = (ptr::null(), 0);
    // SAFETY: both pointers can be written, and the bytes that `read_input` gives lie outside the output.
    unsafe {
        read_input(&mut input, &mut size);
        write_output(input, size);
    }
    0
}
