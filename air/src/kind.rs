//! The list of tables.

/// Hands the list of tables to a macro: name, file, and how many of it every segment has. All else is stated in the file: the
/// columns, in a struct of the table's name; `eval`; of an instruction's table `OPS` and `fill`. In brackets are the
/// registers that the rows of an instruction's table access. `(next)` marks tables whose rows read some columns of the
/// next row, their `NEXT_ROW_COLUMNS`, and `(fixed)` those that have fixed columns, a struct `Fixed`.
macro_rules! every_table {
    ($use:ident) => {
        $use! {
            instructions {
                /// Addition and subtraction.
                Arith = arith(rs1, rs2, rd), 3;
                /// Addition of a constant.
                ArithImm = arith_imm(rs1, rd), 2;
                /// Sums of a shifted word and another.
                ShiftAdd = shift_add(rs1, rs2, rd), 1;
                /// Bitwise operations.
                Logic = logic(rs1, rs2, rd), 3;
                /// Bitwise operations whose second operand is inverted.
                LogicInverted = logic_inverted(rs1, rs2, rd), 1;
                /// Operations on one bit.
                SingleBit = single_bit(rs1, rs2, rd), 1;
                /// Zeros above the highest one and below the lowest.
                CountZeros = count_zeros(rs1, rd), 1;
                /// Operations on one word bit by bit.
                Bits = bits(rs1, rd), 1;
                /// Shifts by a register.
                Shift = shift(rs1, rs2, rd), 2;
                /// Shifts of 64 bits by a constant.
                ShiftImm = shift_imm(rs1, rd), 2;
                /// Shifts of 32 bits by a constant.
                ShiftWord = shift_word(rs1, rd), 2;
                /// Comparisons into a register.
                Compare = compare(rs1, rs2, rd), 2;
                /// Low products.
                Mul = mul(rs1, rs2, rd), 2;
                /// High products.
                Mulh = mulh(rs1, rs2, rd), 1;
                /// Quotients and remainders.
                Div = div(rs1, rs2, rd), 1;
                /// Conditional branches.
                Branch = branch(rs1, rs2), 2;
                /// Jumps with link.
                Jump = jump(rs1, rd), 2;
                /// Loads and stores of words and doublewords.
                MemoryWord = memory_word(rs1, rd), 3;
                /// Loads and stores of bytes and halfwords.
                MemorySub = memory_sub(rs1, rd), 2;
                /// Loads and stores that are not naturally aligned.
                MemoryMisaligned = memory_misaligned(rs1, rd), 1;
                /// Atomics that read, compute and write.
                Amo = amo(rs1, rs2, rd), 1;
                /// Loads that reserve and stores that need it.
                Reservation = reservation(rs1, rs2, rd), 1;
                /// Reads of the counter of instructions.
                Counter = counter(rd), 1;
                /// System calls.
                System = system(rs1, rs2, rd), 1;
            }
            shared {
                /// Registers passed on to a later time.
                Refresh = refresh, 1;
                /// Pages of memory, opened and closed.
                Page = page(next), 1;
                /// Nodes of the memory tree.
                Node = node, 1;
                /// Permutations.
                Poseidon2 = poseidon2, 1;
                /// The program.
                Program = program(fixed), 1;
                /// Ranges of powers of two.
                Range = range(fixed), 1;
                /// The bitwise and of pairs of bytes.
                Byte = byte(fixed), 1;
                /// The statement: where the segment starts and ends.
                Segment = segment(next), 1;
                /// Nothing: what a small load is filled up with to its class of size.
                Filler = filler, 1;
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

            /// How many of it every segment has: the tables of common instructions are divided, so that their padding is
            /// small.
            pub const fn count(self) -> usize {
                match self {
                    $( Self::$Table => $count, )*
                    $( Self::$Shared => $shared_count, )*
                }
            }
        }

        /// The tables that every segment has, in the order in which it lists them.
        pub const TABLES: [Kind; 0 $( + $count )* $( + $shared_count )*] = {
            let (mut tables, mut filled, mut kind) = ([Kind::Arith; _], 0, 0);
            while kind < Kind::ALL.len() {
                let mut part = 0;
                while part < Kind::ALL[kind].count() {
                    tables[filled] = Kind::ALL[kind];
                    (filled, part) = (filled + 1, part + 1);
                }
                kind += 1;
            }
            tables
        };
    };
}

every_table!(kinds);
