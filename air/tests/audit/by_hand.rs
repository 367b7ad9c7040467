//! Forgeries that no search reaches.

use spec_interp::Op;

/// A row with some of its cells forged.
pub struct Forgery {
    /// The instruction and its operands.
    pub instruction: (Op, [u64; 2]),
    /// The cells by name.
    pub cells: &'static [(&'static str, i32)],
}

/// All of them.
pub const FORGERIES: [Forgery; 7] = [
    // With limbs moved by one and by two, limbs that are not moved count as -1.
    Forgery {
        instruction: (Op::Rol, [0x0002_0003_0002_0002, 48]),
        cells: &[
            ("whole[0]", 1),
            ("whole[1]", 1),
            ("whole[2]", 0),
            ("stays[0]", 3),
            ("stays[1]", 2),
            ("stays[2]", 1),
            ("stays[3]", 3),
            ("result[0]", 3),
            ("result[1]", 2),
            ("result[2]", 1),
            ("result[3]", 3),
        ],
    },
    // `blt` as a `beq` that is negated twice, at halfword 102 with 104 behind it and 116 its target: the branch is taken
    // minus once, which leads a third of the way from one to the other.
    Forgery {
        instruction: (Op::Blt, [0, 0]),
        cells: &[
            ("is_less", 0),
            ("is_equal", 1),
            ("is_negated", 2),
            ("taken", -1),
            ("cpu.next_pc", 108),
            ("passed_by", 112),
        ],
    },
    // 2^15 times 65025 is 0x7fff round the field: a one where there is none, with bits above it beyond their bound.
    Forgery {
        instruction: (Op::Bext, [0x7fff_7fff_7fff_7fff, 15]),
        cells: &[("bit", 1), ("below", 0), ("above", 32_512), ("above_bound", 1 << 16), ("result[0]", 1)],
    },
    Forgery {
        instruction: (Op::Ctz, [0x7fff_7fff_7fff_7fff, 15]),
        cells: &[
            ("one.bits[0]", 1),
            ("one.bits[1]", 1),
            ("one.bits[2]", 1),
            ("one.bits[3]", 1),
            ("one.low", 8),
            ("one.value", 1 << 15),
            ("rest", 32_512),
            ("rest_bound", 1 << 16),
            ("result", 15),
        ],
    },
    // A negative word shifted by nothing, which is not extended.
    Forgery {
        instruction: (Op::Srlw, [0x8000_0000, 0x8000_0000]),
        cells: &[("is_signed", 0), ("is_negative", 0), ("result[2]", 0), ("result[3]", 0)],
    },
    // Of -3 the lower half is negated and the upper half is not: a divisor beyond the dividend.
    Forgery {
        instruction: (Op::Div, [7, 3_u64.wrapping_neg()]),
        cells: &[
            ("b.negative_double", 0),
            ("b.magnitude[2]", 0xffff),
            ("b.magnitude[3]", 0xffff),
            ("b_bytes.low[2]", 0xff),
            ("b_bytes.low[3]", 0xff),
            ("b_bytes.and[2]", 0xff),
            ("b_bytes.and[3]", 0xff),
            ("quotient[0]", 0),
            ("quotient_bytes.low[0]", 0),
            ("remainder[0]", 7),
            ("differs[0]", 0),
            ("differs[3]", 1),
            ("difference", 0xffff),
            ("chosen.magnitude[0]", 0),
            ("result[0]", 0),
            ("result[1]", 0),
            ("result[2]", 0),
            ("result[3]", 0),
        ],
    },
    // A dividend that is negative by three quarters, which are 532676609 of the field, is one that 3 divides.
    Forgery {
        instruction: (Op::Rem, [(1 << 63) + 4, 3]),
        cells: &[
            ("a_negative", 532_676_609),
            ("quotient[0]", 0xaaaa),
            ("quotient_bytes.low[0]", 0xaa),
            ("quotient_bytes.and[0]", 0xaa),
            ("remainder[0]", 0),
            ("carry[0]", 2),
            ("carry[1]", 2),
            ("carry[2]", 2),
            ("difference", 3),
            ("chosen.negative", 532_676_609),
            ("chosen.negative_double", 532_676_609),
            ("chosen.magnitude[0]", 0),
            ("result[0]", 0),
            ("result[1]", 0),
            ("result[2]", 0),
            ("result[3]", 0),
        ],
    },
];
