//! `malloc` and its like over the global allocator: one heap for all languages of a program and their libraries.

use alloc::alloc::{alloc, dealloc, realloc as resize};
use core::alloc::Layout;
use core::arch::global_asm;
use core::ffi::c_int;
use core::ptr;

/// What every block is aligned to at least, and the bytes in front of it that say what it is.
const ALIGN: usize = 16;
/// What stands in front of a block: the bytes that were asked for, and its alignment, which is also how far the block is
/// behind the start of its memory.
type Header = [usize; 2];

/// The layout of a block of `size` bytes with what it needs in front.
fn layout([size, align]: Header) -> Option<Layout> {
    Layout::from_size_align(size.checked_add(align)?, align).ok()
}

/// Notes what a block is in front of it, and points to it.
///
/// # Safety
///
/// `start` is memory of the layout for the header.
unsafe fn behind_header(start: *mut u8, header: Header) -> *mut u8 {
    let [_, align] = header;
    // SAFETY: the memory has `align` bytes more than the block, at least as many as a header, and is aligned for one.
    unsafe {
        let block = start.add(align);
        block.cast::<Header>().sub(1).write(header);
        block
    }
}

/// The start of a block's memory, and what it is.
///
/// # Safety
///
/// `block` is one of [`behind_header`].
unsafe fn with_header(block: *mut u8) -> (*mut u8, Header) {
    // SAFETY: the header stands in front, where `behind_header` has put it.
    unsafe {
        let header @ [_, align] = block.cast::<Header>().sub(1).read();
        (block.sub(align), header)
    }
}

// Where a C library is told that there is no memory, null if none is: `errno` is a thread-local variable of its own.
global_asm!(
    ".weak __zkvm_no_memory",
    ".globl __zkvm_told_of_no_memory",
    ".pushsection .rodata.no_memory, \"a\", @progbits",
    ".balign 8",
    "__zkvm_told_of_no_memory: .dword __zkvm_no_memory",
    ".popsection"
);

unsafe extern "C" {
    // SAFETY: the eight bytes above, which never change.
    #[link_name = "__zkvm_told_of_no_memory"]
    static TOLD: Option<extern "C" fn()>;
}

/// Null, of which the C library is told.
#[cold]
fn no_memory() -> *mut u8 {
    // SAFETY: a constant, null or the address of a function without arguments.
    if let Some(tell) = unsafe { TOLD } {
        tell();
    }
    ptr::null_mut()
}

/// A block, or null.
fn allocate(header: Header) -> *mut u8 {
    let Some(layout) = layout(header) else { return no_memory() };
    // SAFETY: the layout is not empty.
    let start = unsafe { alloc(layout) };
    if start.is_null() {
        return no_memory();
    }
    // SAFETY: the memory has the layout.
    unsafe { behind_header(start, header) }
}

/// `void* malloc(size_t size)`: null if there is no such block.
#[unsafe(no_mangle)] // SAFETY: what C calls by this name, with its signature; a second one does not link.
extern "C" fn malloc(size: usize) -> *mut u8 {
    allocate([size, ALIGN])
}

/// `void* aligned_alloc(size_t alignment, size_t size)`: null if there is no such block or alignment.
#[unsafe(no_mangle)] // SAFETY: as `malloc`.
extern "C" fn aligned_alloc(alignment: usize, size: usize) -> *mut u8 {
    allocate([size, alignment.max(ALIGN)])
}

/// `void* memalign(size_t alignment, size_t size)`: the same by an older name.
#[unsafe(no_mangle)] // SAFETY: as `malloc`.
extern "C" fn memalign(alignment: usize, size: usize) -> *mut u8 {
    aligned_alloc(alignment, size)
}

/// `int posix_memalign(void** block, size_t alignment, size_t size)`: 0, or the number of an error: `EINVAL` if there is no
/// such alignment, `ENOMEM` if there is no such block.
///
/// # Safety
///
/// `block` can be written.
#[unsafe(no_mangle)]
unsafe extern "C" fn posix_memalign(block: *mut *mut u8, alignment: usize, size: usize) -> c_int {
    const EINVAL: c_int = 22;
    const ENOMEM: c_int = 12;
    if !alignment.is_power_of_two() || alignment < size_of::<usize>() {
        return EINVAL;
    }
    let allocated = aligned_alloc(alignment, size);
    if allocated.is_null() {
        return ENOMEM;
    }
    // SAFETY: the caller vouches for the pointer.
    unsafe { block.write(allocated) };
    0
}

/// `size_t malloc_usable_size(void* block)`: the bytes that were asked for.
///
/// # Safety
///
/// `block` is null or a live one of these functions.
#[unsafe(no_mangle)]
unsafe extern "C" fn malloc_usable_size(block: *mut u8) -> usize {
    if block.is_null() {
        return 0;
    }
    // SAFETY: the caller vouches for the block.
    let (_, [size, _]) = unsafe { with_header(block) };
    size
}

/// `void* calloc(size_t count, size_t size)`: a block of zeros, or null.
#[unsafe(no_mangle)] // SAFETY: as `malloc`.
extern "C" fn calloc(count: usize, size: usize) -> *mut u8 {
    let Some(size) = count.checked_mul(size) else { return no_memory() };
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
    // SAFETY: the caller vouches for the block, which has the layout for what stands in front.
    unsafe {
        let (start, old @ [_, align]) = with_header(block);
        let (Some(from), Some(to)) = (layout(old), layout([size, align])) else { return no_memory() };
        let start = resize(start, from, to.size());
        if start.is_null() { no_memory() } else { behind_header(start, [size, align]) }
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
    // SAFETY: the caller vouches for the block, which has the layout for what stands in front.
    unsafe {
        let (start, header) = with_header(block);
        if let Some(layout) = layout(header) {
            dealloc(start, layout);
        }
    }
}
