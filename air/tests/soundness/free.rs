//! The reviewed list: cells that may take any value, with the reason why that forges nothing. On rows in use there is
//! none.

use air::F;
use air::kind::Kind;

use crate::runs::{flag_columns, is_real};

/// The reason why a cell may be free, if it is on the list.
pub fn reason(kind: Kind, column: &str, row: &[F]) -> Option<&'static str> {
    let names = kind.column_names();
    let number = |name: &str| names.iter().position(|other| other == name);
    let is_flag = number(column).is_some_and(|i| flag_columns(kind).contains(&i));
    if !is_real(kind, row) && !is_flag {
        return Some("padding says nothing on any bus, whatever its cells, as long as its constraints hold");
    }
    None
}
