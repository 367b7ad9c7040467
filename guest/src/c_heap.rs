//! `malloc` and its like over the global allocator, for programs that link no C library.

use alloc::alloc::{alloc, dealloc, realloc as resize};
use core::alloc::Layout;
use core::ptr;

/// What every block is aligned to, and the bytes in front of it that hold its size.
const ALIGN: usize = 16;

/// The layout of a block of `size` bytes with its size in front.
fn layout(size: usize) -> Option<Layout> {
    Layout::from_size_align(size.checked_add(ALIGN)?, ALIGN).ok()
}

/// Notes the size in front of a block that `start` points to, if there is one, and points behind it.
///
/// # Safety
///
/// `start` is null or a block of the layout for `size`.
unsafe fn behind_size(start: *mut u8, size: usize) -> *mut u8 {
    if start.is_null() {
        return start;
    }
    // SAFETY: the block has `ALIGN` bytes more than `size`, and is aligned for a `usize`.
    unsafe {
        start.cast::<usize>().write(size);
        start.add(ALIGN)
    }
}

/// The start of a block and the bytes that were asked for.
///
/// # Safety
///
/// `block` is one of [`malloc`].
unsafe fn with_size(block: *mut u8) -> (*mut u8, usize) {
    // SAFETY: the size stands in front, where `behind_size` has put it.
    unsafe {
        let start = block.sub(ALIGN);
        (start, start.cast::<usize>().read())
    }
}

/// `void* malloc(size_t size)`: null if there is no such block.
#[unsafe(no_mangle)]
extern "C" fn malloc(size: usize) -> *mut u8 {
    let Some(layout) = layout(size) else { return ptr::null_mut() };
    // SAFETY: the layout is not empty, and the block has it.
    unsafe { behind_size(alloc(layout), size) }
}

/// `void* calloc(size_t count, size_t size)`: a block of zeros, or null.
#[unsafe(no_mangle)]
extern "C" fn calloc(count: usize, size: usize) -> *mut u8 {
    let Some(size) = count.checked_mul(size) else { return ptr::null_mut() };
    let block = malloc(size);
    if !block.is_null() {
        // SAFETY: the block has so many bytes.
        unsafe { block.write_bytes(0, size) };
    }
    block
}

/// `void* realloc(void* block, size_t size)`: the block with another size, perhaps elsewhere, or null and the block as it
/// was.
///
/// # Safety
///
/// `block` is null or a live one of these functions.
#[unsafe(no_mangle)]
unsafe extern "C" fn realloc(block: *mut u8, size: usize) -> *mut u8 {
    if block.is_null() {
        return malloc(size);
    }
    // SAFETY: the caller vouches for the block, which has the layout for its size.
    unsafe {
        let (start, old) = with_size(block);
        match (layout(old), layout(size)) {
            (Some(from), Some(to)) => behind_size(resize(start, from, to.size()), size),
            _ => ptr::null_mut(),
        }
    }
}

/// `void free(void* block)`.
///
/// # Safety
///
/// `block` is null or a live one of these functions.
#[unsafe(no_mangle)]
unsafe extern "C" fn free(block: *mut u8) {
    if block.is_null() {
        return;
    }
    // SAFETY: the caller vouches for the block, which has the layout for its size.
    unsafe {
        let (start, size) = with_size(block);
        if let Some(layout) = layout(size) {
            dealloc(start, layout);
        }
    }
}
