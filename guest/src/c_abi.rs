//! The functions of `include/zkvm.h`, for C and every language that links against C, and what C libraries build on.

use core::ffi::c_int;
use core::slice;

/// `void read_input(const uint8_t** buf, size_t* size)`: see [`crate::read_input`].
///
/// # Safety
///
/// Both pointers can be written.
#[unsafe(no_mangle)]
unsafe extern "C" fn read_input(buf: *mut *const u8, size: *mut usize) {
    let input = crate::read_input();
    // SAFETY: the caller vouches for both pointers.
    unsafe {
        buf.write(input.as_ptr());
        size.write(input.len());
    }
}

/// `void write_output(const uint8_t* output, size_t size)`: see [`crate::write_output`].
///
/// # Safety
///
/// `output` points to `size` readable bytes outside the output region; with a size of 0 it may be anything.
#[unsafe(no_mangle)]
unsafe extern "C" fn write_output(output: *const u8, size: usize) {
    if size > 0 {
        // SAFETY: the caller vouches for the bytes, and there is at least one, so that the pointer is not null.
        crate::write_output(unsafe { slice::from_raw_parts(output, size) });
    }
}

/// `_Noreturn void zkvm_exit(uint64_t code)`: see [`crate::exit`].
#[unsafe(no_mangle)]
extern "C" fn zkvm_exit(code: u64) -> ! {
    crate::exit(code)
}

/// `_Noreturn void abort(void)`: ends the program as failed, with [`crate::ABORTED`].
#[unsafe(no_mangle)] // SAFETY: what C calls by this name, with its signature; a second one does not link.
extern "C" fn abort() -> ! {
    crate::exit(crate::ABORTED)
}

/// `_Noreturn void _exit(int code)`: what `exit` of a C library ends in. A negative code is as `main` would return it.
#[unsafe(no_mangle)] // SAFETY: as `abort`.
extern "C" fn _exit(code: c_int) -> ! {
    crate::exit(i64::from(code).cast_unsigned())
}
