//! The list of tables.

use core::ops::RangeInclusive;

/// Hands the list of tables to a macro: name, file, and how many of it a segment has. All else is stated in the file: the
/// columns, in a struct of the table's name; `eval`; of an instruction's table `OPS` and `fill`. In brackets are the
/// registers that the rows of an instruction's table access. `(next)` marks tables whose rows read some columns of the
/// next row, their `NEXT_ROW_COLUMNS`, and `(fixed)` those that have fixed columns, a struct `Fixed`.
macro_rules! every_table {
    ($use:ident) => {
        $use! {
            instructions {
                /// Addition and subtraction.
                Arith = arith(rs1, rs2, rd), 0..=4;
                /// Sums of a shifted word and another.
                ShiftAdd = shift_add(rs1, rs2, rd), 0..=4;
                /// Bitwise operations.
                Logic = logic(rs1, rs2, rd), 0..=4;
                /// Operations on one bit.
                SingleBit = single_bit(rs1, rs2, rd), 0..=1;
                /// Zeros above the highest one and below the lowest.
                CountZeros = count_zeros(rs1, rd), 0..=1;
                /// Operations on one word bit by bit.
                Bits = bits(rs1, rd), 0..=1;
                /// Shifts by a register.
                Shift = shift(rs1, rs2, rd), 0..=4;
                /// Shifts of 64 bits by a constant.
                ShiftImm = shift_imm(rs1, rd), 0..=4;
                /// Shifts of 32 bits by a constant.
                ShiftWord = shift_word(rs1, rd), 0..=4;
                /// Comparisons into a register.
                Compare = compare(rs1, rs2, rd), 0..=4;
                /// Low products.
                Mul = mul(rs1, rs2, rd), 0..=4;
                /// High products.
                Mulh = mulh(rs1, rs2, rd), 0..=4;
                /// Quotients and remainders.
                Div = div(rs1, rs2, rd), 0..=4;
                /// Conditional branches.
                Branch = branch(rs1, rs2), 0..=4;
                /// Jumps with link.
                Jump = jump(rs1, rd), 0..=4;
                /// Loads and stores of words and doublewords.
                MemoryWord = memory_word(rs1, rd), 0..=4;
                /// Loads and stores of bytes and halfwords.
                MemorySub = memory_sub(rs1, rd), 0..=4;
                /// Loads and stores that are not naturally aligned.
                MemoryMisaligned = memory_misaligned(rs1, rd), 0..=1;
                /// Atomics that read, compute and write.
                Amo = amo(rs1, rs2, rd), 0..=1;
                /// Loads that reserve and stores that need it.
                Reservation = reservation(rs1, rs2, rd), 0..=1;
                /// Reads of the counter of instructions.
                Counter = counter(rd), 0..=1;
                /// System calls.
                System = system(rs1, rs2, rd), 0..=1;
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
    };
}
pub(crate) use every_table;

macro_rules! kinds {
    (
        instructions { $( $(#[$doc:meta])* $Table:ident = $table:ident($($register:ident),*), $count:expr; )* }
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
        }
    };
}

every_table!(kinds);
