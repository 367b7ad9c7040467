//! ELF files, good and bad: every variant of the error, and no panic on damaged bytes.

mod common;

use common::{Ph, R, RW, RX, elf, load};
use spec_interp::map::{PROGRAM_BASE, PROGRAM_SIZE, RAM_BASE, RAM_SIZE};
use spec_interp::{ElfError, Op, Program, Symbols, arch_of_elf};

const NOP: [u8; 4] = [0x13, 0, 0, 0];

fn good() -> Vec<u8> {
    elf(PROGRAM_BASE, &[load(RX, PROGRAM_BASE, &NOP), load(RW, RAM_BASE, &[1, 2, 3])])
}

fn error(file: &[u8]) -> ElfError {
    Program::from_elf(file).unwrap_err()
}

fn error_of(headers: &[Ph]) -> ElfError {
    error(&elf(PROGRAM_BASE, headers))
}

/// A good file with one byte replaced.
fn patched(at: usize, byte: u8) -> Vec<u8> {
    let mut file = good();
    file[at] = byte;
    file
}

#[test]
fn a_good_file_loads() {
    let program = Program::from_elf(&good()).unwrap();
    assert_eq!(program.entry, PROGRAM_BASE);
    assert_eq!(program.segments().len(), 2);
    assert_eq!(program.image().collect::<Vec<_>>(), [(PROGRAM_BASE, 0x13), (RAM_BASE, 0x03_0201)]);
    assert_eq!(program.inst_at(PROGRAM_BASE).map(|inst| inst.op), Some(Op::Addi));
    assert_eq!(program.row_at(PROGRAM_BASE), Some(0));
}

#[test]
fn file_header_errors() {
    assert_eq!(error(b""), ElfError::NotElf);
    assert_eq!(error(b"#!/bin/sh and some more text, longer than a header would be, to be sure"), ElfError::NotElf);
    assert!(matches!(error(&good()[..3]), ElfError::Truncated { end: 64, len: 3, .. }));
    assert!(matches!(error(&good()[..63]), ElfError::Truncated { end: 64, len: 63, .. }));
    assert_eq!(error(&patched(4, 1)), ElfError::Not64Bit { class: 1 });
    assert_eq!(error(&patched(5, 2)), ElfError::NotLittleEndian { data: 2 });
    assert_eq!(error(&patched(18, 62)), ElfError::OtherMachine { machine: 62 });
    assert_eq!(error(&patched(16, 3)), ElfError::NotExecutable { kind: 3 });
    assert_eq!(error(&patched(48, 0b10)), ElfError::HardFloat { abi: 'f' });
    assert_eq!(error(&patched(48, 0b101)), ElfError::HardFloat { abi: 'd' });
    assert!(Program::from_elf(&patched(48, 0b1)).is_ok(), "compressed instructions");
    assert_eq!(error(&patched(54, 55)), ElfError::BadHeader { field: "e_phentsize", value: 55 });
    assert_eq!(error(&patched(56, 0)), ElfError::BadHeader { field: "e_phnum", value: 0 });
    assert!(matches!(error(&patched(57, 0x7f)), ElfError::Truncated { .. }), "32,514 program headers");
    assert!(matches!(error(&patched(39, 0xff)), ElfError::Truncated { .. }), "program headers near 2^64");
}

#[test]
fn segment_errors() {
    let code = load(RX, PROGRAM_BASE, &NOP);
    let good = good();
    assert!(matches!(error(&good[..good.len() - 1]), ElfError::Truncated { .. }));
    for kind in [2, 3] {
        let dynamic = Ph { kind, ..load(R, PROGRAM_BASE + 8, &[0]) };
        assert_eq!(error_of(&[code.clone(), dynamic]), ElfError::Dynamic { index: 1 });
    }
    let shrunk = Ph { memsz: 3, ..code.clone() };
    let expected = ElfError::FileLargerThanMemory { index: 0, base: PROGRAM_BASE, filesz: 4, memsz: 3 };
    assert_eq!(error_of(&[shrunk]), expected);
    for base in [PROGRAM_BASE, RAM_BASE] {
        assert_eq!(error_of(&[load(7, base, &NOP)]), ElfError::WritableCode { index: 0, base });
    }
    let overlapping = [code.clone(), load(R, PROGRAM_BASE + 3, &[0])];
    assert_eq!(error_of(&overlapping), ElfError::Overlap { end: PROGRAM_BASE + 4, base: PROGRAM_BASE + 3 });
}

#[test]
fn segments_outside_the_map() {
    let outside = [
        load(RX, RAM_BASE, &NOP),
        load(RW, PROGRAM_BASE, &NOP),
        load(R, 0x9000_0000, &NOP),
        load(RW, 0x9000_0000, &NOP),
        load(R, 0, &NOP),
        load(RW, RAM_BASE - 1, &NOP),
        load(RX, PROGRAM_BASE + PROGRAM_SIZE - 3, &NOP),
        load(RW, 0x1_a000_0000, &NOP),
        load(RW, u64::MAX, &NOP),
        Ph { memsz: RAM_SIZE + 1, ..load(RW, RAM_BASE, &NOP) },
        Ph { memsz: u64::MAX, ..load(RW, RAM_BASE, &NOP) },
        Ph { filesz: u64::MAX, memsz: u64::MAX, ..load(RX, PROGRAM_BASE, &NOP) },
    ];
    for ph in outside {
        let expected = ElfError::OutsideMap { index: 0, base: ph.vaddr, size: ph.memsz, writable: ph.flags & 2 != 0 };
        assert_eq!(error_of(&[ph]), expected);
    }
}

#[test]
fn entry_errors() {
    let headers = [load(RX, PROGRAM_BASE, &NOP), load(R, PROGRAM_BASE + 16, &NOP), load(RW, RAM_BASE, &NOP)];
    for entry in [0, PROGRAM_BASE + 1, PROGRAM_BASE + 4, PROGRAM_BASE + 16, RAM_BASE, u64::MAX] {
        assert_eq!(error(&elf(entry, &headers)), ElfError::BadEntry { entry });
    }
}

#[test]
fn messages_say_where_and_what_to_do() {
    let message = error_of(&[load(RW, 0x1000, &NOP)]).to_string();
    assert_eq!(
        message,
        "segment 0 (0x1000, 0x4 bytes) is writable and must lie in RAM (0xa0000000, 1 GiB); use the guest's linker script"
    );
}

#[test]
fn code_is_decoded_at_every_even_address_within_its_segment() {
    // A full-width instruction whose upper half is a compressed one, then the first half of another.
    let code = [0x37, 0x05, 0x01, 0x45, 0x13, 0x00];
    let program = Program::from_elf(&elf(PROGRAM_BASE, &[load(RX, PROGRAM_BASE, &code)])).unwrap();
    let ops: Vec<_> = program.code().iter().map(|(pc, inst)| (pc - PROGRAM_BASE, inst.op, inst.len)).collect();
    assert_eq!(ops, [(0, Op::Lui, 4), (2, Op::Addi, 2)]);
    assert_eq!(program.inst_at(PROGRAM_BASE + 1), None);
    assert_eq!(program.inst_at(PROGRAM_BASE - 2), None);
    assert_eq!(program.inst_at(PROGRAM_BASE + 4), None, "reaches past the segment");
    assert_eq!(program.inst_at(PROGRAM_BASE + (1 << 32)), None);
    assert_eq!(program.raw_at(PROGRAM_BASE + 4), Some(0x13));
    // Zeros of memory behind the file's bytes complete an instruction.
    let longer = Ph { memsz: 8, ..load(RX, PROGRAM_BASE, &code) };
    let program = Program::from_elf(&elf(PROGRAM_BASE, &[longer])).unwrap();
    assert_eq!(program.inst_at(PROGRAM_BASE + 4).map(|inst| inst.op), Some(Op::Addi));
}

#[test]
fn segments_that_share_a_doubleword_merge() {
    let headers = [load(R, PROGRAM_BASE + 6, &[0xaa, 0xbb, 0xcc]), load(RX, PROGRAM_BASE, &[0x01, 0, 0x01, 0])];
    let program = Program::from_elf(&elf(PROGRAM_BASE, &headers)).unwrap();
    let image: Vec<_> = program.image().collect();
    assert_eq!(image, [(PROGRAM_BASE, 0xbbaa_0000_0001_0001), (PROGRAM_BASE + 8, 0xcc)]);
}

#[test]
fn huge_sparse_programs_cost_nothing() {
    let last = PROGRAM_BASE + PROGRAM_SIZE - 4;
    let bss = Ph { memsz: RAM_SIZE, ..load(RW, RAM_BASE, &[]) };
    let headers = [load(RX, PROGRAM_BASE, &NOP), load(RX, last, &NOP), bss];
    let program = Program::from_elf(&elf(last, &headers)).unwrap();
    assert_eq!(program.code().len(), 2);
    assert_eq!(program.image().count(), 2);
}

#[test]
fn damaged_files_give_errors_not_panics() {
    let good = good();
    for len in 0..good.len() {
        error(&good[..len]);
    }
    for at in 0..good.len() {
        for byte in [0, 1, 0x7f, 0x80, 0xff] {
            let _ = Program::from_elf(&patched(at, byte));
        }
    }
}

/// The file with a table of symbols: name, value, bytes, and whether it is defined.
fn with_symbols(symbols: &[(&str, u64, u64, bool)]) -> Vec<u8> {
    let mut file = good();
    let (mut names, mut table) = (vec![0], vec![0; 24]);
    for &(name, value, size, is_defined) in symbols {
        table.extend((names.len() as u32).to_le_bytes());
        table.extend([0x12, 0, u8::from(is_defined), 0]);
        table.extend([value, size].map(u64::to_le_bytes).concat());
        names.extend(name.bytes().chain([0]));
    }
    let section = |kind: u64, offset: usize, size: usize| {
        // Name 0 and type, no flags, no address; the third section has the names.
        [kind << 32, 0, 0, offset as u64, size as u64, 2, 1, 24].map(u64::to_le_bytes).concat()
    };
    let (names_at, table_at) = (file.len(), file.len() + names.len());
    let sections = [section(0, 0, 0), section(2, table_at, table.len()), section(3, names_at, names.len())].concat();
    file.extend([names, table].concat());
    let sections_at = file.len() as u64;
    file[40..48].copy_from_slice(&sections_at.to_le_bytes());
    file[58..62].copy_from_slice(&[64, 0, 3, 0]);
    file.extend(sections);
    file
}

#[test]
fn symbols_name_addresses() {
    let [first, second] = [PROGRAM_BASE, PROGRAM_BASE + 8];
    let symbols = [("start", first, 4, true), ("$x", first, 0, true), ("end", second, 0, true), ("away", 0, 0, false)];
    let symbols = Symbols::of_elf(&with_symbols(&symbols));
    assert_eq!(
        (symbols.value("start"), symbols.value("end"), symbols.value("away")),
        (Some(first), Some(second), None)
    );
    assert_eq!((symbols.value(""), symbols.value("sta")), (None, None));
    let nearest = [first, first + 2, first + 4, second, second + 100].map(|address| symbols.nearest(address));
    assert_eq!(nearest, [Some(("start", 0)), Some(("start", 2)), None, Some(("end", 0)), Some(("end", 100))]);
    assert_eq!(symbols.nearest(first - 2), None);
    // What compilers name in between is no function.
    let labelled = [("outer", first, 40, true), (".L0 ", first + 4, 0, true), ("label", first + 8, 0, true)];
    let labelled = Symbols::of_elf(&with_symbols(&labelled));
    assert_eq!(labelled.nearest(first + 10), Some(("outer", 10)));
    assert_eq!(labelled.nearest(first + 40), None);
    assert_eq!(Symbols::of_elf(&good()).value("start"), None);
}

/// A stack or a heap that is only referred to lies nowhere; one that is there is no place for segments.
#[test]
fn segments_keep_out_of_stack_and_heap() {
    let refused = |symbols: &[(&str, u64, u64, bool)]| Program::from_elf(&with_symbols(symbols)).err();
    let end = RAM_BASE + RAM_SIZE;
    let heap = |start, is_defined| [("__heap_start", start, 0, is_defined), ("__heap_end", end, 0, true)];
    assert_eq!(refused(&heap(RAM_BASE + 3, true)), None);
    assert_eq!(refused(&heap(0, false)), None);
    assert!(matches!(refused(&heap(RAM_BASE + 2, true)), Some(ElfError::Owned { what: "heap", .. })));
    let stack = |bottom| [("__stack_bottom", bottom, 0, true), ("__stack_top", RAM_BASE + 64, 0, true)];
    assert_eq!(refused(&stack(RAM_BASE + 3)), None);
    assert!(matches!(refused(&stack(RAM_BASE)), Some(ElfError::Owned { what: "stack", .. })));
    let sized = |size| [("__stack_size", size, 0, true), ("__stack_top", RAM_BASE + 64, 0, true)];
    assert_eq!(refused(&sized(61)), None);
    assert!(matches!(refused(&sized(64)), Some(ElfError::Owned { what: "stack", .. })));
    // Of a stack of no known size there is what is pushed first.
    let top = |top| [("__stack_top", top, 0, true)];
    assert_eq!(refused(&top(RAM_BASE)), None);
    assert_eq!(refused(&top(RAM_BASE + 19)), None);
    assert!(matches!(refused(&top(RAM_BASE + 18)), Some(ElfError::Owned { symbols: "__stack_top", .. })));
}

/// Many symbols of one long name: no more of them is kept than the file is long.
#[test]
fn names_that_are_shared_cost_no_more_than_the_file() {
    let long = "n".repeat(5_000);
    let many: Vec<_> = (0..500).map(|i| ("", PROGRAM_BASE + i, 0, true)).collect();
    let mut file = with_symbols(&[&[(long.as_str(), PROGRAM_BASE, 0, true)], &many[..]].concat());
    // The table stands behind the names; its entries begin with where theirs is.
    let table = file.windows(5_000).position(|bytes| bytes == long.as_bytes()).unwrap() + 5_001 + many.len();
    for entry in (2..502).map(|i| table + 24 * i) {
        file[entry..entry + 4].copy_from_slice(&1_u32.to_le_bytes());
    }
    let symbols = Symbols::of_elf(&file);
    assert_eq!(symbols.nearest(PROGRAM_BASE), Some((long.as_str(), 0)));
    assert!(symbols.nearest(PROGRAM_BASE + 400).is_some_and(|(_, offset)| offset > 300));
}

#[test]
fn damaged_tables_of_symbols_are_none() {
    let file = with_symbols(&[("start", PROGRAM_BASE, 4, true)]);
    for at in (0..file.len()).filter(|at| !(64..64 + 2 * 56).contains(at)) {
        for value in [0, 1, 0x7f, 0xff] {
            let mut file = file.clone();
            file[at] = value;
            let _ = (Symbols::of_elf(&file), Program::from_elf(&file));
        }
    }
    for len in 0..file.len() {
        let _ = Symbols::of_elf(&file[..len]);
    }
}

/// What Rust's compiler and its linker write.
#[test]
fn a_file_says_what_it_was_compiled_for() {
    let arch = "rv64i2p1_m2p0_a2p1_c2p0_zmmul1p0_zaamo1p0_zalrsc1p0_zca1p0";
    let mut file = include_bytes!("../../examples/elf/echo.elf").to_vec();
    assert_eq!(arch_of_elf(&file), Some(arch));
    assert_eq!(arch_of_elf(&good()), None);
    let at = file.windows(arch.len()).position(|bytes| bytes == arch.as_bytes()).unwrap();
    // The vendor's name, tags and lengths stand before it, its end and the headers of the sections behind it.
    for at in (at - 40..at).chain(at + arch.len()..file.len()) {
        let byte = file[at];
        for value in [0, 1, 0x7f, 0x80, 0xff] {
            file[at] = value;
            let _ = arch_of_elf(&file);
        }
        file[at] = byte;
    }
    for len in (0..file.len()).rev().take(2_000) {
        let _ = arch_of_elf(&file[..len]);
    }
}
