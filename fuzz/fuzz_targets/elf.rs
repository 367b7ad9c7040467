//! Any file is an error, or a program within the map that runs without a panic.
#![no_main]

use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use spec_interp::map::{PROGRAM_BASE, PROGRAM_SIZE, RAM_BASE, RAM_SIZE};
use spec_interp::{Machine, Program, Segment};

/// Instructions that a loaded program is run for.
const LIMIT: u64 = 1000;

/// A file: bytes, or a well-formed one with some of its bytes changed.
#[derive(Arbitrary, Debug)]
enum File {
    Bytes(Vec<u8>),
    Damaged { entry: u16, segments: Vec<Piece>, edits: Vec<(u16, u8)> },
}

#[derive(Arbitrary, Debug)]
struct Piece {
    offset: u32,
    bytes: Vec<u8>,
    more: u16,
    executable: bool,
    writable: bool,
}

fn segment(piece: Piece) -> Segment {
    let base = if piece.writable { RAM_BASE } else { PROGRAM_BASE };
    let size = piece.bytes.len() as u64 + u64::from(piece.more);
    let Piece { bytes, executable, writable, .. } = piece;
    Segment { base: base + u64::from(piece.offset % (1 << 16)), bytes, size, executable, writable }
}

fn bytes(file: File) -> Vec<u8> {
    match file {
        File::Bytes(bytes) => bytes,
        File::Damaged { entry, segments, edits } => {
            let segments: Vec<_> = segments.into_iter().take(4).map(segment).collect();
            let mut file = riscv_tests::elf::write(PROGRAM_BASE + u64::from(entry), &segments);
            for (at, value) in edits {
                let at = usize::from(at) % file.len();
                file[at] = value;
            }
            file
        }
    }
}

fuzz_target!(|file: File| {
    let file = bytes(file);
    let Ok(program) = Program::from_elf(&file) else {
        return;
    };
    let segments = program.segments();
    for segment in segments {
        let (base, size) = if segment.writable { (RAM_BASE, RAM_SIZE) } else { (PROGRAM_BASE, PROGRAM_SIZE) };
        assert!(segment.size > 0 && segment.bytes.len() as u64 <= segment.size);
        assert!(segment.base >= base && segment.end() <= base + size);
        assert!(!(segment.writable && segment.executable));
    }
    assert!(segments.windows(2).all(|pair| pair[0].end() <= pair[1].base));
    let holds = |pc: u64, len: u64| {
        let inside = |segment: &&Segment| segment.executable && segment.base <= pc && pc + len <= segment.end();
        segments.iter().any(|segment| inside(&segment))
    };
    assert!(program.entry % 2 == 0 && holds(program.entry, 1));
    for (pc, inst) in program.code() {
        assert!(pc % 2 == 0 && holds(*pc, u64::from(inst.len)));
        assert_eq!(program.inst_at(*pc), Some(inst));
    }
    assert!(program.image().all(|(addr, _)| addr % 8 == 0));

    let mut machine = Machine::new(program, &[]).expect("no input always fits");
    let _ = machine.run(LIMIT, &mut ());
});
