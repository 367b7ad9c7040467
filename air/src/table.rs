//! A table as the proof system sees it: widths, fixed columns, constraints.

use std::sync::{Arc, OnceLock};

use p3_air::{Air, BaseAir, WindowAccess};
use p3_matrix::dense::RowMajorMatrix;

use crate::F;
use crate::check::deletion::Missing;
use crate::columns::Columns;
use crate::emit::{Builder, Emitter, Names};
use crate::layout::PUBLIC_VALUES;
use crate::tables::{
    Kind, amo, arith, bits, branch, byte, compare, count_zeros, counter, div, jump, logic, memory_misaligned,
    memory_sub, memory_word, mul, mulh, node, page, poseidon2, program, range, refresh, reservation, segment, shift,
    shift_add, shift_imm, shift_word, single_bit, system,
};

/// Runs `$body` with `$row` as the column struct of the kind.
macro_rules! with_columns {
    ($kind:expr, $row:ident => $body:expr) => {
        match $kind {
            Kind::Arith => {
                type $row<T> = arith::Arith<T>;
                $body
            }
            Kind::ShiftAdd => {
                type $row<T> = shift_add::ShiftAdd<T>;
                $body
            }
            Kind::Logic => {
                type $row<T> = logic::Logic<T>;
                $body
            }
            Kind::SingleBit => {
                type $row<T> = single_bit::SingleBit<T>;
                $body
            }
            Kind::CountZeros => {
                type $row<T> = count_zeros::CountZeros<T>;
                $body
            }
            Kind::Bits => {
                type $row<T> = bits::Bits<T>;
                $body
            }
            Kind::Shift => {
                type $row<T> = shift::Shift<T>;
                $body
            }
            Kind::ShiftImm => {
                type $row<T> = shift_imm::ShiftImm<T>;
                $body
            }
            Kind::ShiftWord => {
                type $row<T> = shift_word::ShiftWord<T>;
                $body
            }
            Kind::Compare => {
                type $row<T> = compare::Compare<T>;
                $body
            }
            Kind::Mul => {
                type $row<T> = mul::Mul<T>;
                $body
            }
            Kind::Mulh => {
                type $row<T> = mulh::Mulh<T>;
                $body
            }
            Kind::Div => {
                type $row<T> = div::Div<T>;
                $body
            }
            Kind::Branch => {
                type $row<T> = branch::Branch<T>;
                $body
            }
            Kind::Jump => {
                type $row<T> = jump::Jump<T>;
                $body
            }
            Kind::MemoryWord => {
                type $row<T> = memory_word::MemoryWord<T>;
                $body
            }
            Kind::MemorySub => {
                type $row<T> = memory_sub::MemorySub<T>;
                $body
            }
            Kind::MemoryMisaligned => {
                type $row<T> = memory_misaligned::MemoryMisaligned<T>;
                $body
            }
            Kind::Amo => {
                type $row<T> = amo::Amo<T>;
                $body
            }
            Kind::Reservation => {
                type $row<T> = reservation::Reservation<T>;
                $body
            }
            Kind::Counter => {
                type $row<T> = counter::Counter<T>;
                $body
            }
            Kind::System => {
                type $row<T> = system::System<T>;
                $body
            }
            Kind::Refresh => {
                type $row<T> = refresh::Refresh<T>;
                $body
            }
            Kind::Page => {
                type $row<T> = page::Page<T>;
                $body
            }
            Kind::Node => {
                type $row<T> = node::Node<T>;
                $body
            }
            Kind::Poseidon2 => {
                type $row<T> = poseidon2::Poseidon2<T>;
                $body
            }
            Kind::Program => {
                type $row<T> = program::Program<T>;
                $body
            }
            Kind::Range => {
                type $row<T> = range::Range<T>;
                $body
            }
            Kind::Byte => {
                type $row<T> = byte::Byte<T>;
                $body
            }
            Kind::Segment => {
                type $row<T> = segment::Segment<T>;
                $body
            }
        }
    };
}

impl Kind {
    /// Number of committed columns.
    pub fn width(self) -> usize {
        with_columns!(self, Row => <Row<F> as Columns<F>>::WIDTH)
    }

    /// Names of the committed columns.
    pub fn column_names(self) -> &'static [String] {
        static NAMES: [OnceLock<Vec<String>>; Kind::ALL.len()] = [const { OnceLock::new() }; Kind::ALL.len()];
        NAMES[self as usize].get_or_init(|| {
            let mut names = Vec::new();
            with_columns!(self, Row => <Row<F> as Columns<F>>::names("", &mut names));
            names
        })
    }

    /// Number of fixed columns.
    pub const fn fixed_width(self) -> usize {
        match self {
            Self::Program => 10,
            Self::Range => 2,
            Self::Byte => 3,
            _ => 0,
        }
    }

    /// Number of public values.
    pub const fn public_values(self) -> usize {
        if matches!(self, Self::Segment) { PUBLIC_VALUES } else { 0 }
    }
}

/// States the constraints and interactions of a table over the builder's rows.
pub fn eval<AB: Builder>(kind: Kind, e: &mut Emitter<'_, AB>) {
    e.leave_out(Missing::of(kind));
    let main = e.builder().main();
    let fixed = e.builder().preprocessed().clone();
    let (local, next) = (main.current_slice(), main.next_slice());
    let fixed = if kind.fixed_width() == 0 { &[] } else { fixed.current_slice() };
    match kind {
        Kind::Arith => arith::eval(e, &Columns::from_row(local)),
        Kind::ShiftAdd => shift_add::eval(e, &Columns::from_row(local)),
        Kind::Logic => logic::eval(e, &Columns::from_row(local)),
        Kind::SingleBit => single_bit::eval(e, &Columns::from_row(local)),
        Kind::CountZeros => count_zeros::eval(e, &Columns::from_row(local)),
        Kind::Bits => bits::eval(e, &Columns::from_row(local)),
        Kind::Shift => shift::eval(e, &Columns::from_row(local)),
        Kind::ShiftImm => shift_imm::eval(e, &Columns::from_row(local)),
        Kind::ShiftWord => shift_word::eval(e, &Columns::from_row(local)),
        Kind::Compare => compare::eval(e, &Columns::from_row(local)),
        Kind::Mul => mul::eval(e, &Columns::from_row(local)),
        Kind::Mulh => mulh::eval(e, &Columns::from_row(local)),
        Kind::Div => div::eval(e, &Columns::from_row(local)),
        Kind::Branch => branch::eval(e, &Columns::from_row(local)),
        Kind::Jump => jump::eval(e, &Columns::from_row(local)),
        Kind::MemoryWord => memory_word::eval(e, &Columns::from_row(local)),
        Kind::MemorySub => memory_sub::eval(e, &Columns::from_row(local)),
        Kind::MemoryMisaligned => memory_misaligned::eval(e, &Columns::from_row(local)),
        Kind::Amo => amo::eval(e, &Columns::from_row(local)),
        Kind::Reservation => reservation::eval(e, &Columns::from_row(local)),
        Kind::Counter => counter::eval(e, &Columns::from_row(local)),
        Kind::System => system::eval(e, &Columns::from_row(local)),
        Kind::Refresh => refresh::eval(e, &Columns::from_row(local)),
        Kind::Page => page::eval(e, &Columns::from_row(local), &Columns::from_row(next)),
        Kind::Node => node::eval(e, &Columns::from_row(local)),
        Kind::Poseidon2 => poseidon2::eval(e, &Columns::from_row(local)),
        Kind::Program => program::eval(e, &Columns::from_row(fixed), &Columns::from_row(local)),
        Kind::Range => range::eval(e, &Columns::from_row(fixed), &Columns::from_row(local)),
        Kind::Byte => byte::eval(e, &Columns::from_row(fixed), &Columns::from_row(local)),
        Kind::Segment => segment::eval(e, &Columns::from_row(local), &Columns::from_row(next)),
    }
}

/// One table of one program: its kind and its fixed columns, if it has any.
#[derive(Clone, Debug)]
pub struct Table {
    kind: Kind,
    fixed: Option<Arc<RowMajorMatrix<F>>>,
}

impl Table {
    /// A table without fixed columns.
    ///
    /// # Panics
    /// If the kind has fixed columns.
    pub fn new(kind: Kind) -> Self {
        assert_eq!(kind.fixed_width(), 0, "{} has fixed columns", kind.name());
        Self { kind, fixed: None }
    }

    /// A table with fixed columns, or with their shape alone for a verifier, who knows them by their commitment.
    pub const fn with_fixed(kind: Kind, fixed: Option<Arc<RowMajorMatrix<F>>>) -> Self {
        Self { kind, fixed }
    }

    /// Its kind.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Its fixed columns, if it has any and they are known.
    pub const fn fixed(&self) -> Option<&Arc<RowMajorMatrix<F>>> {
        self.fixed.as_ref()
    }

    /// The names of its constraints and the buses of its interactions.
    pub fn names(&self) -> Names {
        crate::check::names(self.kind)
    }
}

impl BaseAir<F> for Table {
    fn width(&self) -> usize {
        self.kind.width()
    }

    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<F>> {
        self.fixed.as_deref().cloned()
    }

    fn preprocessed_width(&self) -> usize {
        self.kind.fixed_width()
    }

    fn main_next_row_columns(&self) -> Vec<usize> {
        match self.kind {
            Kind::Page => page::next_row_columns(),
            Kind::Segment => vec![0],
            _ => Vec::new(),
        }
    }

    fn preprocessed_next_row_columns(&self) -> Vec<usize> {
        Vec::new()
    }

    fn num_public_values(&self) -> usize {
        self.kind.public_values()
    }
}

impl<AB: Builder> Air<AB> for Table {
    fn eval(&self, builder: &mut AB) {
        eval(self.kind, &mut Emitter::new(builder));
    }
}
