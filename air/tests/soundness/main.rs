//! Forged traces of real programs: every changed cell is caught by a constraint or a bus.
//!
//! On every push a sample is swept: of each table some rows of each kind (each combination of flags, the first and the
//! last row, padding). Every row of every program is swept by `ZISK_FULL=1 cargo test -p air --test soundness`, which
//! takes up to an hour; `-- --nocapture` shows the mutation score of each table.

mod forgers;
mod mutation;
mod runs;
