//! A forger that repairs: from forged rows on it changes other cells, one by one, until nothing complains any more.
//!
//! Each step takes one complaint, a violated constraint, a question without an answer or a tuple that is not there to
//! take, and tries every cell that it speaks of in degree 3 at most, as all constraints but some of `poseidon2` do: the
//! values of such a cell that satisfy one are roots that can be found. A cell is changed once on a path; the paths with the fewest complaints go first.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};

use p3_field::{Field, PrimeCharacteristicRing, PrimeField32};

use crate::F;
use crate::bus::{BYTE, MEMORY, NODE, POSEIDON2, PROGRAM, RANGE, STATE};
use crate::check::formula::{Cell, Cubic, Formula};
use crate::check::judge::{Judge, Report, Rows, Verdict};
use crate::check::row::{Message, Said};
use crate::check::sheet::sheet;
use crate::emit::Role;
use crate::layout::DIGEST;
use crate::tables::poseidon2::{self, STATE as PERMUTATION};

/// A cell of some rows: row and column.
pub type Place = (usize, usize);

/// Something wrong with forged rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Complaint {
    /// Row and number of a violated constraint.
    Violated(usize, usize),
    /// A message, by row and number of its interaction, whose tuple nobody answers or has to give.
    Unheard(usize, usize),
}

/// What a search may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Complaints taken up.
    pub steps: usize,
    /// Cells changed on one path.
    pub depth: usize,
    /// Ways followed out of one complaint: those by the last columns, which are what the others amount to.
    pub breadth: usize,
}

/// A path that is still to be followed.
#[derive(Clone)]
struct Path {
    rows: Rows,
    report: Report,
    complaints: Vec<Complaint>,
    moved: Vec<Place>,
}

/// Looks for rows that are accepted and lie or miscount, from forged rows on whose `moved` cells stay as they are; each rows that are
/// judged on the way are paid for.
pub fn repair(
    judge: &Judge<'_>,
    rows: Rows,
    moved: Vec<Place>,
    budget: Budget,
    purse: &mut usize,
) -> Option<(Rows, Verdict)> {
    // By cost, of the same cost the older ones first.
    let mut paths: BTreeMap<(usize, usize), Path> = BTreeMap::new();
    let mut seen = HashSet::new();
    let mut forged = vec![(rows, moved)];
    for step in 0..=budget.steps {
        for (rows, moved) in forged {
            let report = judge.report(&rows);
            *purse = purse.saturating_sub(1);
            let verdict = judge.verdict_on(&report);
            if matches!(verdict, Verdict::Lie(_) | Verdict::Miscounts(_)) {
                return Some((rows, verdict));
            }
            let complaints = complaints(judge, &report);
            if !complaints.is_empty() && moved.len() < budget.depth && seen.insert(rows.cells.clone()) {
                let cost = complaints.len() + moved.len() / 2;
                paths.insert((cost, seen.len()), Path { rows, report, complaints, moved });
            }
        }
        if *purse == 0 || step == budget.steps {
            break;
        }
        let (_, path) = paths.pop_first()?;
        let change = |(place, value): (Place, F)| {
            let mut rows = path.rows.clone();
            rows.cells[place.0][place.1] = value;
            (rows, path.moved.iter().copied().chain([place]).collect())
        };
        forged = options(judge, &path, budget.breadth).into_iter().map(change).collect();
    }
    None
}

fn complaints(judge: &Judge<'_>, report: &Report) -> Vec<Complaint> {
    let violated = report.violated.iter().map(|&(row, constraint)| Complaint::Violated(row, constraint));
    // Rows that speak more than once are a lie already, whoever hears them.
    let speaks_too_often = report.said.iter().any(|said| !judge.is_count_as_promised(&said.message));
    let is_unheard = |said: &&Said| !speaks_too_often && !wanted(judge, report, said).is_empty();
    let unheard = report.said.iter().filter(is_unheard);
    violated.chain(unheard.map(|said| Complaint::Unheard(said.row, said.message.interaction))).collect()
}

/// The tuples that a message could rather be, if it cannot be what it is; of a question about a range or a byte the
/// tuple itself, since there are many.
fn wanted(judge: &Judge<'_>, report: &Report, said: &Said) -> Vec<Vec<F>> {
    let message = &said.message;
    match sheet(judge.kind()).interactions[message.interaction].role {
        Role::Ask if judge.is_answerable(message) => Vec::new(),
        Role::Ask if message.bus == PROGRAM => {
            judge.program_row(message.tuple[0].as_canonical_u32()).map(|row| row.to_vec()).into_iter().collect()
        }
        Role::Ask if message.bus == POSEIDON2 => vec![permuted(&message.tuple)],
        Role::Ask => vec![message.tuple.clone()],
        Role::Take if message.bus == MEMORY || message.bus == STATE => taken(judge, report, message),
        Role::Take | Role::Give if message.bus == NODE => {
            let Some(fixed) = judge.fixed(message) else { return Vec::new() };
            let kept = if message.count == F::ONE { 0..2 + DIGEST } else { 2 + DIGEST..message.tuple.len() };
            let mut tuple = message.tuple.clone();
            tuple[kept.clone()].copy_from_slice(&fixed[kept]);
            Some(tuple).filter(|tuple| *tuple != message.tuple).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// What a take could take: the word as the rest of the run left it, or what the rows themselves give.
fn taken(judge: &Judge<'_>, report: &Report, message: &Message) -> Vec<Vec<F>> {
    let Some(fixed) = judge.fixed(message) else { return Vec::new() };
    let same = |other: &&Said| other.message.bus == message.bus && other.message.tuple[0] == message.tuple[0];
    let given = report.said.iter().filter(same).map(|said| &said.message).filter(|given| given.count == F::ONE);
    let all: Vec<Vec<F>> = given.map(|given| given.tuple.clone()).chain([fixed.to_vec()]).collect();
    if all.contains(&message.tuple) { Vec::new() } else { all }
}

fn permuted(tuple: &[F]) -> Vec<F> {
    let input: [F; PERMUTATION] = core::array::from_fn(|i| tuple[i]);
    input.into_iter().chain(poseidon2::permuted(input)).collect()
}

/// What to change next: all that might settle the complaint that fewest cells can settle.
fn options(judge: &Judge<'_>, path: &Path, breadth: usize) -> Vec<(Place, F)> {
    let mut complaints = path.complaints.clone();
    complaints.sort_by_key(|complaint| cells_of(judge, *complaint));
    let mut best = Vec::new();
    for complaint in complaints {
        let options = settle(judge, path, complaint);
        if !options.is_empty() && (best.is_empty() || options.len() < best.len()) {
            best = options;
        }
        if best.len() == 1 {
            break;
        }
    }
    best.sort_by_key(|((row, column), _)| Reverse((*column, *row)));
    best.truncate(breadth);
    best
}

/// How many cells a complaint is about.
fn cells_of(judge: &Judge<'_>, complaint: Complaint) -> usize {
    match complaint {
        Complaint::Violated(_, constraint) => sheet(judge.kind()).constraints[constraint].formula.cells().len(),
        Complaint::Unheard(_, interaction) => sheet(judge.kind()).interactions[interaction].cells().count(),
    }
}

fn settle(judge: &Judge<'_>, path: &Path, complaint: Complaint) -> Vec<(Place, F)> {
    match complaint {
        Complaint::Violated(row, constraint) => {
            let formula = &sheet(judge.kind()).constraints[constraint].formula;
            let mut found = solve(judge, path, row, formula, F::ZERO);
            // What is 0 or 1 may be the other one, even if that is only half of what it takes.
            for place in formula.cells().iter().filter(|cell| sheet(judge.kind()).booleans.contains(&cell.column)) {
                let place = (row + place.offset, place.column);
                if place.0 < path.rows.cells.len() && !path.moved.contains(&place) {
                    let flipped = F::ONE - path.rows.cells[place.0][place.1];
                    if (flipped == F::ZERO || flipped == F::ONE) && !found.contains(&(place, flipped)) {
                        found.push((place, flipped));
                    }
                }
            }
            found
        }
        Complaint::Unheard(row, interaction) => {
            let is_it = |said: &&Said| (said.row, said.message.interaction) == (row, interaction);
            let Some(said) = path.report.said.iter().find(is_it) else { return Vec::new() };
            let spoken = &sheet(judge.kind()).interactions[interaction];
            let mut targets = Vec::new();
            for wanted in wanted(judge, &path.report, said) {
                targets.extend(element_targets(&said.message, &wanted));
            }
            let reach = |(element, target): (usize, F)| solve(judge, path, row, &spoken.tuple[element], target);
            targets.into_iter().flat_map(reach).collect()
        }
    }
}

/// Which element of a tuple should become what.
fn element_targets(message: &Message, wanted: &[F]) -> Vec<(usize, F)> {
    let at = |i: usize| message.tuple[i].as_canonical_u32();
    if message.bus == RANGE {
        let (bound, value) = (at(0), message.tuple[1]);
        if !bound.is_power_of_two() || bound > 1 << 16 {
            return (0..=16).map(|log| (0, F::from_u32(1 << log))).collect();
        }
        let moved =
            [1 << 16, 1 << 15, bound, 1 << 8].map(F::from_u32).into_iter().flat_map(|by| [value + by, value - by]);
        let targets = [0, at(1) % bound, bound - 1].map(F::from_u32).into_iter().chain(moved);
        return targets.filter(|target| target.as_canonical_u32() < bound).map(|target| (1, target)).collect();
    }
    if message.bus == BYTE {
        let [a, b] = [at(0), at(1)];
        return match () {
            () if a > 255 => vec![(0, F::from_u32(a % 256)), (0, F::ZERO)],
            () if b > 255 => vec![(1, F::from_u32(b % 256)), (1, F::ZERO)],
            () => vec![(2, F::from_u32(a & b))],
        };
    }
    let differs = (0..wanted.len()).find(|&i| wanted[i] != message.tuple[i]);
    differs.map(|i| (i, wanted[i])).into_iter().collect()
}

/// Values of a cell by which some constraint or question about it would hold in another way than it does.
pub fn other_ways(judge: &Judge<'_>, rows: &Rows, row: usize, cell: Cell) -> Vec<F> {
    let sheet = sheet(judge.kind());
    let context = judge.context(rows, row);
    let place = (row + cell.offset, cell.column);
    let Some(now) = rows.cells.get(place.0).map(|cells| cells[place.1]) else { return Vec::new() };
    let mut values = Vec::new();
    for stated in sheet.constraints.iter().filter(|stated| stated.formula.cells().contains(&cell)) {
        values.extend(stated.formula.try_in_cell(cell, &context).into_iter().flat_map(roots));
    }
    for said in judge.report(rows).said.iter().filter(|said| said.row == row && said.message.bus == RANGE) {
        let [bound, value] = sheet.interactions[said.message.interaction].tuple.as_slice() else { continue };
        if value.cells().contains(&cell) {
            let [bound, ..] = bound.in_cell(cell, &context);
            let polynomial = value.in_cell(cell, &context);
            for target in [F::ZERO, bound - F::ONE, bound.halve(), bound.halve() - F::ONE] {
                let [constant, rest @ ..] = polynomial;
                values.extend(roots([constant - target, rest[0], rest[1], rest[2]]));
            }
        }
    }
    values.retain(|value| *value != now);
    values
}

/// Changes of one cell by which a formula comes to the target.
fn solve(judge: &Judge<'_>, path: &Path, row: usize, formula: &Formula, target: F) -> Vec<(Place, F)> {
    let mut found = Vec::new();
    for &cell in formula.cells() {
        let place = (row + cell.offset, cell.column);
        if place.0 < path.rows.cells.len() && !path.moved.contains(&place) {
            let context = judge.context(&path.rows, row);
            let Some(mut polynomial) = formula.try_in_cell(cell, &context) else { continue };
            polynomial[0] -= target;
            let now = path.rows.cells[place.0][place.1];
            found.extend(roots(polynomial).into_iter().filter(|root| *root != now).map(|root| (place, root)));
        }
    }
    found
}

/// Roots of a polynomial; none of the zero polynomial, and of one of degree 3 only those beside a small one.
fn roots([mut c0, mut c1, mut c2, c3]: Cubic) -> Vec<F> {
    let mut roots = Vec::new();
    if c3 != F::ZERO {
        let value = |x: F| ((c3 * x + c2) * x + c1) * x + c0;
        let Some(root) = [0, 1, -1, 2, -2].map(F::from_i32).into_iter().find(|&x| value(x) == F::ZERO) else {
            return roots;
        };
        roots.push(root);
        // The rest of the division by x - root.
        let linear = c2 + c3 * root;
        (c0, c1, c2) = (c1 + linear * root, linear, c3);
    }
    if c2 != F::ZERO {
        if let Some(square_root) = (c1.square() - c2 * c0 * F::from_u32(4)).try_sqrt() {
            let scale = c2.double().inverse();
            roots.extend([square_root, -square_root].map(|root| (root - c1) * scale));
        }
    } else if c1 != F::ZERO {
        roots.push(-c0 / c1);
    }
    roots.dedup();
    roots
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_are_roots() {
        let [one, two, three, five] = [1, 2, 3, 5].map(F::from_u32);
        let sorted = |polynomial: Cubic| {
            let mut found = roots(polynomial);
            found.sort_unstable_by_key(F::as_canonical_u32);
            found
        };
        assert_eq!(sorted([-five, two, F::ZERO, F::ZERO]), [five.halve()]);
        // 3 (x - 2) (x - 5), then x (x - 1) (x + 1).
        assert_eq!(sorted([three * two * five, -three * (two + five), three, F::ZERO]), [two, five]);
        assert_eq!(sorted([F::ZERO, -one, F::ZERO, one]), [F::ZERO, one, F::NEG_ONE]);
        assert!(sorted([F::ZERO; 4]).is_empty() && sorted([one, F::ZERO, F::ZERO, F::ZERO]).is_empty());
        // 3 generates the field, so it is no square.
        assert!(sorted([-three, F::ZERO, one, F::ZERO]).is_empty());
    }
}
