//! The reviewed list: cells that may take any value, with the reason why that forges nothing.

use air::F;
use air::tables::Kind;
use p3_field::PrimeCharacteristicRing;

use crate::runs::{flag_columns, is_real};

/// The reason why a cell may be free, if it is on the list.
pub fn reason(kind: Kind, column: &str, row: &[F]) -> Option<&'static str> {
    let names = kind.column_names();
    let number = |name: &str| names.iter().position(|other| other == name);
    let cell = |name: &str| number(name).map(|i| row[i]);
    let is_flag = number(column).is_some_and(|i| flag_columns(kind).contains(&i));
    if !is_real(kind, row) && !is_flag {
        return Some("padding says nothing on any bus, whatever its cells");
    }
    match (kind, column) {
        (Kind::Arith | Kind::Logic | Kind::Compare, "rs2.prev") if cell("is_imm") == Some(F::ONE) => {
            Some("an immediate has no previous access")
        }
        (Kind::Page, "time[2]") if cell("is_last") == Some(F::ONE) => {
            Some("the last block of a page has two words; nothing is taken of the third")
        }
        _ => None,
    }
}
