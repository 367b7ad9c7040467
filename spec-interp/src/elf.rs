//! Reading an ELF executable (System V ABI, chapters "Object Files" and "Program Loading"; RISC-V ELF psABI).
//!
//! Only program headers count; of sections and symbols only whether they contradict them ([`Symbols`]). Nothing is allocated by a size that the file
//! merely claims; every segment is held to the map before its bytes are copied.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use goblin::container::{Container, Ctx, Endian};
use goblin::elf::header::{EI_CLASS, EI_DATA, ELFCLASS64, ELFDATA2LSB, ELFMAG, EM_RISCV, ET_EXEC, SELFMAG};
use goblin::elf::program_header::{PF_W, PF_X, PT_DYNAMIC, PT_INTERP, PT_LOAD};
use goblin::elf::{Elf, ProgramHeader};
use thiserror::Error;

use crate::map::{PROGRAM_BASE, PROGRAM_SIZE, RAM_BASE, RAM_SIZE};
use crate::segment::LoadSegment;
use crate::symbols::Symbols;

/// Size of the file header of a 64-bit ELF.
const HEADER_SIZE: usize = 64;
/// Size of a program header of a 64-bit ELF.
const PROGRAM_HEADER_SIZE: u16 = 56;

/// Why a file is no program for this machine.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ElfError {
    /// The first four bytes are not the magic number.
    #[error("not an ELF file: it does not begin with 7f 45 4c 46; give the linked executable of the guest")]
    NotElf,
    /// The file ends before something its headers name.
    #[error("truncated: {what} ends at byte {end:#x} but the file has {len:#x}; copy or build it again")]
    Truncated {
        /// What is cut off.
        what: String,
        /// Where it would end.
        end: u64,
        /// The length of the file.
        len: u64,
    },
    /// A class other than 64-bit.
    #[error("not a 64-bit ELF (class {class}); build for a riscv64 target")]
    Not64Bit {
        /// Byte EI_CLASS.
        class: u8,
    },
    /// A byte order other than little-endian.
    #[error("not little-endian (data encoding {data}); build for a little-endian riscv64 target")]
    NotLittleEndian {
        /// Byte EI_DATA.
        data: u8,
    },
    /// A machine other than RISC-V.
    #[error("built for machine {machine}, not for RISC-V (243); build for a riscv64 target")]
    OtherMachine {
        /// Field e_machine.
        machine: u16,
    },
    /// A relocatable, shared or position-independent object.
    #[error("file type {kind}, not a static executable (2); link with -static and -no-pie")]
    NotExecutable {
        /// Field e_type.
        kind: u16,
    },
    /// A segment asks for a dynamic linker.
    #[error("segment {index} asks for dynamic linking; link with -static and -no-pie")]
    Dynamic {
        /// Its index among the program headers.
        index: usize,
    },
    /// Calls that pass floats in registers that the machine lacks.
    #[error(
        "compiled for registers of floats (ABI lp64{abi}), which this machine lacks; compile for rv64imac with soft floats: \
         Rust's target riscv64imac-unknown-none-elf, in C -march=rv64imac -mabi=lp64"
    )]
    HardFloat {
        /// The letter of the ABI.
        abi: char,
    },
    /// A header field that no linker writes.
    #[error("header field {field} is {value:#x}; the file is damaged, build it again")]
    BadHeader {
        /// The field.
        field: &'static str,
        /// Its value.
        value: u64,
    },
    /// More bytes in the file than in memory.
    #[error("segment {index} at {base:#x} has {filesz:#x} bytes in the file but {memsz:#x} in memory; build it again")]
    FileLargerThanMemory {
        /// Its index.
        index: usize,
        /// Its first address.
        base: u64,
        /// Bytes in the file.
        filesz: u64,
        /// Bytes in memory.
        memsz: u64,
    },
    /// Both writable and executable.
    #[error("segment {index} at {base:#x} is writable and executable; link code and data into separate segments")]
    WritableCode {
        /// Its index.
        index: usize,
        /// Its first address.
        base: u64,
    },
    /// Not within the region that its permissions call for.
    #[error(
        "segment {index} ({base:#x}, {size:#x} bytes) is {} and must lie in {}; use the guest's linker script",
        if *writable { "writable" } else { "read-only" },
        if *writable { "RAM (0xa0000000, 1 GiB)" } else { "program (0x80000000, 256 MiB)" },
    )]
    OutsideMap {
        /// Its index.
        index: usize,
        /// Its first address.
        base: u64,
        /// Its bytes in memory.
        size: u64,
        /// Whether it is writable.
        writable: bool,
    },
    /// Two segments share an address.
    #[error("segments overlap: one ends at {end:#x}, the next begins at {base:#x}; use the guest's linker script")]
    Overlap {
        /// Where the lower one ends.
        end: u64,
        /// Where the higher one begins.
        base: u64,
    },
    /// By the file's own symbols a segment lies in the stack or in the heap.
    #[error(
        "the segment from {base:#x} to {end:#x} lies in the {what}, which is {from:#x} to {to:#x} by {symbols}; \
         use the guest's linker script, or have these symbols say what is free"
    )]
    Owned {
        /// First address of the segment.
        base: u64,
        /// The first address behind it.
        end: u64,
        /// The stack or the heap.
        what: &'static str,
        /// Its first address.
        from: u64,
        /// The first address behind it.
        to: u64,
        /// What says so.
        symbols: &'static str,
    },
    /// The entry point is odd or not in an executable segment.
    #[error("entry point {entry:#x} is odd or outside the executable segments; name a function of the guest with -e")]
    BadEntry {
        /// The entry point.
        entry: u64,
    },
}

/// The entry point and the loadable segments of a file, as the headers have them.
pub(crate) fn load(file: &[u8]) -> Result<(u64, Vec<LoadSegment>), ElfError> {
    if !file.starts_with(ELFMAG) {
        let cut_short = !file.is_empty() && file.len() < SELFMAG && ELFMAG.starts_with(file);
        return Err(if cut_short { truncated(file, "the file header", HEADER_SIZE as u64) } else { ElfError::NotElf });
    }
    if file.len() < HEADER_SIZE {
        return Err(truncated(file, "the file header", HEADER_SIZE as u64));
    }
    if file[EI_CLASS] != ELFCLASS64 {
        return Err(ElfError::Not64Bit { class: file[EI_CLASS] });
    }
    if file[EI_DATA] != ELFDATA2LSB {
        return Err(ElfError::NotLittleEndian { data: file[EI_DATA] });
    }
    let header = Elf::parse_header(file).map_err(|_| ElfError::NotElf)?;
    if header.e_machine != EM_RISCV {
        return Err(ElfError::OtherMachine { machine: header.e_machine });
    }
    if header.e_type != ET_EXEC {
        return Err(ElfError::NotExecutable { kind: header.e_type });
    }
    // EF_RISCV_FLOAT_ABI.
    if let Some(abi) = [None, Some('f'), Some('d'), Some('q')][(header.e_flags >> 1 & 3) as usize] {
        return Err(ElfError::HardFloat { abi });
    }
    let mut segments = Vec::new();
    for (index, ph) in program_headers(file, header.e_phoff, header.e_phnum, header.e_phentsize)?.iter().enumerate() {
        match ph.p_type {
            PT_LOAD if ph.p_memsz != 0 || ph.p_filesz != 0 => segments.push(segment(file, index, ph)?),
            PT_DYNAMIC | PT_INTERP => return Err(ElfError::Dynamic { index }),
            _ => {}
        }
    }
    Ok((header.e_entry, segments))
}

fn program_headers(file: &[u8], offset: u64, count: u16, size: u16) -> Result<Vec<ProgramHeader>, ElfError> {
    // 0xffff means that the count stands elsewhere; no guest has that many segments.
    if count == 0 || count == u16::MAX {
        return Err(ElfError::BadHeader { field: "e_phnum", value: u64::from(count) });
    }
    if size != PROGRAM_HEADER_SIZE {
        return Err(ElfError::BadHeader { field: "e_phentsize", value: u64::from(size) });
    }
    let end = offset.saturating_add(u64::from(count) * u64::from(size));
    if end > file.len() as u64 {
        return Err(truncated(file, "the table of program headers", end));
    }
    let ctx = Ctx::new(Container::Big, Endian::Little);
    ProgramHeader::parse(file, offset as usize, usize::from(count), ctx)
        .map_err(|_| ElfError::BadHeader { field: "e_phoff", value: offset })
}

/// One loadable segment, held to the map before its bytes are copied.
fn segment(file: &[u8], index: usize, ph: &ProgramHeader) -> Result<LoadSegment, ElfError> {
    let (base, filesz, memsz) = (ph.p_vaddr, ph.p_filesz, ph.p_memsz);
    let (executable, writable) = (ph.p_flags & PF_X != 0, ph.p_flags & PF_W != 0);
    if filesz > memsz {
        return Err(ElfError::FileLargerThanMemory { index, base, filesz, memsz });
    }
    check_place(index, base, memsz, executable, writable)?;
    let end = ph.p_offset.saturating_add(filesz);
    if end > file.len() as u64 {
        return Err(truncated(file, &format!("segment {index}"), end));
    }
    let bytes = file[ph.p_offset as usize..end as usize].to_vec();
    Ok(LoadSegment { base, bytes, size: memsz, executable, writable })
}

/// Whether a segment lies in the region that its permissions call for.
fn check_place(index: usize, base: u64, size: u64, executable: bool, writable: bool) -> Result<(), ElfError> {
    if executable && writable {
        return Err(ElfError::WritableCode { index, base });
    }
    let (region, region_size) = if writable { (RAM_BASE, RAM_SIZE) } else { (PROGRAM_BASE, PROGRAM_SIZE) };
    let fits = base >= region && base.checked_add(size).is_some_and(|end| end <= region + region_size);
    if fits { Ok(()) } else { Err(ElfError::OutsideMap { index, base, size, writable }) }
}

/// Sorts the segments, drops empty ones, and checks places, overlaps and the entry point.
pub(crate) fn check(entry: u64, mut segments: Vec<LoadSegment>) -> Result<Vec<LoadSegment>, ElfError> {
    for (index, s) in segments.iter().enumerate() {
        check_place(index, s.base, s.size, s.executable, s.writable)?;
    }
    segments.retain(|segment| segment.size != 0);
    segments.sort_by_key(|segment| segment.base);
    for pair in segments.windows(2) {
        if pair[0].end() > pair[1].base {
            return Err(ElfError::Overlap { end: pair[0].end(), base: pair[1].base });
        }
    }
    let in_code = segments.iter().any(|s| s.executable && (s.base..s.end()).contains(&entry));
    if entry.is_multiple_of(2) && in_code { Ok(segments) } else { Err(ElfError::BadEntry { entry }) }
}

/// Whether the segments keep out of what the symbols of the guest's linker script, if there are such, call stack and heap:
/// variables there would change without a store to them.
pub(crate) fn check_free(segments: &[LoadSegment], symbols: &Symbols) -> Result<(), ElfError> {
    let value = |name| symbols.value(name);
    let top = value("__stack_top");
    let bottom = value("__stack_bottom").or_else(|| Some(top?.saturating_sub(value("__stack_size")?)));
    let stack = match (bottom, top) {
        (Some(bottom), Some(top)) => Some(("stack", bottom, top, "__stack_top and __stack_size")),
        // At least what is pushed first.
        (None, Some(top)) => Some(("stack", top.saturating_sub(16), top, "__stack_top")),
        (_, None) => None,
    };
    let (start, end) = (value("__heap_start"), value("__heap_end"));
    let heap = start.zip(end).map(|(start, end)| ("heap", start, end, "__heap_start and __heap_end"));
    for (what, from, to, symbols) in stack.into_iter().chain(heap) {
        if let Some(owner) = segments.iter().find(|segment| segment.base < to && from < segment.end()) {
            return Err(ElfError::Owned { base: owner.base, end: owner.end(), what, from, to, symbols });
        }
    }
    Ok(())
}

fn truncated(file: &[u8], what: &str, end: u64) -> ElfError {
    ElfError::Truncated { what: what.into(), end, len: file.len() as u64 }
}
