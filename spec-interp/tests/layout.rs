//! The linker script with every set of sections and two linkers: nothing that a program owns lies in its stack or heap, or
//! in something else of its own. Each program is read, and run: it fills stack and heap before it looks at its variables.
//!
//! Needs `riscv64-unknown-elf-as` and `riscv64-unknown-elf-ld` (Debian's binutils-riscv64-unknown-elf), which CI installs;
//! LLVM's linker comes with the compiler.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

use rayon::prelude::*;
use spec_interp::map::{PROGRAM_BASE, PROGRAM_SIZE, RAM_BASE, RAM_SIZE};
use spec_interp::{Machine, Outcome, Program, Symbols};
use tempfile::TempDir;

/// A section that a program may have.
struct Section {
    name: &'static str,
    /// Flags and type, as an assembler wants them.
    rights: &'static str,
    /// Bytes of its variable.
    size: u64,
    /// Logarithm of the variable's alignment.
    align: u32,
    /// Whether it holds [`WORD`], at its start; else it is zero.
    is_filled: bool,
}

/// What a variable that does not start as zero holds.
const WORD: u64 = 0x0123_4567_89ab_cdef;

const fn section(name: &'static str, rights: &'static str, size: u64, align: u32) -> Section {
    Section { name, rights, size, align, is_filled: true }
}

const fn zeros(name: &'static str, rights: &'static str, size: u64, align: u32) -> Section {
    Section { name, rights, size, align, is_filled: false }
}

/// All but common symbols and constructors, which are no variables in a section of their own.
const SECTIONS: [Section; 14] = [
    section(".data", "\"aw\",@progbits", 8, 3),
    section(".sdata", "\"aw\",@progbits", 8, 3),
    zeros(".bss", "\"aw\",@nobits", 70_000, 4),
    zeros(".sbss", "\"aw\",@nobits", 24, 3),
    section(".tdata", "\"awT\",@progbits", 40, 5),
    zeros(".tbss", "\"awT\",@nobits", 4_000, 6),
    zeros(".noinit", "\"aw\",@nobits", 9_000, 3),
    section(".mysection", "\"aw\",@progbits", 16, 3),
    zeros(".myzeros", "\"aw\",@nobits", 12_344, 12),
    section(".rodata", "\"a\",@progbits", 8, 3),
    section(".myconstants", "\"a\",@progbits", 8, 3),
    section(".mycode", "\"ax\",@progbits", 8, 3),
    section(".noinit.filled", "\"aw\",@progbits", 8, 3),
    section(".mytls", "\"awT\",@progbits", 16, 3),
];
const COMMON: usize = SECTIONS.len();
const CONSTRUCTORS: usize = COMMON + 1;
/// How many there are to choose from.
const KINDS: usize = CONSTRUCTORS + 1;
/// Those of every program of some size, and one that is the program's own.
const NAMED: [usize; 10] = [0, 1, 2, 3, 4, 5, 6, 7, COMMON, CONSTRUCTORS];
const OTHERS: [usize; KINDS - NAMED.len()] = [8, 9, 10, 11, 12, 13];
/// Bytes of the common symbol.
const COMMON_SIZE: u64 = 5_000;
/// Bytes of the stack, of which each program is told.
const STACK: u64 = 0x4000;

/// The library's own.
const START: &str = include_str!("../../guest/src/start.s");

/// Fills the stack below it and the start of the heap, and goes on with the checks that are linked behind it.
const MAIN: &str = "
    .text
    .globl main
main:
    li t0, 0xa0000000
    li t2, -1
    mv t1, sp
1:  addi t1, t1, -8
    sd t2, 0(t1)
    bne t1, t0, 1b
    la t0, __heap_start
    li t1, 4096
    add t1, t1, t0
2:  sd t2, 0(t0)
    addi t0, t0, 8
    bne t0, t1, 2b
";

/// Behind all checks, none of which calls anything.
const END: &str = "
    .text
    li a0, 0
    ret
    .globl fail
fail:
    li a0, 1
    ret
";

/// The name of the variable in a section.
fn variable(kind: usize) -> String {
    format!("variable_{kind}")
}

/// A variable, and code that falls through if its first and last words are as they should be.
fn source(kind: usize) -> String {
    let name = variable(kind);
    let check = |size: u64, word: u64, address: &str| {
        let last = size - 8;
        let last_word = if size == 8 { word } else { 0 };
        format!(
            ".text\n{address}\n ld t1, 0(t0)\n li t2, {word}\n beq t1, t2, 1f\n tail fail\n1: li t1, {last}\n \
             add t0, t0, t1\n ld t1, 0(t0)\n li t2, {last_word}\n beq t1, t2, 2f\n tail fail\n2:\n"
        )
    };
    if kind == COMMON {
        let check = check(COMMON_SIZE, 0, &format!(" la t0, {name}"));
        return format!(" .comm {name}, {COMMON_SIZE}, 64\n{check}");
    }
    if kind == CONSTRUCTORS {
        // It counts its calls in a register of its own.
        return format!(
            " .section .init_array,\"aw\",@init_array\n .quad {name}\n .text\n j 1f\n{name}: addi s11, s11, 1\n ret\n\
             1: li t0, 1\n beq s11, t0, 2f\n tail fail\n2:\n"
        );
    }
    let Section { name: section, rights, size, align, is_filled } = SECTIONS[kind];
    let word = if is_filled { WORD } else { 0 };
    let contents = if is_filled { format!(".quad {word}\n .zero {}", size - 8) } else { format!(".zero {size}") };
    let address = if rights.contains('T') {
        format!(" lui t0, %tprel_hi({name})\n add t0, t0, tp, %tprel_add({name})\n addi t0, t0, %tprel_lo({name})")
    } else {
        format!(" la t0, {name}")
    };
    let check = check(size, word, &address);
    format!(" .section {section},{rights}\n .globl {name}\n .balign {}\n{name}: {contents}\n{check}", 1 << align)
}

fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// The objects of all sections, and those at both ends.
struct Objects(TempDir);

impl Objects {
    /// None without an assembler.
    fn assemble() -> Option<Self> {
        let assembler = "riscv64-unknown-elf-as";
        if Command::new(assembler).arg("--version").output().is_err() {
            assert!(env::var("CI").is_err(), "CI has {assembler}");
            println!("skipped: no {assembler}");
            return None;
        }
        let objects = Self(TempDir::new().unwrap());
        let sources = (0..KINDS).map(|kind| (kind.to_string(), source(kind)));
        let others = [("start", START), ("main", MAIN), ("end", END)];
        for (name, source) in sources.chain(others.map(|(name, source)| (name.to_owned(), source.to_owned()))) {
            let path = objects.path(&name).with_extension("s");
            fs::write(&path, source).unwrap();
            run(Command::new(assembler).args(["-march=rv64imac", "-o"]).arg(objects.path(&name)).arg(path));
        }
        Some(objects)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name).with_extension("o")
    }

    /// A program of the sections whose bits are set.
    fn link(&self, linker: &[String], set: usize) -> Vec<u8> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../guest/zisk.ld");
        let program = self.0.path().join(format!("{set}-{}.elf", linker.len()));
        let kinds = (0..KINDS).filter(|kind| set >> kind & 1 == 1).map(|kind| kind.to_string());
        let names = ["start", "main"].map(str::to_owned).into_iter().chain(kinds).chain(["end".to_owned()]);
        let mut command = Command::new(&linker[0]);
        command.args(&linker[1..]).arg("-T").arg(script).arg(format!("--defsym=__stack_size={STACK}"));
        run(command.args(names.map(|name| self.path(&name))).arg("-o").arg(&program));
        let elf = fs::read(&program).unwrap();
        fs::remove_file(program).unwrap();
        elf
    }
}

/// GNU's linker and LLVM's, which comes with most compilers.
fn linkers() -> Vec<Vec<String>> {
    let sysroot = run(Command::new("rustc").args(["--print", "target-libdir"])).stdout;
    let libraries = PathBuf::from(String::from_utf8(sysroot).unwrap().trim());
    let lld = libraries.with_file_name("bin").join("rust-lld");
    let mut linkers = vec![vec!["riscv64-unknown-elf-ld".to_owned()]];
    if lld.exists() {
        linkers.push([lld.to_str().unwrap(), "-flavor", "gnu", "--threads=1"].map(str::to_owned).to_vec());
    } else {
        println!("skipped: no {}", lld.display());
    }
    linkers
}

/// Where the variables of a set of sections are: first and last address.
fn variables(set: usize, symbols: &Symbols) -> Vec<(u64, u64)> {
    let threads = symbols.value("__tls_base").unwrap();
    let place = |kind: usize| {
        let is_thread = SECTIONS.get(kind).is_some_and(|section| section.rights.contains('T'));
        let base = if is_thread { threads } else { 0 };
        let start = base + symbols.value(&variable(kind)).unwrap();
        (start, start + SECTIONS.get(kind).map_or(COMMON_SIZE, |section| section.size))
    };
    let mut places: Vec<_> = (0..=COMMON).filter(|kind| set >> kind & 1 == 1).map(place).collect();
    places.sort_unstable();
    places
}

fn check(objects: &Objects, linker: &[String], set: usize) {
    let elf = objects.link(linker, set);
    let what = format!("{} with {set:#b}", linker[0]);
    let program = Program::from_elf(&elf).unwrap_or_else(|error| panic!("{what}: {error}"));
    let symbols = Symbols::of_elf(&elf);
    let [top, heap, end] = ["__stack_top", "__heap_start", "__heap_end"].map(|name| symbols.value(name).unwrap());
    assert_eq!((top, end), (RAM_BASE + STACK, RAM_BASE + RAM_SIZE), "{what}");
    for segment in program.segments() {
        let (low, high) = if segment.writable { (top, heap) } else { (PROGRAM_BASE, PROGRAM_BASE + PROGRAM_SIZE) };
        assert!(low <= segment.base && segment.end() <= high, "{what}: {:#x} to {:#x}", segment.base, segment.end());
    }
    let variables = variables(set, &symbols);
    assert!(variables.windows(2).all(|pair| pair[0].1 <= pair[1].0), "{what}: {variables:x?}");
    let owned = |&(start, end): &(u64, u64)| {
        program.segments().iter().any(|segment| segment.base <= start && end <= segment.end())
    };
    assert!(variables.iter().all(owned), "{what}: {variables:x?}");
    let mut machine = Machine::new(program, &[]).unwrap();
    assert_eq!(machine.run(100_000, &mut ()), Ok(Outcome::Exited(0)), "{what}");
}

/// Every set of the sections that compilers fill and of one more; whether the rest is there, too, differs from set to set.
/// All sets with `ZISK_FULL=1`.
#[test]
fn no_section_lies_in_stack_or_heap() {
    let Some(objects) = Objects::assemble() else { return };
    let with_others = |named: usize| {
        let chosen = named.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (usize::BITS - OTHERS.len() as u32);
        spread(named, &NAMED) | spread(chosen, &OTHERS)
    };
    let sets: Vec<usize> = match env::var("ZISK_FULL") {
        Ok(_) => (0..1 << KINDS).collect(),
        Err(_) => (0..1 << NAMED.len()).map(with_others).collect(),
    };
    let linkers = linkers();
    sets.par_iter().for_each(|&set| linkers.iter().for_each(|linker| check(&objects, linker, set)));
}

/// The bits of a number in other places.
fn spread(bits: usize, places: &[usize]) -> usize {
    places.iter().enumerate().map(|(i, place)| (bits >> i & 1) << place).sum()
}

/// The size of the stack counts wherever it stands on the command line.
#[test]
fn the_stack_has_the_size_asked_for() {
    let Some(objects) = Objects::assemble() else { return };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../guest/zisk.ld");
    let [script, asked] = [format!("-T{}", script.display()), "--defsym=__stack_size=0x400000".to_owned()];
    for linker in linkers() {
        for (arguments, size) in
            [(vec![&script, &asked], 4 << 20), (vec![&asked, &script], 4 << 20), (vec![&script], 1 << 20)]
        {
            let program = objects.path("program");
            let mut command = Command::new(&linker[0]);
            command.args(&linker[1..]).args(&arguments).args(["start", "main", "end"].map(|name| objects.path(name)));
            run(command.arg("-o").arg(&program));
            let symbols = Symbols::of_elf(&fs::read(program).unwrap());
            assert_eq!(symbols.value("__stack_top"), Some(RAM_BASE + size), "{command:?}");
        }
    }
}

/// A script that has variables at the bottom of RAM, and a stack or a heap where they are.
#[test]
fn a_program_that_contradicts_its_symbols_is_refused() {
    let Some(objects) = Objects::assemble() else { return };
    let refused = |symbols: &str| {
        let script = objects.0.path().join("script.ld");
        let sections = "SECTIONS { .text 0x80000000 : { *(.text.*) *(.text) } .bss 0xa0000000 : { *(.bss) } }";
        fs::write(&script, format!("ENTRY(_start) {sections} {symbols}")).unwrap();
        let names = ["__global_pointer$", "__tls_base", "__heap_start", "__init_array_start", "__init_array_end"];
        let program = objects.path("program");
        let mut command = Command::new("riscv64-unknown-elf-ld");
        command.args(
            names.iter().filter(|name| !symbols.contains(*name)).map(|name| format!("--defsym={name}=0xa0020000")),
        );
        command.arg("-T").arg(script).args(["start", "main", "2", "end"].map(|name| objects.path(name)));
        run(command.arg("-o").arg(&program));
        Program::from_elf(&fs::read(program).unwrap()).map(|_| ()).map_err(|error| error.to_string())
    };
    let bss = "the segment from 0xa0000000 to 0xa0011170 lies in the";
    let advice = "use the guest's linker script, or have these symbols say what is free";
    assert_eq!(
        refused("__stack_top = 0xa0100000; __stack_size = 0x100000;"),
        Err(format!("{bss} stack, which is 0xa0000000 to 0xa0100000 by __stack_top and __stack_size; {advice}"))
    );
    assert_eq!(
        refused("__stack_top = 0xa0100000; __heap_start = 0xa0011000; __heap_end = 0xe0000000;"),
        Err(format!("{bss} heap, which is 0xa0011000 to 0xe0000000 by __heap_start and __heap_end; {advice}"))
    );
    assert_eq!(refused("__stack_top = 0xa0100000; __stack_size = 0x8000;"), Ok(()));
}
