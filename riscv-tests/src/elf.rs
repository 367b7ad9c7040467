//! Programs as ELF files, for engines and simulators that read nothing else.

use spec_interp::{Program, Segment};

const HEADER_SIZE: u64 = 64;
const PROGRAM_HEADER_SIZE: u64 = 56;
/// File offsets and addresses agree modulo this, as loaders that map files want it.
const PAGE: u64 = 4096;

/// The file of a program.
#[must_use]
pub fn elf(program: &Program) -> Vec<u8> {
    write(program.entry, program.segments())
}

/// A static RV64 executable with these segments.
#[must_use]
pub fn write(entry: u64, segments: &[Segment]) -> Vec<u8> {
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
