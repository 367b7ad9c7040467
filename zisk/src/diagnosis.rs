//! What a fault means to whoever wrote the program: in which function it is, and what to do about it.

use std::fmt::{self, Write};

use cpp_demangle::DemangleOptions;
use spec_interp::map::{PROGRAM_BASE, PROGRAM_SIZE, RAM_BASE, RAM_SIZE, STATE_BASE};
use spec_interp::{Cause, Fault, Symbols};

/// No variable lies below this address, where fields of a null pointer would be.
const NULL_PAGE: u64 = 1 << 12;
/// How to compile for the machine.
const TARGET: &str = "compile for rv64imac with soft floats: Rust's target riscv64imac-unknown-none-elf, in C \
                      -march=rv64imac -mabi=lp64";

/// A fault, with the names that its program has for addresses.
#[derive(Debug)]
pub struct Diagnosis {
    /// The fault.
    pub fault: Fault,
    /// The names; none of a program that was stripped.
    pub symbols: Symbols,
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.fault)?;
        if let Some((name, offset)) = self.symbols.nearest(self.fault.pc) {
            write!(f, "; in `{}`, {offset} bytes behind its start", demangled(name))?;
        }
        match self.advice() {
            Some(advice) => write!(f, "; {advice}"),
            None => Ok(()),
        }
    }
}

impl Diagnosis {
    fn advice(&self) -> Option<String> {
        match self.fault.cause {
            Cause::LoadAccess { addr } | Cause::StoreAccess { addr }
                if (STATE_BASE..RAM_BASE).contains(&addr) =>
            {
                Some(self.stack_overflow())
            }
            Cause::LoadAccess { addr } | Cause::StoreAccess { addr } if addr < NULL_PAGE => {
                Some("this is what a null pointer points to".to_owned())
            }
            Cause::FetchOutsideCode { addr } if addr < NULL_PAGE => {
                Some("a null pointer was called, or returned to".to_owned())
            }
            Cause::StoreReadOnly { addr } if (PROGRAM_BASE..PROGRAM_BASE + PROGRAM_SIZE).contains(&addr) => {
                Some("code and constants cannot be written".to_owned())
            }
            Cause::IllegalInstruction { word } if word & 0xffff == 0 => Some(
                "`unimp`, where compilers end what must not be reached: a trap, a panic without a message; or zeros, where \
                 control has left the code"
                    .to_owned(),
            ),
            Cause::IllegalInstruction { word } => {
                extension(word).map(|extension| format!("the machine lacks the extension {extension}: {TARGET}"))
            }
            Cause::IllegalCsr { csr } => {
                csr_extension(csr).map(|extension| format!("the machine lacks the extension {extension}: {TARGET}"))
            }
            Cause::MisalignedAtomic { .. } => {
                Some("atomics need an address that is a multiple of their width".to_owned())
            }
            _ => None,
        }
    }

    fn stack_overflow(&self) -> String {
        let size = self.symbols.value("__stack_top").and_then(|top| top.checked_sub(RAM_BASE));
        let known = size.map_or("1 MiB unless it was linked with another __stack_size".to_owned(), |size| {
            format!("{size:#x} bytes")
        });
        let more = size.map_or(4 << 20, |size| size.saturating_mul(4).max(1 << 20));
        if more > RAM_SIZE / 2 {
            return format!("the stack has overflown, which has {known}, much of all memory: recurse less");
        }
        format!(
            "the stack has overflown, which has {known}: link with --defsym=__stack_size={more:#x} (Rust: -C \
             link-arg=--defsym=__stack_size={more:#x}), or recurse less"
        )
    }
}

/// A name as it stands in the source, if it was made by a compiler for Rust or C++; of a very long one the beginning.
fn demangled(name: &str) -> String {
    let mut text = Bounded::default();
    let _ = match (rustc_demangle::try_demangle(name), cpp_demangle::Symbol::new(name)) {
        (Ok(rust), _) => write!(text, "{rust:#}"),
        (_, Ok(cpp)) => cpp.structured_demangle(&mut text, &DemangleOptions::new()),
        _ => text.write_str(name),
    };
    if text.0.is_empty() { name.chars().take(LONGEST_NAME).collect() } else { text.0 }
}

/// The most characters of a name that are shown.
const LONGEST_NAME: usize = 300;

/// Text that ends at [`LONGEST_NAME`], without control characters: names of C++ can grow without end when they are written
/// out, and an ELF is not to be trusted with a terminal.
#[derive(Default)]
struct Bounded(String);

impl Write for Bounded {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        let room = LONGEST_NAME.saturating_sub(self.0.len());
        self.0.extend(piece.chars().take(room).map(|c| if c.is_control() { '?' } else { c }));
        if piece.len() > room { Err(fmt::Error) } else { Ok(()) }
    }
}

/// The extension of a control and status register (manual, chapters "F" and "V").
const fn csr_extension(csr: u16) -> Option<&'static str> {
    match csr {
        0x001..=0x003 => Some("F (single-precision floating point)"),
        0x008..=0x00f | 0xc20..=0xc22 => Some("V (vectors)"),
        _ => None,
    }
}

/// The extensions that the machine has, besides letters, and those that add no instructions or only hints.
const EXTENSIONS: [&str; 18] = [
    "zicsr",
    "zifencei",
    "zmmul",
    "zaamo",
    "zalrsc",
    "zca",
    "zba",
    "zbb",
    "zbs",
    "zicntr",
    "zicclsm",
    "ziccif",
    "ziccrse",
    "ziccamoa",
    "za64rs",
    "zic64b",
    "zihintpause",
    "zihintntl",
];

/// What to say of a program that was compiled for extensions that the machine lacks: it need not use them.
pub fn lacking(arch: &str) -> Option<String> {
    // rv64i2p1_m2p0_zicsr2p0: each but for its version.
    let names = arch.trim_start_matches("rv64").split('_').map(|name| {
        let digit = |c: char| c.is_ascii_digit();
        name.trim_end_matches(digit).strip_suffix('p').map_or(name, |name| name.trim_end_matches(digit))
    });
    let (letters, words): (Vec<_>, Vec<_>) = names
        .filter(|name| !matches!(*name, "" | "i" | "m" | "a" | "c" | "b") && !EXTENSIONS.contains(name))
        .partition(|name| name.len() == 1);
    // F, D and V bring others with them.
    let lacking = if letters.is_empty() { words } else { letters };
    if lacking.is_empty() {
        return None;
    }
    let names = lacking.join(", ").to_uppercase();
    Some(format!(
        "the program was compiled for {names}, which the machine lacks: an instruction of it is a fault; {TARGET}"
    ))
}

/// The extension, of those that compilers use unless told not to, of an instruction that the machine does not have (manual,
/// chapter "RV32/64G Instruction Set Listings", and those of the C and V extensions).
const fn extension(word: u32) -> Option<&'static str> {
    let (opcode, funct3) = (word & 0x7f, word >> 12 & 7);
    if word & 3 != 3 {
        // Quadrants 0 and 2: `c.fld c.fsd c.fldsp c.fsdsp`.
        return match (word & 3, word >> 13 & 7) {
            (0 | 2, 1 | 5) => Some("D (double-precision floating point)"),
            _ => None,
        };
    }
    match opcode {
        // Loads and stores, of floats by width, else of vectors.
        0x07 | 0x27 => Some(match funct3 {
            2 => "F (single-precision floating point)",
            3 => "D (double-precision floating point)",
            _ => "V (vectors)",
        }),
        0x43 | 0x47 | 0x4b | 0x4f | 0x53 => Some(if word >> 25 & 3 == 0 {
            "F (single-precision floating point)"
        } else {
            "D (double-precision floating point)"
        }),
        0x57 => Some("V (vectors)"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_source() {
        assert_eq!(demangled("_ZN4core3fmt5write17h0123456789abcdefE"), "core::fmt::write");
        assert_eq!(demangled("_ZN5Shape4areaEv"), "Shape::area()");
        assert_eq!(demangled("main"), "main");
    }

    /// What gcc and Rust's compiler write for several targets.
    #[test]
    fn extensions_that_are_lacking_are_named() {
        let names = |arch| lacking(arch).map(|text| text.split(", which").next().unwrap_or_default()[29..].to_owned());
        assert_eq!(names("rv64i2p1_m2p0_a2p1_c2p0_zmmul1p0_zaamo1p0_zalrsc1p0_zca1p0"), None);
        assert_eq!(names("rv64i2p1_m2p0_a2p1_c2p0_b1p0_zmmul1p0_zba1p0_zbb1p0_zbs1p0"), None);
        let gc = "rv64i2p1_m2p0_a2p1_f2p2_d2p2_c2p0_zicsr2p0_zifencei2p0_zmmul1p0";
        assert_eq!(names(gc).as_deref(), Some("F, D"));
        let gcv = "rv64i2p1_f2p2_d2p2_c2p0_v1p0_zicsr2p0_zve32f1p0_zve64d1p0_zvl128b1p0";
        assert_eq!(names(gcv).as_deref(), Some("F, D, V"));
        assert_eq!(names("rv64i2p1_zbc1p0_zvl128b1p0").as_deref(), Some("ZBC, ZVL128B"));
        assert_eq!(names(""), None);
    }

    /// Words of an assembler for rv64gcv.
    #[test]
    fn extensions_are_told_apart() {
        let cases = [
            (0x0005_2507, Some("F")), // flw fa0, 0(a0)
            (0x00b5_3027, Some("D")), // fsd fa1, 0(a0), not compressed
            (0x00b5_7553, Some("F")), // fadd.s fa0, fa0, fa1
            (0x02b5_7553, Some("D")), // fadd.d fa0, fa0, fa1
            (0x60b5_7543, Some("F")), // fmadd.s fa0, fa0, fa1, fa2
            (0x0d00_7057, Some("V")), // vsetvli zero, zero, e32, m1, ta, ma
            (0x0205_6407, Some("V")), // vle32.v v8, (a0)
            (0x2108, Some("D")),      // c.fld fa0, 0(a0)
            (0xa108, Some("D")),      // c.fsd fa0, 0(a0)
            (0xffff_ffff, None),
            (0x0000_8002, None),
        ];
        for (word, expected) in cases {
            assert_eq!(extension(word).map(|name| &name[..1]), expected, "{word:#x}");
        }
    }
}
