//! Code with references between its parts, before it has addresses.

use riscv_tests::encode::encode;
use spec_interp::Op;
use spec_interp::map::RAM_BASE;

/// Where in RAM the constants of [`Item::Constant`] stand.
pub(crate) const POOL: usize = 0x1800;

/// Something with an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// This address, or any number.
    At(u64),
    /// So many bytes from the start of a piece.
    Piece(usize, i64),
    /// So many bytes from the start of the item that stands so many items further on in the same piece.
    Skip(isize, i64),
}

/// A few instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    /// A word, whatever it is.
    Word(u32),
    /// A half word.
    Half(u16),
    /// A branch, or `jal`.
    Jump { op: Op, rd: u8, rs1: u8, rs2: u8, to: Place },
    /// `auipc` and `addi`: the address of a place within 2 GiB.
    Address { rd: u8, of: Place },
    /// `auipc` and `ld` of a constant in RAM.
    Constant { rd: u8, value: Place },
}

impl Item {
    pub(crate) fn op(op: Op, rd: u8, rs1: u8, rs2: u8, imm: i64) -> Self {
        Self::Word(encode(op, rd, rs1, rs2, imm))
    }

    fn len(self) -> u64 {
        match self {
            Self::Half(_) => 2,
            Self::Word(_) | Self::Jump { .. } => 4,
            Self::Address { .. } | Self::Constant { .. } => 8,
        }
    }
}

/// Gives addresses from `base` on to all pieces, and the bytes of the code and of the constants.
pub(crate) fn assemble(base: u64, pieces: &[Vec<Item>]) -> (Vec<u8>, Vec<u8>) {
    let mut end = base;
    let addresses: Vec<Vec<u64>> = pieces
        .iter()
        .map(|piece| {
            let starts = piece.iter().map(|item| {
                end += item.len();
                end - item.len()
            });
            starts.collect()
        })
        .collect();
    let item_at = |piece: usize, item: usize| {
        let following = addresses.iter().skip(piece + 1).flatten();
        addresses.get(piece).into_iter().flat_map(|items| items.iter().skip(item)).chain(following).next()
    };
    let resolve = |piece: usize, item: usize, place: Place| match place {
        Place::At(addr) => addr,
        Place::Piece(index, delta) => item_at(index, 0).unwrap_or(&end).wrapping_add_signed(delta),
        Place::Skip(items, delta) => {
            item_at(piece, item.saturating_add_signed(items)).unwrap_or(&end).wrapping_add_signed(delta)
        }
    };
    let (mut code, mut pool) = (Vec::new(), Vec::new());
    for (p, piece) in pieces.iter().enumerate() {
        for (i, &item) in piece.iter().enumerate() {
            let pc = addresses[p][i];
            let mut words = |words: &[u32]| code.extend(words.iter().flat_map(|word| word.to_le_bytes()));
            // The upper part is rounded so that the lower 12 bits, which are signed, lead back.
            let pair = |addr: u64, op, rd| {
                let distance = addr.wrapping_sub(pc).cast_signed();
                let upper = distance.wrapping_add(0x800) & !0xfff;
                [encode(Op::Auipc, rd, 0, 0, upper), encode(op, rd, rd, 0, distance.wrapping_sub(upper))]
            };
            match item {
                Item::Word(word) => words(&[word]),
                Item::Half(half) => code.extend(half.to_le_bytes()),
                Item::Jump { op, rd, rs1, rs2, to } => {
                    words(&[encode(op, rd, rs1, rs2, resolve(p, i, to).wrapping_sub(pc).cast_signed())]);
                }
                Item::Address { rd, of } => words(&pair(resolve(p, i, of), Op::Addi, rd)),
                Item::Constant { rd, value } => {
                    words(&pair(RAM_BASE + (POOL + pool.len()) as u64, Op::Ld, rd));
                    pool.extend(resolve(p, i, value).to_le_bytes());
                }
            }
        }
    }
    (code, pool)
}
