//! The tables: one per family of instructions, then the shared ones. A new table is a file with a line for its module and
//! one in the list below.

pub mod amo;
pub mod arith;
pub mod bits;
pub mod branch;
pub mod byte;
pub mod compare;
pub mod count_zeros;
pub mod counter;
pub mod div;
pub mod jump;
pub mod logic;
pub mod memory_misaligned;
pub mod memory_sub;
pub mod memory_word;
pub mod mul;
pub mod mulh;
pub mod node;
pub mod page;
pub mod poseidon2;
pub mod program;
pub mod range;
pub mod refresh;
pub mod reservation;
pub mod segment;
pub mod shift;
pub mod shift_add;
pub mod shift_imm;
pub mod shift_word;
pub mod single_bit;
pub mod system;

use core::ops::RangeInclusive;
use std::sync::OnceLock;

use p3_air::WindowAccess;
use p3_matrix::dense::RowMajorMatrix;
use spec_interp::Op;

use crate::F;
use crate::check::deletion::Missing;
use crate::columns::{Columns, matrix};
use crate::emit::{Builder, Emitter};
use crate::event::Event;
use crate::rom::RomRow;

/// Lists the tables: name, file, and how many of it a segment has. All else is stated in the file: the columns, in a
/// struct of the table's name; `eval`; of an instruction's table `OPS`, `fill` and `accesses`. `(next)` marks those whose rows
/// read some columns of the next row, as their `next_row_columns` says, and `(fixed)` those that have fixed columns, a
/// struct `Fixed`.
macro_rules! tables {
    (
        instructions { $( $(#[$doc:meta])* $Table:ident = $table:ident, $count:expr; )* }
        shared { $( $(#[$shared_doc:meta])* $Shared:ident = $shared:ident $(($reads:ident))?, $shared_count:expr; )* }
    ) => {
        /// Names the tables, in the order in which a proof lists them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Kind {
            $( $(#[$doc])* $Table, )*
            $( $(#[$shared_doc])* $Shared, )*
        }

        impl Kind {
            /// Every table.
            pub const ALL: [Self; [$( stringify!($table), )* $( stringify!($shared), )*].len()] =
                [$( Self::$Table, )* $( Self::$Shared, )*];

            /// The tables whose rows are instructions.
            pub fn instructions() -> impl Iterator<Item = Self> {
                [$( Self::$Table, )*].into_iter()
            }

            /// The name of its file.
            pub const fn name(self) -> &'static str {
                match self {
                    $( Self::$Table => stringify!($table), )*
                    $( Self::$Shared => stringify!($shared), )*
                }
            }

            /// How many of it a segment has: the tables of common instructions can be divided, so that their padding is
            /// small. Every table that may be there costs security, so those of rare ones are not.
            pub const fn count(self) -> RangeInclusive<usize> {
                match self {
                    $( Self::$Table => $count, )*
                    $( Self::$Shared => $shared_count, )*
                }
            }

            /// Number of committed columns.
            pub const fn width(self) -> usize {
                match self {
                    $( Self::$Table => <$table::$Table<F> as Columns<F>>::WIDTH, )*
                    $( Self::$Shared => <$shared::$Shared<F> as Columns<F>>::WIDTH, )*
                }
            }

            /// Number of fixed columns.
            pub const fn fixed_width(self) -> usize {
                match self {
                    $( Self::$Table => 0, )*
                    $( Self::$Shared => tables!(@fixed_width $shared $($reads)?), )*
                }
            }

            /// The columns that a row reads of its successor.
            pub fn next_row_columns(self) -> Vec<usize> {
                match self {
                    $( Self::$Table => Vec::new(), )*
                    $( Self::$Shared => tables!(@next_row_columns $shared $($reads)?), )*
                }
            }

            /// Names of the committed columns.
            pub fn column_names(self) -> &'static [String] {
                static NAMES: [OnceLock<Vec<String>>; Kind::ALL.len()] = [const { OnceLock::new() }; Kind::ALL.len()];
                NAMES[self as usize].get_or_init(|| {
                    let mut names = Vec::new();
                    match self {
                        $( Self::$Table => <$table::$Table<F> as Columns<F>>::names("", &mut names), )*
                        $( Self::$Shared => <$shared::$Shared<F> as Columns<F>>::names("", &mut names), )*
                    }
                    names
                })
            }

            /// The operations of an instruction's table, by number.
            pub const fn ops(self) -> &'static [&'static [Op]] {
                match self {
                    $( Self::$Table => $table::OPS, )*
                    $( Self::$Shared )|* => &[],
                }
            }

            /// The registers that a row of an instruction's table accesses.
            pub const fn accesses(self, row: &RomRow) -> RegisterAccesses {
                match self {
                    $( Self::$Table => $table::accesses(row), )*
                    $( Self::$Shared )|* => RegisterAccesses { rs1: false, rs2: false, rd: false },
                }
            }

            /// The matrix of an instruction's table, of events that lie in pieces.
            ///
            /// # Panics
            /// If its rows are no instructions.
            pub fn rows(self, events: &[&[Event<'_>]]) -> RowMajorMatrix<F> {
                match self {
                    $( Self::$Table => matrix(events, $table::$Table::fill), )*
                    $( Self::$Shared )|* => panic!("{} is no instruction's table", self.name()),
                }
            }

            /// States its constraints and interactions over the builder's rows.
            pub fn eval<AB: Builder>(self, e: &mut Emitter<'_, AB>) {
                e.leave_out(Missing::of(self));
                let main = e.builder().main();
                let fixed = e.builder().preprocessed().clone();
                match self {
                    $( Self::$Table => tables!(@eval $table, e, main, fixed), )*
                    $( Self::$Shared => tables!(@eval $shared, e, main, fixed $(, $reads)?), )*
                }
            }
        }
    };
    (@fixed_width $table:ident fixed) => { <$table::Fixed<F> as Columns<F>>::WIDTH };
    (@fixed_width $table:ident $($reads:ident)?) => { 0 };
    (@next_row_columns $table:ident next) => { $table::next_row_columns() };
    (@next_row_columns $table:ident $($reads:ident)?) => { Vec::new() };
    (@eval $table:ident, $e:ident, $main:ident, $fixed:ident) => {
        $table::eval($e, &Columns::from_row($main.current_slice()))
    };
    (@eval $table:ident, $e:ident, $main:ident, $fixed:ident, next) => {
        $table::eval($e, &Columns::from_row($main.current_slice()), &Columns::from_row($main.next_slice()))
    };
    (@eval $table:ident, $e:ident, $main:ident, $fixed:ident, fixed) => {
        $table::eval($e, &Columns::from_row($fixed.current_slice()), &Columns::from_row($main.current_slice()))
    };
}

tables! {
    instructions {
        /// Addition and subtraction.
        Arith = arith, 0..=4;
        /// Sums of a shifted word and another.
        ShiftAdd = shift_add, 0..=4;
        /// Bitwise operations.
        Logic = logic, 0..=4;
        /// Operations on one bit.
        SingleBit = single_bit, 0..=1;
        /// Zeros above the highest one and below the lowest.
        CountZeros = count_zeros, 0..=1;
        /// Operations on one word bit by bit.
        Bits = bits, 0..=1;
        /// Shifts by a register.
        Shift = shift, 0..=4;
        /// Shifts of 64 bits by a constant.
        ShiftImm = shift_imm, 0..=4;
        /// Shifts of 32 bits by a constant.
        ShiftWord = shift_word, 0..=4;
        /// Comparisons into a register.
        Compare = compare, 0..=4;
        /// Low products.
        Mul = mul, 0..=4;
        /// High products.
        Mulh = mulh, 0..=4;
        /// Quotients and remainders.
        Div = div, 0..=4;
        /// Conditional branches.
        Branch = branch, 0..=4;
        /// Jumps with link.
        Jump = jump, 0..=4;
        /// Loads and stores of words and doublewords.
        MemoryWord = memory_word, 0..=4;
        /// Loads and stores of bytes and halfwords.
        MemorySub = memory_sub, 0..=4;
        /// Loads and stores that are not naturally aligned.
        MemoryMisaligned = memory_misaligned, 0..=1;
        /// Atomics that read, compute and write.
        Amo = amo, 0..=1;
        /// Loads that reserve and stores that need it.
        Reservation = reservation, 0..=1;
        /// Reads of the counter of instructions.
        Counter = counter, 0..=1;
        /// System calls.
        System = system, 0..=1;
    }
    shared {
        /// Registers passed on to a later time.
        Refresh = refresh, 0..=1;
        /// Pages of memory, opened and closed.
        Page = page(next), 1..=1;
        /// Nodes of the memory tree.
        Node = node, 1..=1;
        /// Permutations.
        Poseidon2 = poseidon2, 1..=1;
        /// The program.
        Program = program(fixed), 1..=1;
        /// Ranges of powers of two.
        Range = range(fixed), 1..=1;
        /// Bitwise operations on bytes.
        Byte = byte(fixed), 1..=1;
        /// The statement: where the segment starts and ends.
        Segment = segment(next), 1..=1;
    }
}

impl Kind {
    /// Number of public values.
    pub const fn public_values(self) -> usize {
        if matches!(self, Self::Segment) { segment::PUBLIC_VALUES } else { 0 }
    }
}

/// Which registers a row accesses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegisterAccesses {
    /// Reads rs1.
    pub rs1: bool,
    /// Reads rs2.
    pub rs2: bool,
    /// Writes rd, or for a store reads it in its slot.
    pub rd: bool,
}

/// The height of a table with `rows` rows in use: a power of two, at least 32.
pub const fn height(rows: usize) -> usize {
    let rows = if rows < 32 { 32 } else { rows };
    rows.next_power_of_two()
}
