//! Programs as ELF files, for engines and simulators that read nothing else.

use spec_interp::{LoadSegment, Program};

const HEADER_SIZE: u64 = 64;
const PROGRAM_HEADER_SIZE: u64 = 56;
const SECTION_HEADER_SIZE: u16 = 64;
const SYMBOL_SIZE: u64 = 24;
/// Where the file header says where the section headers are.
const E_SHOFF: usize = 40;
/// Where it says their size, their number and which one holds their names.
const E_SHENTSIZE: usize = 58;
/// File offsets and addresses agree modulo this, as loaders that map files want it.
const PAGE: u64 = 4096;

/// The file of a program.
#[must_use]
pub fn elf(program: &Program) -> Vec<u8> {
    write(program.entry, program.segments())
}

/// A static RV64 executable with these segments.
#[must_use]
pub fn write(entry: u64, segments: &[LoadSegment]) -> Vec<u8> {
    let mut file = header(entry, segments.len());
    let mut end = HEADER_SIZE + PROGRAM_HEADER_SIZE * segments.len() as u64;
    let mut offsets = Vec::new();
    for segment in segments {
        let offset = end.next_multiple_of(PAGE) + segment.base % PAGE;
        offsets.push(offset);
        end = offset + segment.bytes.len() as u64;
        let flags: u32 = if segment.executable { 5 } else { 4 | u32::from(segment.writable) << 1 };
        file.extend(1_u32.to_le_bytes()); // PT_LOAD
        file.extend(flags.to_le_bytes());
        let sizes = [segment.bytes.len() as u64, segment.size];
        let fields = [offset, segment.base, segment.base, sizes[0], sizes[1], PAGE];
        file.extend(fields.iter().flat_map(|field| field.to_le_bytes()));
    }
    for (segment, offset) in segments.iter().zip(offsets) {
        file.resize(offset as usize, 0);
        file.extend(&segment.bytes);
    }
    file
}

/// The file with a section `.symtab` of global symbols behind it; it must have no sections yet.
#[must_use]
pub fn with_symbols(mut file: Vec<u8>, symbols: &[(&str, u64)]) -> Vec<u8> {
    // The names of the sections, at 1 and 9; those of the symbols follow.
    let mut strings = b"\0.symtab\0.strtab\0".to_vec();
    let mut table = vec![0; SYMBOL_SIZE as usize];
    for (name, value) in symbols {
        table.extend((strings.len() as u32).to_le_bytes());
        table.extend([0x10, 0]); // global, no type
        table.extend(0xfff1_u16.to_le_bytes()); // absolute
        table.extend([*value, 0].iter().flat_map(|field| field.to_le_bytes()));
        strings.extend(name.as_bytes());
        strings.push(0);
    }
    file.resize(file.len().next_multiple_of(8), 0);
    let (at, end) = (file.len() as u64, (file.len() + table.len()) as u64);
    file.extend(&table);
    file.extend(&strings);
    file.resize(file.len().next_multiple_of(8), 0);
    let sections = file.len() as u64;
    file.extend([0; SECTION_HEADER_SIZE as usize]);
    for (name, kind, offset, size, link, info, entry) in [
        (1_u32, 2_u32, at, table.len() as u64, 2_u32, 1_u32, SYMBOL_SIZE), // SHT_SYMTAB
        (9, 3, end, strings.len() as u64, 0, 0, 0),                        // SHT_STRTAB
    ] {
        file.extend([name, kind].iter().flat_map(|field| field.to_le_bytes()));
        file.extend([0, 0, offset, size].iter().flat_map(|field| field.to_le_bytes()));
        file.extend([link, info].iter().flat_map(|field| field.to_le_bytes()));
        file.extend([8, entry].iter().flat_map(|field| field.to_le_bytes()));
    }
    file[E_SHOFF..E_SHOFF + 8].copy_from_slice(&sections.to_le_bytes());
    for (i, field) in [SECTION_HEADER_SIZE, 3, 2].into_iter().enumerate() {
        file[E_SHENTSIZE + 2 * i..][..2].copy_from_slice(&field.to_le_bytes());
    }
    file
}

/// The file header: ET_EXEC, EM_RISCV, version 1, RVC, program headers right behind.
fn header(entry: u64, segments: usize) -> Vec<u8> {
    let mut header = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    header.extend([2, 0, 243, 0, 1, 0, 0, 0]);
    header.extend([entry, HEADER_SIZE, 0].iter().flat_map(|field| field.to_le_bytes()));
    header.extend(1_u32.to_le_bytes());
    let counts = [HEADER_SIZE as u16, PROGRAM_HEADER_SIZE as u16, segments as u16, 0, 0, 0];
    header.extend(counts.iter().flat_map(|field| field.to_le_bytes()));
    header
}
