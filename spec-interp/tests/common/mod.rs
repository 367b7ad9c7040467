//! A builder of ELF files, field by field, so that a test can break any of them.

/// One program header and the bytes it describes.
#[derive(Clone)]
pub struct Ph {
    pub kind: u32,
    pub flags: u32,
    pub vaddr: u64,
    pub bytes: Vec<u8>,
    pub filesz: u64,
    pub memsz: u64,
}

pub const R: u32 = 4;
pub const RW: u32 = 6;
pub const RX: u32 = 5;

/// A loadable segment whose sizes are those of its bytes.
pub fn load(flags: u32, vaddr: u64, bytes: &[u8]) -> Ph {
    let len = bytes.len() as u64;
    Ph { kind: 1, flags, vaddr, bytes: bytes.to_vec(), filesz: len, memsz: len }
}

/// A 64-bit little-endian RISC-V executable.
pub fn elf(entry: u64, headers: &[Ph]) -> Vec<u8> {
    let mut file = vec![0x7f, b'E', b'L', b'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    file.extend([2, 0, 243, 0, 1, 0, 0, 0]);
    for word in [entry, 64, 0] {
        file.extend(word.to_le_bytes());
    }
    file.extend([0, 0, 0, 0, 64, 0, 56, 0]);
    file.extend((headers.len() as u16).to_le_bytes());
    file.extend([0; 6]);
    let mut offset = 64 + 56 * headers.len() as u64;
    for ph in headers {
        file.extend(ph.kind.to_le_bytes());
        file.extend(ph.flags.to_le_bytes());
        for word in [offset, ph.vaddr, ph.vaddr, ph.filesz, ph.memsz, 1] {
            file.extend(word.to_le_bytes());
        }
        offset += ph.bytes.len() as u64;
    }
    file.extend(headers.iter().flat_map(|ph| ph.bytes.clone()));
    file
}
