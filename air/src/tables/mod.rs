//! The tables: one per family of instructions, then the shared ones. A new table is a file with a line for its module and
//! one in the list of `kind.rs`.

pub mod amo;
pub mod arith;
pub mod arith_imm;
pub mod bits;
pub mod branch;
pub mod byte;
pub mod compare;
pub mod count_zeros;
pub mod counter;
pub mod div;
pub mod filler;
pub mod jump;
pub mod logic;
pub mod logic_inverted;
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
mod statement;
pub mod system;
#[cfg(test)]
mod tests;

use alloc::string::String;
use alloc::vec::Vec;

use p3_air::WindowAccess;
use spec_interp::Op;
use spin::Once;

use crate::F;
use crate::columns::Columns;
use crate::emit::{Builder, Emitter};
use crate::kind::{Kind, every_table};
use crate::missing::Missing;
use crate::rom::{RegisterAccesses, RomRow};

/// Gathers what the tables' files state; see [`every_table`].
macro_rules! tables {
    (
        instructions { $( $(#[$doc:meta])* $Table:ident = $table:ident($($register:ident),*), $count:expr; )* }
        shared { $( $(#[$shared_doc:meta])* $Shared:ident = $shared:ident $(($reads:ident))?, $shared_count:expr; )* }
    ) => {
        impl Kind {
            /// What it says of itself: what it assumes and what it constrains, as equations over the integers.
            pub fn statement(self) -> String {
                match self {
                    $( Self::$Table => tables!(@statement $table), )*
                    $( Self::$Shared => tables!(@statement $shared), )*
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
                static NAMES: [Once<Vec<String>>; Kind::ALL.len()] = [const { Once::new() }; Kind::ALL.len()];
                NAMES[self as usize].call_once(|| {
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

            /// The registers that the rows of an instruction's table access; some rows not all of them.
            const fn registers(self) -> RegisterAccesses {
                let mut registers = RegisterAccesses { rs1: false, rs2: false, rd: false };
                match self {
                    $( Self::$Table => { $( registers.$register = true; )* } )*
                    $( Self::$Shared )|* => (),
                }
                registers
            }

            /// The matrix of an instruction's table, of events that lie in pieces.
            ///
            /// # Panics
            /// If its rows are no instructions.
            #[cfg(feature = "fill")]
            pub fn rows(self, events: &[&[crate::event::Event<'_>]]) -> p3_matrix::dense::RowMajorMatrix<F> {
                match self {
                    $( Self::$Table => crate::matrix::matrix(events, $table::$Table::fill), )*
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
    (@statement $table:ident) => {{
        const SOURCE: &str = include_str!(concat!(stringify!($table), ".rs"));
        static HEAD: [u8; statement::length(SOURCE)] = statement::head(SOURCE);
        statement::text(&HEAD)
    }};
    (@fixed_width $table:ident fixed) => { <$table::Fixed<F> as Columns<F>>::WIDTH };
    (@fixed_width $table:ident $($reads:ident)?) => { 0 };
    (@next_row_columns $table:ident next) => { $table::NEXT_ROW_COLUMNS.collect() };
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

every_table!(tables);

impl Kind {
    /// The registers that a row of an instruction's table accesses: an immediate stands in the place of rs2, and `jal`,
    /// which shares a table with `jalr`, has no base.
    pub const fn accesses(self, row: &RomRow) -> RegisterAccesses {
        let RegisterAccesses { rs1, rs2, rd } = self.registers();
        let is_jal = matches!(self, Self::Jump) && matches!(row.op(), Op::Jal);
        RegisterAccesses { rs1: rs1 && !is_jal, rs2: rs2 && !row.immediate, rd }
    }

    /// Number of public values.
    pub const fn public_values(self) -> usize {
        if matches!(self, Self::Segment) { segment::PUBLIC_VALUES } else { 0 }
    }
}

impl RomRow {
    /// The operation; of several that the row can stand for the first.
    pub const fn op(&self) -> Op {
        self.table.ops()[self.flag as usize][0]
    }
}
