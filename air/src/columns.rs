//! Named columns: a struct of one table's cells, read from a row and written to it in declaration order.
//!
//! A field is one cell (`pc`), an array of cells (`value: [4]`), a nested group (`rs1: Read`) or one whose columns are
//! named as if they stood in the row itself (`frame: (Binary)`). The same struct serves as row of field elements when
//! filling and as row of variables when constraining, and its field names are the column names that a failing check
//! prints.

use alloc::string::String;
use alloc::vec::Vec;

/// A group of columns over cells of type `T`.
pub trait Columns<T: Copy>: Sized {
    /// Number of cells.
    const WIDTH: usize;

    /// Takes the next `WIDTH` cells.
    ///
    /// # Panics
    /// If the row is shorter than the group: a width mismatch is a bug of this crate, never an input.
    fn take(cells: &mut impl Iterator<Item = T>) -> Self;

    /// Puts the cells into the next `WIDTH` places.
    fn put(&self, places: &mut impl FnMut(T));

    /// Appends the names of the cells, each behind `prefix`.
    fn names(prefix: &str, names: &mut Vec<String>);

    /// The group from a whole row.
    #[inline(always)]
    fn from_row(row: &[T]) -> Self {
        Self::take(&mut row.iter().copied())
    }

    /// Writes the group over a whole row.
    #[inline(always)]
    fn write(&self, row: &mut [T]) {
        let mut places = row.iter_mut();
        self.put(&mut |cell| *places.next().expect("a row has the width of its columns") = cell);
    }
}

/// Declares a struct of columns; see the module documentation for the kinds of field.
#[macro_export]
macro_rules! columns {
    ($(#[$meta:meta])* $vis:vis struct $name:ident {
        $( $(#[$field_meta:meta])* $field:ident $(: $kind:tt)? ),* $(,)?
    }) => {
        $(#[$meta])*
        $vis struct $name<T> {
            $( $(#[$field_meta])* pub $field: $crate::columns!(@type T $($kind)?) ),*
        }

        // Not derived: the compiler does not look through the macros that stand for the types.
        impl<T: Copy> Clone for $name<T> {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<T: Copy> Copy for $name<T> {}

        impl<T: Copy + Default> Default for $name<T> {
            fn default() -> Self {
                $crate::columns::Columns::take(&mut core::iter::repeat(T::default()))
            }
        }

        impl<T: Copy + core::fmt::Debug> core::fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                let (mut names, mut cells) = ($crate::alloc::vec::Vec::new(), $crate::alloc::vec::Vec::new());
                <Self as $crate::columns::Columns<T>>::names("", &mut names);
                $crate::columns::Columns::put(self, &mut |cell| cells.push(cell));
                f.debug_map().entries(names.iter().zip(cells)).finish()
            }
        }

        impl<T: Copy> $crate::columns::Columns<T> for $name<T> {
            const WIDTH: usize = 0 $( + $crate::columns!(@width T $($kind)?) )*;

            #[inline(always)]
            fn take(cells: &mut impl Iterator<Item = T>) -> Self {
                Self { $( $field: $crate::columns!(@take cells, T $($kind)?) ),* }
            }

            #[inline(always)]
            fn put(&self, places: &mut impl FnMut(T)) {
                $( $crate::columns!(@put places, self.$field, $($kind)?); )*
            }

            fn names(prefix: &str, names: &mut $crate::alloc::vec::Vec<$crate::alloc::string::String>) {
                $( $crate::columns!(@names prefix, $field, names, T $($kind)?); )*
            }
        }
    };
    (@type $t:ident) => { $t };
    (@type $t:ident [$n:expr]) => { [$t; $n] };
    (@type $t:ident $group:ident) => { $group<$t> };
    (@type $t:ident ($group:ident)) => { $group<$t> };
    (@width $t:ident) => { 1 };
    (@width $t:ident [$n:expr]) => { $n };
    (@width $t:ident $group:ident) => { <$group<$t> as $crate::columns::Columns<$t>>::WIDTH };
    (@width $t:ident ($group:ident)) => { $crate::columns!(@width $t $group) };
    (@take $cells:ident, $t:ident) => { $cells.next().expect("a row has the width of its columns") };
    (@take $cells:ident, $t:ident [$n:expr]) => {
        core::array::from_fn(|_| $cells.next().expect("a row has the width of its columns"))
    };
    (@take $cells:ident, $t:ident $group:ident) => {
        <$group<$t> as $crate::columns::Columns<$t>>::take($cells)
    };
    (@take $cells:ident, $t:ident ($group:ident)) => { $crate::columns!(@take $cells, $t $group) };
    (@put $places:ident, $cell:expr,) => { $places($cell) };
    (@put $places:ident, $cells:expr, [$n:expr]) => { $cells.iter().for_each(|&cell| $places(cell)) };
    (@put $places:ident, $cells:expr, $group:ident) => { $crate::columns::Columns::put(&$cells, $places) };
    (@put $places:ident, $cells:expr, ($group:ident)) => { $crate::columns!(@put $places, $cells, $group) };
    (@names $prefix:ident, $field:ident, $names:ident, $t:ident) => {
        $names.push($crate::alloc::format!("{}{}", $prefix, stringify!($field)))
    };
    (@names $prefix:ident, $field:ident, $names:ident, $t:ident [$n:expr]) => {
        (0..$n).for_each(|i| $names.push($crate::alloc::format!("{}{}[{i}]", $prefix, stringify!($field))))
    };
    (@names $prefix:ident, $field:ident, $names:ident, $t:ident $group:ident) => {
        <$group<$t> as $crate::columns::Columns<$t>>::names(
            &$crate::alloc::format!("{}{}.", $prefix, stringify!($field)),
            $names,
        )
    };
    (@names $prefix:ident, $field:ident, $names:ident, $t:ident ($group:ident)) => {
        <$group<$t> as $crate::columns::Columns<$t>>::names($prefix, $names)
    };
}
