//! The symbols of an ELF file (System V ABI, chapters "Sections" and "Symbol Table").
//!
//! Apart from `spec-interp`, which reads program headers only: no symbol has a say in what a program does.

use goblin::container::{Container, Ctx, Endian};
use goblin::elf::section_header::{SHN_UNDEF, SHT_SYMTAB};
use goblin::elf::{Elf, SectionHeader, Sym};
use thiserror::Error;

/// Bytes of a symbol in a 64-bit ELF.
const SYMBOL_SIZE: u64 = 24;

/// A symbol table that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the file's table of symbols is damaged; build it again, or strip it")]
pub struct DamagedSymbols;

/// The values of two symbols, each none if the file does not define it. A file without a symbol table defines none.
pub(crate) fn values(file: &[u8], names: [&str; 2]) -> Result<[Option<u64>; 2], DamagedSymbols> {
    let ctx = Ctx::new(Container::Big, Endian::Little);
    let header = Elf::parse_header(file).map_err(|_| DamagedSymbols)?;
    let offset = usize::try_from(header.e_shoff).map_err(|_| DamagedSymbols)?;
    let sections = SectionHeader::parse(file, offset, header.e_shnum.into(), ctx).map_err(|_| DamagedSymbols)?;
    let mut values = [None; 2];
    for table in sections.iter().filter(|section| section.sh_type == SHT_SYMTAB) {
        let strings = sections.get(table.sh_link as usize).ok_or(DamagedSymbols)?;
        let (symbols, strings) = (contents(file, table)?, contents(file, strings)?);
        let symbols =
            Sym::parse(symbols, 0, (table.sh_size / SYMBOL_SIZE) as usize, ctx).map_err(|_| DamagedSymbols)?;
        for symbol in symbols.iter().filter(|symbol| symbol.st_shndx != SHN_UNDEF as usize) {
            for (value, name) in values.iter_mut().zip(names) {
                if is_called(strings, symbol, name) {
                    *value = Some(symbol.st_value);
                }
            }
        }
    }
    Ok(values)
}

fn contents<'a>(file: &'a [u8], section: &SectionHeader) -> Result<&'a [u8], DamagedSymbols> {
    let start = usize::try_from(section.sh_offset).ok();
    let end = section.sh_offset.checked_add(section.sh_size).and_then(|end| usize::try_from(end).ok());
    start.zip(end).and_then(|(start, end)| file.get(start..end)).ok_or(DamagedSymbols)
}

/// Names are compared as bytes, up to the zero that ends them: other symbols need not be text.
fn is_called(strings: &[u8], symbol: &Sym, name: &str) -> bool {
    let rest = strings.get(symbol.st_name..).and_then(|from| from.strip_prefix(name.as_bytes()));
    rest.is_some_and(|rest| rest.first() == Some(&0))
}

#[cfg(test)]
mod tests {
    use riscv_tests::elf::{with_symbols, write};

    use super::*;

    const NAMES: [&str; 2] = ["begin", "end"];

    #[test]
    fn symbols_are_found_by_their_whole_name() {
        let file = with_symbols(write(0, &[]), &[("beginning", 1), ("the_begin", 2), ("end", 3)]);
        assert_eq!(values(&file, NAMES), Ok([None, Some(3)]));
        let file = with_symbols(write(0, &[]), &[("end", u64::MAX), ("begin", 4)]);
        assert_eq!(values(&file, NAMES), Ok([Some(4), Some(u64::MAX)]));
    }

    #[test]
    fn a_stripped_file_has_none() {
        assert_eq!(values(&write(0, &[]), NAMES), Ok([None, None]));
    }

    #[test]
    fn damage_is_an_error_or_hides_symbols() {
        let file = with_symbols(write(0, &[]), &[("begin", 4), ("end", 8)]);
        for len in 0..file.len() {
            assert_eq!(values(&file[..len], NAMES), Err(DamagedSymbols), "{len} bytes");
        }
        for at in 0..file.len() {
            for value in [0, 1, 0x7f, 0xff] {
                let mut file = file.clone();
                file[at] = value;
                // Whatever comes of it, nothing panics.
                let _ = values(&file, NAMES);
            }
        }
    }
}
