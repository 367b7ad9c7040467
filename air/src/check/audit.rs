//! Does anything notice if a part of a table is missing? Some forger must then get through that did not before.

use std::collections::BTreeSet;

use p3_field::{Field, PrimeCharacteristicRing, PrimeField32};

use crate::F;
use crate::bus::{MEMORY, PROGRAM};
use crate::check::deletion::{Deletion, NOTHING, Part};
use crate::check::formula::{Cell, Formula};
use crate::check::judge::{Judge, Report, Rows, Verdict};
use crate::check::lie::{RowLie, columns, fixed_columns, flag_columns};
use crate::check::mutation::mutants_of;
use crate::check::search::{Budget, Place, other_ways, repair};
use crate::check::sheet::sheet;
use crate::emit::Role;
use crate::kind::Kind;
use crate::rom::Rom;
use crate::table::Table;

/// Honest rows to start from, and lies about them.
#[derive(Clone, Debug)]
pub struct Sample<'a> {
    /// Their table.
    pub table: Table,
    /// The program.
    pub rom: &'a Rom,
    /// The public values.
    pub public: &'a [F],
    /// The rows.
    pub rows: Rows,
    /// Lies about them.
    pub lies: Vec<RowLie>,
    /// The cells of other honest rows of the table.
    pub others: Vec<Vec<F>>,
    /// Whether the machine faults there: the rows are not honest, and none that go on are.
    pub faults: bool,
}

/// How something that was left out let a lie through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exploit {
    /// Who found it.
    pub by: &'static str,
    /// What was changed.
    pub change: String,
    /// What the accepted rows say.
    pub claim: String,
}

/// Who finds rows that say something otherwise than once, by whatever forger.
pub const COUNT: &str = "count";

/// What the claim of an exploit starts with that needs nothing left out.
pub const HOLE: &str = "a hole:";

/// The forgers, from the cheapest on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forger {
    /// One cell, or the cells of a lie, and nothing else.
    Plain,
    /// The same with the search behind it.
    Searching(Reach, Budget),
    /// The honest rows, which say less than they did.
    Silence,
    /// One cell that may now be what it could not be, though nothing else is claimed with it.
    Free,
}

/// From which rows a search sets out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The honest ones with some cell of what was left out changed.
    Near,
    /// Those of a lie.
    Far,
    /// Those of another honest row of the table.
    Crossed,
}

impl Forger {
    /// A short name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "mutant",
            Self::Searching(..) => "search",
            Self::Silence => "silence",
            Self::Free => "free",
        }
    }
}

/// Cells of honest rows, and what they become.
type Change = (Vec<Place>, Vec<F>);

/// Forged rows to set out from.
struct Start {
    /// Who forges them.
    by: &'static str,
    /// What they pretend to be, unless it is said by the cells that were moved.
    what: Option<String>,
    rows: Rows,
    moved: Vec<Place>,
}

/// What a forger makes of a sample of a table from which a part was left out; the purse says how many rows a search
/// may still judge.
pub fn exploit(sample: &Sample<'_>, part: &Part, forger: Forger, purse: &mut usize) -> Option<Exploit> {
    let kind = sample.table.kind();
    let deletion = Deletion::of(kind, part);
    let mut judge = Judge::new(&sample.table, sample.rom, sample.public, &deletion, &sample.rows);
    if sample.faults {
        judge.expect_nothing();
    }
    if kind == Kind::Page {
        judge.expect_pages();
    }
    if forger == Forger::Silence {
        let claim = "the honest rows leave something open".to_owned();
        let is_silenced = !sample.faults && judge.is_silenced(&sample.rows);
        return is_silenced.then(|| Exploit { by: "silence", change: "nothing".to_owned(), claim });
    }
    let whole = judge.with(&NOTHING);
    // Of rows that are honest for the whole table it is the missing part alone that says something else.
    let confirmed = |rows: &Rows, verdict: Verdict, by: &'static str| {
        let by = if matches!(verdict, Verdict::Miscounts(_)) { COUNT } else { by };
        let claim = verdict.escaped()?;
        match whole.verdict(rows) {
            Verdict::Rejected => Some((by, claim)),
            Verdict::Same => None,
            Verdict::Lie(_) | Verdict::Miscounts(_) => Some((by, format!("{HOLE} {claim}"))),
        }
    };
    let starts = |reach| match reach {
        Reach::Near => near(&judge, sample, &deletion, forger),
        Reach::Far => far(sample, forger),
        Reach::Crossed => crossed(sample, &deletion, forger),
    };
    let reaches = match forger {
        Forger::Searching(reach, _) => vec![reach],
        _ => vec![Reach::Near, Reach::Far, Reach::Crossed],
    };
    for Start { by, what, rows, moved } in reaches.into_iter().flat_map(starts) {
        let forged = |rows: &Rows| what.clone().unwrap_or_else(|| cells_in_words(kind, rows, &moved));
        let (change, found) = match forger {
            Forger::Searching(..) if *purse == 0 => return None,
            Forger::Searching(_, budget) => {
                let change = forged(&rows);
                let found = repair(&judge, rows, moved, budget, purse);
                (change, found.and_then(|(rows, verdict)| confirmed(&rows, verdict, by)))
            }
            _ => {
                let found = match judge.verdict(&rows) {
                    Verdict::Same if forger == Forger::Free && whole.verdict(&rows) == Verdict::Rejected => {
                        Some((by, "the same by other cells".to_owned()))
                    }
                    verdict => confirmed(&rows, verdict, by),
                };
                (if found.is_some() { forged(&rows) } else { String::new() }, found)
            }
        };
        if let Some((by, claim)) = found {
            return Some(Exploit { by, change, claim });
        }
    }
    None
}

fn cells_in_words(kind: Kind, rows: &Rows, places: &[Place]) -> String {
    let names = kind.column_names();
    let cell = |&(row, column): &Place| format!("{row}.{}={}", names[column], rows.cells[row][column]);
    places.iter().map(cell).collect::<Vec<_>>().join(" ")
}

/// The honest rows with some cells of what was left out changed.
fn near(judge: &Judge<'_>, sample: &Sample<'_>, deletion: &Deletion, forger: Forger) -> Vec<Start> {
    let kind = judge.kind();
    let is_search = matches!(forger, Forger::Searching(..));
    let mut changes = single(judge, &sample.rows, deletion, is_search);
    changes.extend(combined(deletion, kind, &sample.rows));
    let flags = other_flags(judge, sample, deletion).into_iter();
    changes.extend(flags.take(if is_search { FEW_FLAGS } else { usize::MAX }));
    changes.extend(own_tuples(judge, sample).into_iter().filter(|(places, _)| !is_search || places.len() == 1));
    let start = |(moved, values): Change| {
        let mut rows = sample.rows.clone();
        for (&(row, column), &value) in moved.iter().zip(&values) {
            rows.cells[row][column] = value;
        }
        Start { by: forger.name(), what: None, rows, moved }
    };
    let mut starts: Vec<Start> = changes.into_iter().map(start).collect();
    if sample.faults {
        let what = Some("an instruction that faults".to_owned());
        starts.push(Start { by: forger.name(), what, rows: sample.rows.clone(), moved: Vec::new() });
    }
    starts
}

/// Rows that lie.
fn far(sample: &Sample<'_>, forger: Forger) -> Vec<Start> {
    let is_search = matches!(forger, Forger::Searching(..));
    let is_tried = |(i, lie): &(usize, &RowLie)| !is_search || i % 16 == 0 || !lie.of_many;
    let lies = sample.lies.iter().enumerate().filter(is_tried).map(|(_, lie)| lie);
    let lie = |lie: &RowLie| {
        let (what, rows, moved) = (Some(lie.what.clone()), lie.rows.clone(), lie.claims.clone());
        Start { by: "liar", what, rows, moved }
    };
    lies.map(lie).collect()
}

/// Rows that pretend to be others.
fn crossed(sample: &Sample<'_>, deletion: &Deletion, forger: Forger) -> Vec<Start> {
    let kind = sample.table.kind();
    let is_search = matches!(forger, Forger::Searching(..));
    let few = is_search && booleans_of(deletion, kind).len() <= FEW_BOOLEANS;
    let combined = if few { combined(deletion, kind, &sample.rows) } else { Vec::new() };
    let mut starts = Vec::new();
    for (other, rows) in others(kind, sample) {
        for (moved, values) in &combined {
            // What the part speaks of is the row's own, but for two of the booleans.
            let mut rows = rows.clone();
            for column in columns_of(deletion, kind) {
                rows.cells[0][column] = sample.rows.cells[0][column];
            }
            moved.iter().zip(values).for_each(|(place, value)| rows.cells[0][place.1] = *value);
            let what = Some(format!("as row {other}, other bits"));
            starts.push(Start { by: "crossed", what, rows, moved: moved.clone() });
        }
        starts.push(Start { by: "crossed", what: Some(format!("as row {other}")), rows, moved: Vec::new() });
    }
    starts
}

/// Rows that pretend to meet other operands, or to be of another operation: all cells of another row but those that the
/// rest of the run fixes, and once without the flags.
fn others(kind: Kind, sample: &Sample<'_>) -> Vec<(usize, Rows)> {
    let (fixed, flags) = (fixed_columns(kind), flag_columns(kind));
    let mut others = Vec::new();
    for (number, other) in sample.others.iter().enumerate() {
        for kept in [fixed.clone(), [fixed.as_slice(), &flags].concat()] {
            let mut rows = sample.rows.clone();
            for column in (0..rows.cells[0].len()).filter(|column| !kept.contains(column)) {
                rows.cells[0][column] = other[column];
            }
            others.push((number, rows));
        }
    }
    others
}

/// Changes of one of the cells that a part speaks of.
fn single(judge: &Judge<'_>, rows: &Rows, deletion: &Deletion, few: bool) -> Vec<Change> {
    let cells: BTreeSet<&Cell> = formulas_of(deletion, judge.kind()).flat_map(Formula::cells).collect();
    let mut changes = Vec::new();
    for (row, &cell) in (0..rows.cells.len()).flat_map(|row| cells.iter().map(move |cell| (row, *cell))) {
        let place = (row + cell.offset, cell.column);
        if place.0 < rows.cells.len() {
            let values = values(judge, rows, row, cell, few).into_iter();
            changes.extend(values.map(|value| (vec![place], vec![value])));
        }
    }
    changes
}

/// What a part says, constraints or the tuple and the count of an interaction.
fn formulas_of(deletion: &Deletion, kind: Kind) -> impl Iterator<Item = &'static Formula> {
    let sheet = sheet(kind);
    let spoken = deletion.interaction.map(|number| &sheet.interactions[number]);
    let constraints = deletion.constraints.iter().map(|&number| &sheet.constraints[number].formula);
    constraints.chain(spoken.into_iter().flat_map(|spoken| spoken.tuple.iter().chain([&spoken.count])))
}

/// The columns that a part speaks of, in the rows themselves.
fn columns_of(deletion: &Deletion, kind: Kind) -> Vec<usize> {
    columns(formulas_of(deletion, kind).flat_map(Formula::cells).filter(|cell| cell.offset == 0))
}

/// More booleans than these are not all combined with each other.
const FEW_BOOLEANS: usize = 8;

/// Wrong flags from which a search sets out; the others are tried without one.
const FEW_FLAGS: usize = 100;

/// The booleans that a part speaks of.
fn booleans_of(deletion: &Deletion, kind: Kind) -> Vec<usize> {
    let columns = columns_of(deletion, kind).into_iter();
    columns.filter(|column| sheet(kind).booleans.contains(column)).collect()
}

/// Some of the booleans that a part speaks of, changed together.
fn combined(deletion: &Deletion, kind: Kind, rows: &Rows) -> Vec<Change> {
    let columns = booleans_of(deletion, kind);
    let mut starts = Vec::new();
    // All of a handful.
    if columns.len() <= 4 {
        for bits in 0..1 << columns.len() {
            let set = columns.iter().enumerate().map(|(i, &column)| (column, F::from_bool(bits >> i & 1 == 1)));
            let changed: Vec<(usize, F)> = set.filter(|(column, value)| rows.cells[0][*column] != *value).collect();
            if changed.len() > 1 {
                starts.push(changed.into_iter().map(|(column, value)| ((0, column), value)).unzip());
            }
        }
    }
    // Two of more; of many, such as the bits of a word, neighbours only.
    let reach = if columns.len() <= FEW_BOOLEANS { columns.len() } else { 1 };
    for (i, &one) in columns.iter().enumerate() {
        for &other in &columns[i.saturating_sub(reach)..i] {
            let [x, y] = [one, other].map(|column| rows.cells[0][column]);
            // Both 1, exchanged, or one more in one for two less in the other, as if they were bits of a number.
            for values in [[F::ONE, F::ONE], [y, x], [x - F::ONE, y + F::TWO], [x + F::ONE, y - F::TWO]] {
                if values != [x, y] {
                    starts.push((vec![(0, one), (0, other)], values.to_vec()));
                }
            }
        }
    }
    starts
}

/// Flags that are none, by which the row is still one row and of the same operation.
fn other_flags(judge: &Judge<'_>, sample: &Sample<'_>, deletion: &Deletion) -> Vec<Change> {
    let sheet = sheet(judge.kind());
    let Some(asked) = sheet.interactions.iter().find(|spoken| spoken.bus == PROGRAM && spoken.role == Role::Ask) else {
        return Vec::new();
    };
    let context = judge.context(&sample.rows, 0);
    let forms = [&asked.count, &asked.tuple[2]];
    let slope = |form: &Formula, column: usize| form.in_cell(Cell { offset: 0, column }, &context)[1];
    let flags = flag_columns(judge.kind());
    let spoken = columns_of(deletion, judge.kind());
    let part: Vec<usize> = flags.iter().copied().filter(|flag| spoken.contains(flag)).collect();
    let steps = [1, -1, 2, -2, 3].map(F::from_i32);
    let steps = steps.into_iter().chain([2, -2, 4, -4, 3].map(|by| F::from_i32(by).inverse()));
    let steps: Vec<F> = steps.collect();
    let mut starts = Vec::new();
    for &first in &part {
        for (i, &second) in flags.iter().enumerate().filter(|(_, second)| **second != first) {
            for &third in flags[i + 1..].iter().filter(|third| **third != first) {
                let [u, v] = forms.map(|form| [first, second, third].map(|flag| slope(form, flag)));
                let direction = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
                let Some(scale) = direction[0].try_inverse() else { continue };
                let moves = [first, second, third].into_iter().zip(direction.map(|by| by * scale));
                let moves: Vec<(usize, F)> = moves.filter(|(_, by)| *by != F::ZERO).collect();
                for &step in &steps {
                    let value = |&(flag, by): &(usize, F)| sample.rows.cells[0][flag] + by * step;
                    let places = moves.iter().map(|(flag, _)| (0, *flag)).collect();
                    starts.push((places, moves.iter().map(value).collect()));
                }
            }
        }
    }
    // Those that could be flags of another row come first.
    let is_flag = |value: &F| *value == F::ZERO || *value == F::ONE;
    starts.sort_by_cached_key(|(places, values): &Change| {
        (
            values.iter().filter(|value| !is_flag(value)).count(),
            places.clone(),
            values.iter().map(F::as_canonical_u32).collect::<Vec<_>>(),
        )
    });
    starts.dedup();
    starts
}

/// Values to try for a cell: few if a search goes on from there.
fn values(judge: &Judge<'_>, rows: &Rows, row: usize, cell: Cell, few: bool) -> Vec<F> {
    let honest = rows.cells[row + cell.offset][cell.column];
    // 509 / 0xffff: its multiples by 2^15 and by 0xffff are both small, a sign that is no bit.
    // 2^16 times 0x7f00 is -1, a carry that is not small.
    let fractions = [F::TWO.inverse(), F::from_u32(509) / F::from_u32(0xffff), F::from_u32(0x7f00)];
    // A byte takes from its neighbour, and gives to it.
    let byte = F::from_u32(1 << 8);
    let mut values =
        vec![F::ZERO, F::ONE, F::NEG_ONE, F::TWO, honest + F::ONE, honest - F::ONE, honest + byte, honest - byte];
    if !few {
        values.extend([-2, 3, -3, 255, 256, 1 << 15, 0xffff].map(F::from_i32));
        values.extend(mutants_of(honest));
    }
    values.extend(fractions);
    values.extend(other_ways(judge, rows, row, cell));
    values.sort_unstable_by_key(F::as_canonical_u32);
    values.dedup();
    values.retain(|value| *value != honest);
    values
}

/// Accesses that take what the row itself gives, at the time at which it gives it, with a value of their own.
fn own_tuples(judge: &Judge<'_>, sample: &Sample<'_>) -> Vec<Change> {
    let sheet = sheet(judge.kind());
    let report: Report = judge.report(&sample.rows);
    let memory = || report.said.iter().filter(|said| said.message.bus == MEMORY);
    let mut starts = Vec::new();
    for taken in memory().filter(|said| said.message.count == F::NEG_ONE) {
        let spoken = &sheet.interactions[taken.message.interaction];
        let [time] = spoken.tuple[1].cells() else { continue };
        let given =
            memory().filter(|said| said.message.count == F::ONE && said.message.tuple[0] == taken.message.tuple[0]);
        for given in given {
            let place = (taken.row + time.offset, time.column);
            let now = sample.rows.cells[place.0][place.1];
            let time = now + given.message.tuple[1] - taken.message.tuple[1];
            starts.push((vec![place], vec![time]));
            for cell in spoken.tuple[2..].iter().flat_map(Formula::cells) {
                let value = (taken.row + cell.offset, cell.column);
                let now = sample.rows.cells[value.0][value.1];
                for step in [F::ONE, F::NEG_ONE] {
                    starts.push((vec![place, value], vec![time, now + step]));
                }
            }
        }
    }
    starts
}
