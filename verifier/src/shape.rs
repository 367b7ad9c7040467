//! The shape of a proof: the heights of its tables, and the class of size that they amount to.

use core::ops::{Add, Sub};

use air::kind::{Kind, TABLES};
use air::layout::MIN_HEIGHT;
use air::tables::{byte, range};

use crate::config::FOLDING;

/// The heights of the tables, as logarithms, in the order of [`TABLES`].
pub type Heights = [u8; TABLES.len()];

/// Logarithm of the smallest height.
pub const MIN_LOG_HEIGHT: usize = MIN_HEIGHT.ilog2() as usize;
const _: () = assert!(MIN_LOG_HEIGHT == FOLDING, "the variables folded first are those of the lowest tables");
/// Logarithm of the height of the largest program.
pub const MAX_LOG_PROGRAM: usize = 23;

/// A class of size: that of a stack of 2^m cells and a sum of 2^(m-1) fractions, both more than half full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Class(u8);

/// What the tables of a segment amount to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// Cells of main columns.
    pub cells: u64,
    /// Fractions of the look-ups: tuples of all rows.
    pub fractions: u64,
}

impl Size {
    /// The size of tables of some heights.
    pub fn of(heights: &Heights) -> Self {
        let tables = TABLES.into_iter().zip(heights);
        tables.map(|(kind, &height)| Self::of_table(kind, height.into())).fold(Self::default(), Add::add)
    }

    /// The size of a table of 2^`log_height` rows.
    pub fn of_table(kind: Kind, log_height: usize) -> Self {
        Self { cells: (kind.width() as u64) << log_height, fractions: (kind.interactions() as u64) << log_height }
    }
}

impl Add for Size {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { cells: self.cells + other.cells, fractions: self.fractions + other.fractions }
    }
}

impl Sub for Size {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self { cells: self.cells - other.cells, fractions: self.fractions - other.fractions }
    }
}

impl Class {
    /// The classes, smallest first. The answers to all look-ups of the machine alone fill a fifth of the first's cells.
    pub const ALL: [Self; 8] = [Self(20), Self(21), Self(22), Self(23), Self(24), Self(25), Self(26), Self(27)];
    /// The largest.
    pub const LARGEST: Self = Self(27);

    /// The class of a size; none if it has none.
    pub fn of(size: Size) -> Option<Self> {
        let is_half_full = |class: &Self| size.cells > class.cells() / 2 && size.fractions > class.fractions() / 2;
        Self::ALL.into_iter().find(|class| class.holds(size) && is_half_full(class))
    }

    /// Whether a size is at most that of the class.
    pub const fn holds(self, size: Size) -> bool {
        size.cells <= self.cells() && size.fractions <= self.fractions()
    }

    /// Logarithm of the stack's cells.
    pub const fn log_cells(self) -> usize {
        self.0 as usize
    }

    /// Logarithm of the fractions, and of the largest height of a table.
    pub const fn log_fractions(self) -> usize {
        self.log_cells() - 1
    }

    /// Cells of the stack.
    pub const fn cells(self) -> u64 {
        1 << self.log_cells()
    }

    /// Fractions of the sum.
    pub const fn fractions(self) -> u64 {
        1 << self.log_fractions()
    }
}

/// The height that a table always has, if it does not depend on the run.
pub const fn fixed_log_height(kind: Kind, log_program: usize) -> Option<usize> {
    match kind {
        Kind::Program => Some(log_program),
        Kind::Range => Some(range::HEIGHT.ilog2() as usize),
        Kind::Byte => Some(byte::HEIGHT.ilog2() as usize),
        Kind::Segment => Some(MIN_LOG_HEIGHT),
        _ => None,
    }
}

/// The class of a proof's heights; none if they are not those of a segment of a program of 2^`log_program` rows.
pub fn class_of(heights: &Heights, log_program: usize) -> Option<Class> {
    let bounds = MIN_LOG_HEIGHT..=Class::LARGEST.log_fractions();
    let is_allowed = |(kind, &height): (Kind, &u8)| {
        let height = usize::from(height);
        bounds.contains(&height) && fixed_log_height(kind, log_program).is_none_or(|fixed| fixed == height)
    };
    if log_program > MAX_LOG_PROGRAM || !TABLES.into_iter().zip(heights).all(is_allowed) {
        return None;
    }
    // A row has at least one fraction, so that no table is higher than their sum is long.
    Class::of(Size::of(heights))
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;
    use crate::security::fullest;

    #[test]
    fn every_row_has_a_fraction() {
        assert!(Kind::ALL.into_iter().all(|kind| kind.interactions() > 0));
    }

    /// The key comes with the proof: a program larger than any key is made for is refused before anything is done for it.
    #[test]
    fn programs_have_a_largest_size() {
        for log_program in MAX_LOG_PROGRAM - 1..=26 {
            let mut heights = fullest(Class::LARGEST);
            for (kind, height) in TABLES.into_iter().zip(&mut heights) {
                if fixed_log_height(kind, log_program).is_none() {
                    *height = MIN_LOG_HEIGHT as u8;
                } else if kind == Kind::Program {
                    *height = log_program as u8;
                }
            }
            // Whatever it is filled up with.
            let mut classes = Vec::new();
            for filler in MIN_LOG_HEIGHT as u8..=26 {
                heights[TABLES.len() - 1] = filler;
                classes.extend(class_of(&heights, log_program));
            }
            assert_eq!(classes.is_empty(), log_program > MAX_LOG_PROGRAM, "2^{log_program}: {classes:?}");
        }
    }

    /// A class is more than half full in both, and no more than full.
    #[test]
    fn a_size_has_one_class_or_none() {
        let class = |cells, fractions| Class::of(Size { cells, fractions }).map(Class::log_cells);
        let (cells, fractions) = (1 << 24, 1 << 23);
        assert_eq!(class(cells, fractions), Some(24));
        assert_eq!(class(cells / 2 + 1, fractions / 2 + 1), Some(24));
        assert_eq!(class(cells / 2, fractions), None);
        assert_eq!(class(cells, fractions / 2), None);
        assert_eq!(class(cells / 2, fractions / 2), Some(23));
        assert_eq!(class(cells + 1, fractions), None);
        assert_eq!(class(cells, fractions + 1), None);
        assert_eq!(class(0, 0), None);
        assert_eq!(class(1 << 27, 1 << 26), Some(27));
        assert_eq!(class((1 << 27) + 1, 1 << 26), None);
        assert_eq!(class(u64::MAX, u64::MAX), None);
    }

    /// Of heights that have a class each is changed to every other: what is left has the fixed heights, none below 2^6, none
    /// above the fractions' number, and sums of its class, computed here once more.
    #[test]
    fn heights_have_bounds() {
        let honest = fullest(Class(24));
        assert_eq!(class_of(&honest, MIN_LOG_HEIGHT), Some(Class(24)));
        assert_eq!(class_of(&honest, MIN_LOG_HEIGHT + 1), None);
        for (i, kind) in TABLES.into_iter().enumerate() {
            for height in (0..=u8::MAX).filter(|&height| height != honest[i]) {
                let mut heights = honest;
                heights[i] = height;
                let is_fixed = matches!(kind, Kind::Program | Kind::Range | Kind::Byte | Kind::Segment);
                let sum = |of: fn(Kind) -> usize| -> u128 {
                    TABLES.into_iter().zip(heights).map(|(kind, height)| (of(kind) as u128) << height.min(64)).sum()
                };
                let (cells, fractions) = (sum(Kind::width), sum(Kind::interactions));
                let fits = |log: u32| (1 << (log - 1)) < cells && cells <= 1 << log && (1 << (log - 2)) < fractions;
                let expected: Vec<usize> = (20..=27_u32)
                    .filter(|&log| fits(log) && fractions <= 1 << (log - 1) && u32::from(height) < log)
                    .map(|log| log as usize)
                    .collect();
                let found = class_of(&heights, MIN_LOG_HEIGHT).map(Class::log_cells);
                let expected = expected.first().copied().filter(|_| !is_fixed && height >= 6);
                assert_eq!(found, expected, "{kind:?} {height}");
            }
        }
    }
}
