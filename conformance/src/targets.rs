//! What the fuzz targets do with any bytes. The targets themselves are built apart, by ci/fuzz.sh; tests call the
//! same functions with random bytes and with the committed seeds.

use std::sync::{Arc, LazyLock};

use arbitrary::{Arbitrary, Result as Made, Unstructured};
use fast_aot::{Engine, Runner};
use spec_interp::map::{
    HEADER_SIZE, INPUT_SIZE, MAX_INPUT, MAX_OUTPUT, PROGRAM_BASE, PROGRAM_SIZE, RAM_BASE, RAM_SIZE,
};
use spec_interp::{Chunk, Fault, Input, LoadSegment, Op, Outcome, OutputError, Program, replay};

use crate::differ::{Agreed, Difference, compare, compare_chunks};
use crate::generate::{Generated, Hostile, Single};

/// Instructions after which a program is given up.
const LIMIT: u64 = 4000;
/// The sizes of chunks that are chosen from.
const SIZES: [u64; 6] = [1, 2, 3, 7, 64, 1 << 18];

/// What came of some bytes: nothing, where they make no program.
pub type Comparison = Result<Option<Agreed>, Box<Difference>>;

/// A name of a target with its function.
pub type Target = (&'static str, fn(&[u8]) -> Comparison);

/// The targets that compare the engines.
pub const TARGETS: [Target; 5] =
    [("aot", aot), ("single", single), ("replay", chunks), ("elf", file), ("region", region)];

/// A program of either kind, with its input and a size of chunks.
fn program(u: &mut Unstructured<'_>) -> Made<(Arc<Program>, Vec<u8>, u64)> {
    let size = *u.choose(&SIZES)?;
    Ok(if u.ratio(1, 4)? {
        let Generated { program, input } = Generated::arbitrary(u)?;
        (Arc::new(program), input, size)
    } else {
        let Hostile { program, input } = Hostile::arbitrary(u)?;
        (program, input, size)
    })
}

/// A whole program, well behaved or hostile.
///
/// # Errors
/// The first [`Difference`] between the engines.
pub fn aot(bytes: &[u8]) -> Comparison {
    let Ok((program, input, size)) = program(&mut Unstructured::new(bytes)) else { return Ok(None) };
    compare(&program, &input, LIMIT, size).map(Some)
}

/// Single instructions on biased operands.
///
/// # Errors
/// The first [`Difference`] between the engines.
pub fn single(bytes: &[u8]) -> Comparison {
    let Ok(Single { program, .. }) = Single::arbitrary(&mut Unstructured::new(bytes)) else { return Ok(None) };
    compare(&program, &[], LIMIT, 1).map(Some)
}

/// The chunks of the fast engine, replayed and compared with the whole run; then one of them damaged, which may be
/// replayed to anything but a panic.
///
/// # Errors
/// The first [`Difference`] between the replay and the run.
pub fn chunks(bytes: &[u8]) -> Comparison {
    let mut u = Unstructured::new(bytes);
    let Ok((program, input, size)) = program(&mut u) else { return Ok(None) };
    let make = || Runner::new(Arc::clone(&program), &input, Engine::Aot);
    let (agreed, chunks) = compare_chunks(&program, &input, LIMIT, size, &make)?;
    let damage = |u: &mut Unstructured<'_>| -> Made<Option<Chunk<'static>>> {
        let Some(chunk) = chunks.get(u.choose_index(chunks.len())?) else { return Ok(None) };
        let mut chunk = chunk.clone();
        chunk.start.regs[u.int_in_range(1..=31)?] = u.arbitrary()?;
        chunk.start.pc = chunk.start.pc.wrapping_add_signed(u.int_in_range(-8..=8)?);
        chunk.instructions += u.int_in_range(0..=16)?;
        let loads = chunk.loads.to_mut();
        loads.truncate(u.int_in_range(0..=loads.len())?);
        loads.extend(u.arbitrary::<[u64; 2]>()?);
        Ok(Some(chunk))
    };
    if let Ok(Some(damaged)) = damage(&mut u) {
        let _ = replay(&program, &damaged, |_| ());
    }
    Ok(Some(agreed))
}

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

fn segment(piece: Piece) -> LoadSegment {
    let base = if piece.writable { RAM_BASE } else { PROGRAM_BASE };
    let size = piece.bytes.len() as u64 + u64::from(piece.more);
    let Piece { bytes, executable, writable, .. } = piece;
    LoadSegment { base: base + u64::from(piece.offset % (1 << 16)), bytes, size, executable, writable }
}

/// Any file is an error, or a program within the map, which runs alike on both engines.
///
/// # Errors
/// The first [`Difference`] between the engines.
///
/// # Panics
/// If the program is not what a loader may make of a file.
pub fn file(bytes: &[u8]) -> Comparison {
    let file = match File::arbitrary(&mut Unstructured::new(bytes)) {
        Ok(File::Bytes(bytes)) => bytes,
        Ok(File::Damaged { entry, segments, edits }) => {
            let segments: Vec<_> = segments.into_iter().take(4).map(segment).collect();
            let mut file = riscv_tests::elf::write(PROGRAM_BASE + u64::from(entry), &segments);
            for (at, value) in edits {
                let at = usize::from(at) % file.len();
                file[at] = value;
            }
            file
        }
        Err(_) => return Ok(None),
    };
    let Ok(program) = Program::from_elf(&file) else { return Ok(None) };
    within_the_map(&program);
    compare(&Arc::new(program), &[], LIMIT, 3).map(Some)
}

/// Committed examples that read their input, two in Rust and one in C.
static READERS: LazyLock<[Arc<Program>; 3]> = LazyLock::new(|| {
    let elfs: [&[u8]; 3] = [
        include_bytes!("../../examples/elf/sha256.elf"),
        include_bytes!("../../examples/elf/json.elf"),
        include_bytes!("../../examples/elf/echo.elf"),
    ];
    elfs.map(|elf| Arc::new(Program::from_elf(elf).expect("the examples load")))
});

/// Instructions within which they have read some dozens of bytes, or panicked.
const READ_LIMIT: u64 = 20_000;
/// The longest input of which a file is made.
const LONGEST_FILE: u64 = 1 << 16;
/// The exit code of a guest's panic.
const PANICKED: u64 = 101;
/// Lengths around what a region holds, and such as do in their low half.
const LENGTHS: [u64; 11] = [
    MAX_OUTPUT,
    MAX_OUTPUT + 1,
    MAX_INPUT - 1,
    MAX_INPUT,
    MAX_INPUT + 1,
    INPUT_SIZE,
    1 << 32,
    (1 << 32) + 8,
    1 << 40,
    1 << 63,
    u64::MAX,
];

/// One of them, a length and what lies behind it.
fn reader(bytes: &[u8]) -> Made<(Arc<Program>, u64, Vec<u8>)> {
    let mut u = Unstructured::new(bytes);
    let program = Arc::clone(u.choose(&*READERS)?);
    let length = match u.int_in_range(0..=3)? {
        0 => u.arbitrary()?,
        1 => *u.choose(&LENGTHS)?,
        _ => u.int_in_range(0..=80)?,
    };
    Ok((program, length, [&length.to_le_bytes(), u.take_rest()].concat()))
}

/// How a run ended, what it printed, and its output.
type Seen = (Result<Outcome, Fault>, Vec<u8>, Result<Vec<u8>, OutputError>);

fn read(program: &Arc<Program>, input: Input<'_>) -> Seen {
    let mut machine = Runner::new(Arc::clone(program), input, Engine::Aot).expect("the input fits");
    let mut console = Vec::new();
    let end = machine.run(READ_LIMIT, &mut |_, bytes| console.extend(bytes));
    (end, console, machine.output())
}

/// Any contents of the input region run alike on both engines. A guest that reads its input panics on a length that
/// the region cannot hold; else it sees so many bytes and nothing behind them, as if they had come from a file.
///
/// # Errors
/// The first [`Difference`] between the engines.
///
/// # Panics
/// If the guest sees anything else.
pub fn region(bytes: &[u8]) -> Comparison {
    let Ok((program, length, region)) = reader(bytes) else { return Ok(None) };
    let agreed = compare(&program, Input::Region(&region), READ_LIMIT, 64)?;
    let seen = read(&program, Input::Region(&region));
    if length > MAX_INPUT {
        assert_eq!((&seen.0, &seen.2), (&Ok(Outcome::Exited(PANICKED)), &Ok(vec![])), "a length of {length}");
    } else if length <= LONGEST_FILE {
        let mut file = region.get(HEADER_SIZE as usize..).unwrap_or_default().to_vec();
        file.resize(length as usize, 0);
        assert_eq!(seen, read(&program, Input::File(&file)), "a length of {length}");
    }
    Ok(Some(agreed))
}

fn within_the_map(program: &Program) {
    let segments = program.segments();
    for segment in segments {
        let (base, size) = if segment.writable { (RAM_BASE, RAM_SIZE) } else { (PROGRAM_BASE, PROGRAM_SIZE) };
        assert!(segment.size > 0 && segment.bytes.len() as u64 <= segment.size);
        assert!(segment.base >= base && segment.end() <= base + size);
        assert!(!(segment.writable && segment.executable));
    }
    assert!(segments.windows(2).all(|pair| pair[0].end() <= pair[1].base));
    let holds = |pc: u64, len: u64| {
        let inside = |segment: &&LoadSegment| segment.executable && segment.base <= pc && pc + len <= segment.end();
        segments.iter().any(|segment| inside(&segment))
    };
    assert!(program.entry.is_multiple_of(2) && holds(program.entry, 1));
    for (pc, inst) in program.code() {
        assert!(pc.is_multiple_of(2) && holds(*pc, u64::from(inst.len)));
        assert_eq!(program.inst_at(*pc), Some(inst));
        assert!(Op::ALL.contains(&inst.op));
    }
    assert!(program.image().all(|(addr, _)| addr.is_multiple_of(8)));
}
