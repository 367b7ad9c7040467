//! Names of addresses: the symbol table of an ELF (System V ABI, chapter "Symbol Table").
//!
//! A program runs without it. A table that is missing, stripped or damaged is an empty one.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use goblin::container::{Container, Ctx, Endian};
use goblin::elf::header::header64::SIZEOF_EHDR;
use goblin::elf::section_header::section_header64::SIZEOF_SHDR;
use goblin::elf::section_header::{SHN_UNDEF, SHT_STRTAB, SHT_SYMTAB};
use goblin::elf::sym::{STB_LOCAL, STT_FUNC, STT_NOTYPE, Sym, Symtab};
use goblin::elf::{Elf, SectionHeader};
use goblin::strtab::Strtab;

use crate::map::{PROGRAM_BASE, PROGRAM_SIZE};

/// ELFs are of 64 bits and little endian.
const CTX: Ctx = Ctx { container: Container::Big, le: Endian::Little };
/// Bytes of a symbol.
const SYMBOL_SIZE: u64 = 24;

/// The symbols of an ELF.
#[derive(Clone, Debug, Default)]
pub struct Symbols {
    /// All that are defined for the whole program and have a name, by name.
    named: Vec<(String, u64)>,
    /// What stands in the program region, by address: address, bytes (0 if unknown), name.
    code: Vec<(u64, u64, String)>,
}

impl Symbols {
    /// The symbols of a file; none if it is no ELF or has no table that can be read.
    #[must_use]
    pub fn of_elf(file: &[u8]) -> Self {
        let mut symbols = Self::default();
        for (name, symbol) in table(file).into_iter().flatten().filter(|(name, _)| !name.is_empty()) {
            let is_code = (PROGRAM_BASE..PROGRAM_BASE + PROGRAM_SIZE).contains(&symbol.st_value);
            // Assemblers mark where code and data begin within a section, and compilers the places that they jump to.
            let is_mark = name.starts_with('$') || name.starts_with(".L");
            if is_code && matches!(symbol.st_type(), STT_FUNC | STT_NOTYPE) && !is_mark {
                symbols.code.push((symbol.st_value, symbol.st_size, name.clone()));
            }
            if symbol.st_bind() != STB_LOCAL {
                symbols.named.push((name, symbol.st_value));
            }
        }
        symbols.named.sort();
        // Of several names for one address the one with a size, then the first.
        symbols.code.sort_by(|a, b| (a.0, u64::MAX - a.1, &a.2).cmp(&(b.0, u64::MAX - b.1, &b.2)));
        symbols.code.dedup_by_key(|(address, ..)| *address);
        // Labels within a function are not where one begins.
        let mut end = 0;
        symbols.code.retain(|(address, size, _)| {
            let is_label = *size == 0 && *address < end;
            end = end.max(address.saturating_add(*size));
            !is_label
        });
        symbols
    }

    /// The value of a symbol.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<u64> {
        let at = self.named.partition_point(|(other, _)| other.as_str() < name);
        self.named.get(at).filter(|(other, _)| other == name).map(|&(_, value)| value)
    }

    /// The nearest name at or before an address of code, and how far behind it the address is; none if that function ends
    /// before the address.
    #[must_use]
    pub fn nearest(&self, address: u64) -> Option<(&str, u64)> {
        let at = self.code.partition_point(|&(other, ..)| other <= address);
        let (start, size, name) = self.code[..at].last()?;
        let offset = address - start;
        (*size == 0 || offset < *size).then_some((name, offset))
    }
}

/// The names and symbols of the table.
fn table(file: &[u8]) -> Option<Vec<(String, Sym)>> {
    let sections = sections(file)?;
    let symbols = sections.iter().find(|section| section.sh_type == SHT_SYMTAB)?;
    let names = sections.get(symbols.sh_link as usize).filter(|section| section.sh_type == SHT_STRTAB)?;
    slice(file, symbols.sh_offset, symbols.sh_size)?;
    slice(file, names.sh_offset, names.sh_size)?;
    let count = (symbols.sh_size / SYMBOL_SIZE) as usize;
    let symbols = Symtab::parse(file, symbols.sh_offset as usize, count, CTX).ok()?;
    let names = Strtab::parse(file, names.sh_offset as usize, names.sh_size as usize, 0).ok()?;
    let name = |symbol: &Sym| names.get_at(symbol.st_name).unwrap_or_default();
    // What is only referred to has no value.
    let defined = symbols.iter().filter(|symbol| symbol.st_shndx != SHN_UNDEF as usize);
    // Names may share their ends, and then be long together; but not longer than the file.
    let mut room = file.len();
    let fits = |symbol: &Sym| {
        let rest = room.checked_sub(name(symbol).len());
        room = rest.unwrap_or(0);
        rest.is_some()
    };
    Some(defined.take_while(fits).map(|symbol| (name(&symbol).to_owned(), symbol)).collect())
}

/// The headers of the sections; none of what is no ELF, or a damaged one.
pub(crate) fn sections(file: &[u8]) -> Option<Vec<SectionHeader>> {
    let header = Elf::parse_header(file).ok().filter(|_| file.len() >= SIZEOF_EHDR)?;
    let size = u64::from(header.e_shnum) * SIZEOF_SHDR as u64;
    slice(file, header.e_shoff, size)?;
    SectionHeader::parse(file, header.e_shoff as usize, header.e_shnum.into(), CTX).ok()
}

/// The bytes of the file, if it has them.
pub(crate) fn slice(file: &[u8], offset: u64, size: u64) -> Option<&[u8]> {
    file.get(usize::try_from(offset).ok()?..usize::try_from(offset.checked_add(size)?).ok()?)
}
