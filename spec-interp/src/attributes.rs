//! What an ELF says that it was compiled for: its section `.riscv.attributes` (RISC-V ELF psABI, chapter "Attributes").
//!
//! A program runs without it. A section that is missing, stripped or damaged says nothing.

use crate::symbols::{sections, slice};

/// The type of the section.
const SHT_RISCV_ATTRIBUTES: u32 = 0x7000_0003;
/// The tag of what holds for the whole file.
const FILE: u64 = 1;
/// The tag of the extensions.
const ARCH: u64 = 5;

/// The extensions that the file was compiled for, such as `rv64i2p1_m2p0_a2p1_c2p0_zicsr2p0`.
#[must_use]
pub fn arch_of_elf(file: &[u8]) -> Option<&str> {
    let section = sections(file)?.into_iter().find(|section| section.sh_type == SHT_RISCV_ATTRIBUTES)?;
    let mut rest = slice(file, section.sh_offset, section.sh_size)?.strip_prefix(b"A")?;
    // Of each vendor: bytes in all, name; then by what they hold for: tag, bytes in all, attributes.
    let mut vendor = block(&mut rest, 0)?;
    if string(&mut vendor)? != "riscv" {
        return None;
    }
    if number(&mut vendor)? != FILE {
        return None;
    }
    let mut attributes = block(&mut vendor, 1)?;
    while !attributes.is_empty() {
        let tag = number(&mut attributes)?;
        if tag == ARCH {
            let is_name = |arch: &&str| arch.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            return string(&mut attributes).filter(is_name);
        }
        // Values of odd tags are strings.
        if tag % 2 == 1 {
            string(&mut attributes)?;
        } else {
            number(&mut attributes)?;
        }
    }
    None
}

/// A block that begins with its length, which counts itself and so many bytes before it.
fn block<'a>(rest: &mut &'a [u8], before: usize) -> Option<&'a [u8]> {
    let (length, _) = rest.split_first_chunk::<4>()?;
    let length = (u32::from_le_bytes(*length) as usize).checked_sub(before)?;
    let (block, behind) = rest.split_at_checked(length)?;
    *rest = behind;
    block.get(4..)
}

/// A string up to its zero.
fn string<'a>(rest: &mut &'a [u8]) -> Option<&'a str> {
    let end = rest.iter().position(|&byte| byte == 0)?;
    let text = core::str::from_utf8(&rest[..end]).ok()?;
    *rest = &rest[end + 1..];
    Some(text)
}

/// A number in groups of seven bits, low ones first (ULEB128).
fn number(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..63).step_by(7) {
        let (&byte, behind) = rest.split_first()?;
        *rest = behind;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_an_end() {
        assert_eq!(number(&mut &[0x85, 0x01, 9][..]), Some(133));
        assert_eq!(number(&mut &[0x80][..]), None);
        assert_eq!(number(&mut &[0xff; 20][..]), None);
    }

    #[test]
    fn blocks_lie_within() {
        let mut rest = &[6, 0, 0, 0, 1, 2, 3][..];
        assert_eq!(block(&mut rest, 0), Some(&[1, 2][..]));
        assert_eq!(rest, [3]);
        for (bytes, before) in [(&[3, 0, 0, 0][..], 0), (&[9, 0, 0, 0, 1], 0), (&[0, 0, 0, 0], 1), (&[4, 0], 0)] {
            assert_eq!(block(&mut &*bytes, before), None, "{bytes:?}");
        }
    }
}
