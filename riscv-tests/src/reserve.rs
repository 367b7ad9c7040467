//! LR and SC: pairs that must write, and every way in which a pair must not.

use spec_interp::map::{INPUT_BASE, PROGRAM_BASE, RAM_BASE};
use spec_interp::{Op, Program};

use crate::Case;
use crate::amo::{DOUBLES, Emit, orderings, write_word};
use crate::asm::{Asm, Code, FREE, rv};
use crate::memory::{BYTES, expect_word, loaded};
use crate::operands::BOUNDARY;

/// An `lr` and the `sc` of its width, each plain, acquire, release, both.
pub(crate) struct Pair {
    pub width: usize,
    pub lr_op: Op,
    pub sc_op: Op,
    /// Assembles `lr` with rd and rs1.
    pub lr: [fn(&mut Code, u8, u8); 4],
    /// Assembles `sc`.
    pub sc: [Emit; 4],
}

macro_rules! lr {
    ($($name:ident).+) => {
        [
            |code, d, s| rv!(code; $($name).+ X(d), [X(s)]),
            |code, d, s| rv!(code; $($name).+.aq X(d), [X(s)]),
            |code, d, s| rv!(code; $($name).+.rl X(d), [X(s)]),
            |code, d, s| rv!(code; $($name).+.aqrl X(d), [X(s)]),
        ]
    };
}

pub(crate) const WORD: Pair = Pair { width: 4, lr_op: Op::LrW, sc_op: Op::ScW, lr: lr!(lr.w), sc: orderings!(sc.w) };
pub(crate) const DOUBLE: Pair = Pair { width: 8, lr_op: Op::LrD, sc_op: Op::ScD, lr: lr!(lr.d), sc: orderings!(sc.d) };
/// Both widths.
pub(crate) const PAIRS: [Pair; 2] = [WORD, DOUBLE];

pub(crate) fn cases() -> Vec<Case> {
    let mut cases: Vec<_> =
        PAIRS.iter().map(|pair| Case::passing(format!("reserve/{}", pair.lr_op), pairs(pair))).collect();
    cases.extend(PAIRS.iter().map(|pair| Case::passing(format!("reserve/{}", pair.sc_op), registers(pair))));
    cases.push(Case::passing("reserve/stories", program(&STORIES)));
    cases.push(Case { input: BYTES.to_vec(), ..Case::passing("reserve/read_only", read_only()) });
    cases
}

/// Pairs that write: boundary values, both halves, all places and orderings.
fn pairs(pair: &Pair) -> Program {
    let mut asm = Asm::new();
    for (i, (x, y)) in BOUNDARY.into_iter().zip(BOUNDARY.into_iter().cycle().skip(5)).enumerate() {
        for place in [0, 8 - pair.width] {
            let double = DOUBLES[i % 8];
            let (rd, rs1, rs2) = (FREE[i], FREE[i + 9], FREE[(i + 17) % 28]);
            let mut bytes = x.to_le_bytes();
            asm.begin();
            write_word(&mut asm, double, x);
            asm.li(rs1, double + place as u64);
            (pair.lr[i % 4])(&mut asm.code, rd, rs1);
            asm.expect(rd, loaded(&bytes[place..place + pair.width], true));
            asm.li(rs2, y);
            (pair.sc[i / 4])(&mut asm.code, rd, rs2, rs1);
            asm.expect(rd, 0);
            bytes[place..place + pair.width].copy_from_slice(&y.to_le_bytes()[..pair.width]);
            expect_word(&mut asm, double, &bytes);
            write_word(&mut asm, double, 0);
        }
    }
    asm.finish()
}

/// The (rd, rs1, rs2) of every way in which those of an `sc` can coincide, and x0 as each but the address.
const ALIASES: [[u8; 3]; 8] =
    [[12, 10, 11], [10, 10, 11], [11, 10, 11], [12, 10, 10], [10, 10, 10], [0, 10, 11], [12, 10, 0], [0, 10, 0]];

/// Each coincidence in an `sc` that writes and in one that does not, and in the `lr` before.
fn registers(pair: &Pair) -> Program {
    let mut asm = Asm::new();
    let old = 0x8765_4321_fedc_ba98_u64;
    for (i, [rd, rs1, rs2]) in ALIASES.into_iter().enumerate() {
        for writes in [true, false] {
            asm.begin();
            write_word(&mut asm, RAM_BASE + 8, old);
            asm.li(20, RAM_BASE + if writes { 8 } else { 0 });
            // With x0 as its destination an lr reserves no less; with its own base it has read that before.
            let target = [0, 20, 21][i % 3];
            (pair.lr[i % 4])(&mut asm.code, target, 20);
            let y = 0x1122_3344_5566_7788;
            asm.li(rs2, y);
            asm.li(rs1, RAM_BASE + 8);
            (pair.sc[i % 4])(&mut asm.code, rd, rs2, rs1);
            asm.expect(rd, if rd == 0 { 0 } else { (!writes).into() });
            let y = match rs2 {
                0 => 0,
                _ if rs2 == rs1 => RAM_BASE + 8,
                _ => y,
            };
            let mut bytes = old.to_le_bytes();
            if writes {
                bytes[..pair.width].copy_from_slice(&y.to_le_bytes()[..pair.width]);
            }
            expect_word(&mut asm, RAM_BASE + 8, &bytes);
            let read = if writes { old } else { 0 };
            match target {
                0 => asm.expect(0, 0),
                _ => asm.expect(target, loaded(&read.to_le_bytes()[..pair.width], true)),
            }
        }
    }
    asm.finish()
}

/// What can happen to a reservation. Places are distances from the start of RAM.
#[derive(Clone, Copy)]
pub(crate) enum Act {
    LrW(u64),
    LrD(u64),
    /// An `sc.w` at this place that must write, or must not.
    ScW(u64, bool),
    /// An `sc.d` likewise.
    ScD(u64, bool),
    /// A doubleword stored, plainly.
    Store(u64),
    /// A doubleword loaded.
    Load(u64),
    /// An atomic of the other kind.
    Amo(u64),
    /// A system call.
    Call,
}
use Act::{Amo, Call, Load, LrD, LrW, ScD, ScW, Store};

/// What can happen from one `sc` to another, with which each ends, and so without a reservation for the next.
pub(crate) type Story = &'static [Act];

/// The first `sc` has no reservation because the program just began.
pub(crate) const SC_W_WITHOUT_LR: [Story; 1] = [&[ScW(0, false), ScW(4, false), ScD(0, false)]];
/// The same of the other width.
pub(crate) const SC_D_WITHOUT_LR: [Story; 1] = [&[ScD(0, false), ScW(0, false), ScD(0, false)]];
/// Each `sc` ends the reservation, also one that fails.
pub(crate) const SC_AFTER_SC: [Story; 3] = [
    &[LrD(0), ScD(0, true), ScD(0, false)],
    &[LrW(4), ScW(4, true), ScW(4, false)],
    &[LrD(0), ScD(8, false), ScD(0, false)],
];
/// The other half, the next doubleword, bits of other limbs.
pub(crate) const SC_AT_ANOTHER_ADDRESS: [Story; 7] = [
    &[LrW(0), ScW(4, false)],
    &[LrW(4), ScW(0, false)],
    &[LrW(0), ScW(8, false)],
    &[LrD(0), ScD(0x100, false)],
    &[LrD(0x1_0000), ScD(0, false)],
    &[LrD(8), ScD(0x1_0008, false)],
    &[LrW(0x2000_0000), ScW(0, false)],
];
/// Narrower and wider; one that fails for that ends the reservation too.
pub(crate) const SC_OF_ANOTHER_WIDTH: [Story; 3] =
    [&[LrD(0), ScW(0, false), ScD(0, false)], &[LrD(0), ScW(4, false)], &[LrW(0), ScD(0, false)]];

const STORIES: [Story; 11] = [
    &[LrD(0), ScD(0, true)],
    &[LrW(0), ScW(0, true)],
    &[LrW(4), ScW(4, true)],
    // Only the last lr counts.
    &[LrD(0), LrD(8), ScD(0, false)],
    &[LrD(0), LrD(8), ScD(8, true)],
    &[LrD(0), LrW(0), ScD(0, false)],
    &[LrW(0), LrD(0), ScD(0, true), ScW(0, false)],
    &[LrW(0), LrW(0), ScW(0, true)],
    // Nothing else ends it: this hart is alone, and the bytes reserved may change under the reservation.
    &[LrD(0), Store(0), Store(8), Load(0), ScD(0, true)],
    &[LrW(4), Amo(0), Amo(8), ScW(4, true)],
    &[LrD(8), Call, ScD(8, true)],
];

/// The stories one after the other, each doubleword that they touch checked after each act.
pub(crate) fn program(stories: &[Story]) -> Program {
    let mut asm = Asm::new();
    let mut value = 0x8111_2222_9333_4444_u64;
    let places = [0, 8, 0x100, 0x1_0000, 0x1_0008, 0x2000_0000];
    let mut memory = places.map(|place| (place, 0_u64.to_le_bytes()));
    for (i, &act) in stories.iter().copied().flatten().enumerate() {
        let (LrW(at) | LrD(at) | ScW(at, _) | ScD(at, _) | Store(at) | Load(at) | Amo(at)) = act else {
            asm.li(17, 64);
            let code = &mut asm.code;
            rv!(code; ecall);
            continue;
        };
        value = value.rotate_left(7).wrapping_add(i as u64);
        let Some((double, bytes)) = memory.iter_mut().find(|(double, _)| *double == at & !7) else { continue };
        let place = (at % 8) as usize;
        let (rd, rs1, rs2) = (FREE[i % 20], FREE[i % 20 + 1], FREE[i % 20 + 2]);
        let double = RAM_BASE + *double;
        asm.begin();
        asm.li(rs1, RAM_BASE + at);
        asm.li(rs2, value);
        let mut store = |width: usize| bytes[place..place + width].copy_from_slice(&value.to_le_bytes()[..width]);
        let code = &mut asm.code;
        match act {
            LrW(_) => (WORD.lr[i % 4])(code, rd, rs1),
            LrD(_) => (DOUBLE.lr[i % 4])(code, rd, rs1),
            ScW(_, writes) | ScD(_, writes) => {
                let pair = if matches!(act, ScW(..)) { &WORD } else { &DOUBLE };
                (pair.sc[i % 4])(code, rd, rs2, rs1);
                if writes {
                    store(pair.width);
                }
                asm.expect(rd, (!writes).into());
            }
            Store(_) => {
                rv!(code; sd X(rs2), [X(rs1)]);
                store(8);
            }
            Load(_) => rv!(code; ld X(rd), [X(rs1)]),
            Amo(_) => {
                rv!(code; amoswap.d X(rd), X(rs2), [X(rs1)]);
                store(8);
            }
            Call => {}
        }
        let bytes = *bytes;
        expect_word(&mut asm, double, &bytes);
    }
    asm.finish()
}

/// An `lr` only reads, so it may go to the program and to the input.
fn read_only() -> Program {
    let mut asm = Asm::new();
    asm.begin(); // the first instruction: `addi x3, x0, 1`
    for (pair, addr, value) in [
        (&WORD, PROGRAM_BASE, 0x0010_0193),
        (&DOUBLE, INPUT_BASE, BYTES.len() as u64),
        (&WORD, INPUT_BASE + 20, loaded(&BYTES[4..8], true)),
        (&DOUBLE, INPUT_BASE + 24, loaded(&BYTES[8..16], true)),
        (&DOUBLE, PROGRAM_BASE - 8, 0),
        (&WORD, 0x8fff_fffc, 0),
    ] {
        asm.begin();
        asm.li(10, addr);
        (pair.lr[0])(&mut asm.code, 11, 10);
        asm.expect(11, value);
        asm.li(10, RAM_BASE);
        (pair.sc[0])(&mut asm.code, 11, 10, 10);
        asm.expect(11, 1);
        expect_word(&mut asm, RAM_BASE, &[0; 8]);
    }
    asm.finish()
}
